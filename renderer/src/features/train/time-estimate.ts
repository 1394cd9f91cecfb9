/** @file How long a run will take, based only on measurements; without one there is no estimate. */
import type { RunSummary } from '../../../../electron/contract/api/index.ts';

/** Seconds per step that a run of the same model actually took, and the size of its steps. */
export type Measured = {
  runName: string;
  secondsPerStep: number;
  answersPerStep: number;
  /** The longest answer that could be written, in tokens; 0 = none was. */
  answerTokens: number;
};

/** The first steps also compile, so that the average over fewer steps than this says little about the next run. */
const FEWEST_STEPS = 10;

/** How much larger or smaller a step may be than the measured one. */
const MOST_RATIO = 2;

/** The newest run of a model with enough timed steps that learned the same way, by sampling answers or not. */
export function measuredRun(runs: readonly RunSummary[], modelId: string, samples: boolean): RunSummary | undefined {
  const timed = runs
    .filter(({ step, secondsPerStep }) => secondsPerStep !== null && step >= FEWEST_STEPS)
    .filter((run) => run.modelId === modelId && (run.method !== 'sft') === samples)
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  return timed[0];
}

/** Whether a planned step is enough like the measured one; a step has costs that do not grow with its answers. */
export function isComparable(
  measured: Pick<Measured, 'answersPerStep' | 'answerTokens'>,
  plan: { answersPerStep: number; answerTokens: number },
): boolean {
  return isNear(measured.answersPerStep, plan.answersPerStep) && isNear(measured.answerTokens, plan.answerTokens);
}

/** The cost of a step is proportional to the number of answers generated and learned from. */
export function estimateSeconds(
  measured: Pick<Measured, 'secondsPerStep' | 'answersPerStep'>,
  plan: { steps: number; answersPerStep: number; runs: number },
): number {
  const perStep = measured.secondsPerStep * (plan.answersPerStep / Math.max(1, measured.answersPerStep));
  return perStep * plan.steps * plan.runs;
}

function isNear(a: number, b: number): boolean {
  return Math.max(a, b) <= MOST_RATIO * Math.min(a, b);
}
