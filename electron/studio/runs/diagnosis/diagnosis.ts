/** @file The diagnosis of one run in progress: it checks every step and reports each finding once. */
import type { PairedVerdict } from '../../../contract/model/paired-comparison.ts';
import type { Recipe } from '../../../contract/model/recipe.ts';
import type { RunWarning, StepMetrics } from '../../../contract/model/runs.ts';
import { heldOutFalls, interimFalls, type HeldOut } from './held-out.ts';
import { rules, type Finding } from './rules.ts';

export class Diagnosis {
  readonly #recipe: Recipe;
  readonly #history: StepMetrics[];
  readonly #raised: Set<string>;

  /** @param known what was recorded earlier: the steps in order and the codes of warnings already given */
  constructor(recipe: Recipe, known: { steps?: readonly StepMetrics[]; codes?: Iterable<string> } = {}) {
    this.#recipe = recipe;
    this.#history = [...(known.steps ?? [])];
    this.#raised = new Set(known.codes);
  }

  /** The new warnings after one more step. */
  observe(metrics: StepMetrics): RunWarning[] {
    this.#history.push(metrics);
    return this.#fresh(
      rules.flatMap((rule) => rule(this.#history, this.#recipe) ?? []),
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

  #fresh(findings: readonly Finding[], step: number): RunWarning[] {
    return findings.filter(({ code }) => this.isNew(code)).map((finding) => ({ step, ...finding }));
  }
}

/** All warnings about the steps of a finished run, each at the step where it first applies. */
export function diagnose(recipe: Recipe, steps: readonly StepMetrics[]): RunWarning[] {
  const diagnosis = new Diagnosis(recipe);
  return steps.flatMap((step) => diagnosis.observe(step));
}
