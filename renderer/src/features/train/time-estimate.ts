/** @file How long a run will take, based on measurements only; without one there is no estimate. */
import type { RunSummary } from '../../../../electron/contract/api/index.ts';

/** Seconds per step that a run of the same model really took, and what a step of it was. */
export type Measured = { runName: string; secondsPerStep: number; answersPerStep: number };

/** The newest run of a model whose steps were timed, of the same way of learning where there is one. */
export function measuredRun(runs: readonly RunSummary[], modelId: string, samples: boolean): RunSummary | undefined {
  const timed = runs
    .filter((run) => run.modelId === modelId && run.secondsPerStep !== null && (run.method !== 'sft') === samples)
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  return timed[0];
}

/** Steps cost in proportion to the answers that are written and learned from in each. */
export function estimateSeconds(
  measured: Measured,
  plan: { steps: number; answersPerStep: number; runs: number },
): number {
  const perStep = measured.secondsPerStep * (plan.answersPerStep / Math.max(1, measured.answersPerStep));
  return perStep * plan.steps * plan.runs;
}
