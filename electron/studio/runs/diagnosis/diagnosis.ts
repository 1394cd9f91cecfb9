/** @file The diagnosis of one run in progress: it checks every step and reports each finding once. */
import type { PairedVerdict } from '../../../contract/model/paired-comparison.ts';
import type { Recipe } from '../../../contract/model/recipe.ts';
import { accuracyParamsOf } from '../../../contract/model/rewards.ts';
import type { RunWarning, StepMetrics } from '../../../contract/model/runs.ts';
import { faultsOfAnswers, type GivenAnswer } from '../../../rewards/answer-faults.ts';
import { heldOutFalls, interimFalls, type HeldOut } from './held-out.ts';
import { rules, type Finding } from './rules.ts';

/** Answers that a fault of answers is looked for in. */
const LAST_ANSWERS = 32;

export class Diagnosis {
  readonly #recipe: Recipe;
  readonly #history: StepMetrics[];
  readonly #raised: Set<string>;
  /** The last answers in training, for kinds of answer that can be partly right. */
  #answers: GivenAnswer[] = [];

  /** @param known what was recorded earlier: the steps in order and the codes of warnings already given */
  constructor(recipe: Recipe, known: { steps?: readonly StepMetrics[]; codes?: Iterable<string> } = {}) {
    this.#recipe = recipe;
    this.#history = [...(known.steps ?? [])];
    this.#raised = new Set(known.codes);
  }

  /** The new warnings after one more step; `answers` are those of the step, with their references. */
  observe(metrics: StepMetrics, answers: readonly GivenAnswer[] = []): RunWarning[] {
    this.#history.push(metrics);
    return this.#fresh(
      [...rules.flatMap((rule) => rule(this.#history, this.#recipe) ?? []), ...this.#answerFaults(answers)],
      metrics.step,
    );
  }

  /** The new warnings after the final evaluation; `verdict` is that of the run's comparison with its base. */
  observeHeldOut(base: HeldOut, tuned: HeldOut, verdict: PairedVerdict): RunWarning[] {
    const finding = heldOutFalls(this.#history, base, tuned, verdict);
    return this.#fresh(finding === null ? [] : [finding], this.#history.at(-1)?.step ?? 0);
  }

  /** The new warnings after an interim evaluation; `looks` holds all interim evaluations so far. */
  observeInterim(looks: readonly HeldOut[]): RunWarning[] {
    const finding = interimFalls(this.#history, looks);
    return this.#fresh(finding === null ? [] : [finding], this.#history.at(-1)?.step ?? 0);
  }

  /** True the first time a code is raised, whatever raises it. */
  isNew(code: string): boolean {
    if (this.#raised.has(code)) return false;
    this.#raised.add(code);
    return true;
  }

  #answerFaults(answers: readonly GivenAnswer[]): Finding[] {
    if (answers.length === 0) return [];
    this.#answers = [...this.#answers, ...answers].slice(-LAST_ANSWERS);
    if (this.#answers.length < LAST_ANSWERS) return [];
    const faults = faultsOfAnswers(this.#answers, accuracyParamsOf(this.#recipe.rewards));
    return faults.map(({ code, message }) => ({ code, severity: 'warning', message: `In training, ${message}` }));
  }

  #fresh(findings: readonly Finding[], step: number): RunWarning[] {
    return findings.filter(({ code }) => this.isNew(code)).map((finding) => ({ step, ...finding }));
  }
}

/** All warnings about the steps of a finished run, each at the step where it first applies. */
export function diagnose(recipe: Recipe, steps: readonly StepMetrics[]): RunWarning[] {
  const diagnosis = new Diagnosis(recipe);
  return steps.flatMap((step) => diagnosis.observe(step));
}
