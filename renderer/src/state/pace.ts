/** @file How fast a run goes and how long it still takes, from its last steps rather than from all of them. */
import type { RunSummary } from '../../../electron/contract/index.ts';
import type { StepColumns } from './step-columns.ts';

export type Pace = { step: number; secondsPerStep: number | null; secondsLeft: number | null };

/** Steps that the estimate looks back on: enough to be calm, few enough to follow a change. */
const lookBack = 20;

/** The pace of a run; before its first step what the summary says. */
export function paceOf(summary: RunSummary, columns: StepColumns): Pace {
  const step = Math.max(summary.step, columns.lastStep);
  const seconds = columns.column('secondsTotal').subarray(-lookBack);
  if (seconds.length === 0) return { step, secondsPerStep: summary.secondsPerStep, secondsLeft: summary.secondsLeft };
  const secondsPerStep = seconds.reduce((sum, value) => sum + value, 0) / seconds.length;
  return { step, secondsPerStep, secondsLeft: secondsPerStep * Math.max(0, summary.steps - step) };
}
