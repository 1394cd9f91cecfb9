/** @file How long a run will take, based only on measurements; without one there is no estimate. */
import type { RunSummary } from '../../../../electron/contract/api/index.ts';

/** Seconds per step that a run of the same model actually took, and the size of its steps. */
export type Measured = { runName: string; secondsPerStep: number; answersPerStep: number };

/** The newest run of a model with timed steps that learned the same way, by sampling answers or not. */
export function measuredRun(runs: readonly RunSummary[], modelId: string, samples: boolean): RunSummary | undefined {
  const timed = runs
    .filter((run) => run.modelId === modelId && run.secondsPerStep !== null && (run.method !== 'sft') === samples)
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  return timed[0];
}

/** The cost of a step is proportional to the number of answers generated and learned from. */
export function estimateSeconds(
  measured: Measured,
  plan: { steps: number; answersPerStep: number; runs: number },
): number {
  const perStep = measured.secondsPerStep * (plan.answersPerStep / Math.max(1, measured.answersPerStep));
  return perStep * plan.steps * plan.runs;
}
