/** @file The pace of a run and its remaining time, estimated from its last steps. */
import type { RunStatus, RunSummary } from '../../../../electron/contract/api/index.ts';
import type { StepColumns } from './step-columns.ts';

export type Pace = { step: number; secondsPerStep: number | null; secondsLeft: number | null };

/** Number of steps behind the estimate: enough to be stable, few enough to follow changes. */
const lookBack = 20;

/** The pace of a run; before its first step, the pace in its summary. */
export function paceOf(summary: RunSummary, columns: StepColumns): Pace {
  const step = Math.max(summary.step, columns.lastStep);
  const seconds = columns.column('secondsTotal').subarray(-lookBack);
  if (seconds.length === 0) return { step, secondsPerStep: summary.secondsPerStep, secondsLeft: summary.secondsLeft };
  const secondsPerStep = seconds.reduce((sum, value) => sum + value, 0) / seconds.length;
  return { step, secondsPerStep, secondsLeft: secondsPerStep * Math.max(0, summary.steps - step) };
}

export type StatusTime = { status: RunStatus; at: string };

/**
 * Seconds a run was active: from each start or resume until it ended or was stopped. Time
 * between stop and resume does not count. An active run counts up to `nowMs`. Null before the first start.
 */
export function activeSeconds(times: readonly StatusTime[], nowMs: number): number | null {
  let totalMs = 0;
  let sinceMs: number | null = null;
  let begun = false;
  for (const { status, at } of times) {
    const ms = new Date(at).getTime();
    if (status === 'running') {
      begun = true;
      sinceMs ??= ms;
    } else if (sinceMs !== null) {
      totalMs += ms - sinceMs;
      sinceMs = null;
    }
  }
  if (sinceMs !== null) totalMs += Math.max(0, nowMs - sinceMs);
  return begun ? totalMs / 1000 : null;
}
