/**
 * @file Notices an engine that is alive but stands still. A long native call keeps the engine from answering, so silence
 * alone says nothing; but a process that works uses processor time, and one that hangs in a lock or was stopped does not.
 */
import type { Child } from '../../processes/child.ts';

export interface StandstillLimits {
  everyMs: number;
  /** After so many checks in a row without a message or processor time, the process counts as hung. */
  checks: number;
}

/** Two minutes. Checks are counted, not time: a machine that slept has checked nothing meanwhile. */
export const STANDSTILL: StandstillLimits = { everyMs: 10_000, checks: 12 };

/** What an idle process uses between checks: its clock ticks are 10 milliseconds. */
const IDLE_TICKS = 1;

/**
 * Calls `onStandstill` once if the process stands still while `isWaiting()`. Where the system does not tell how much
 * processor time a process has used (outside Linux), it never does.
 * @returns ends the watch
 */
export function watchForStandstill(
  child: Child,
  { everyMs, checks }: StandstillLimits,
  watch: { isWaiting: () => boolean; onStandstill: () => void },
): () => void {
  let still = 0;
  let ticks: number | null = null;
  child.onMessage(() => {
    still = 0;
  });
  const timer = setInterval(() => {
    const now = watch.isWaiting() ? (child.cpuTicks?.() ?? null) : null;
    const stands = now !== null && ticks !== null && now - ticks <= IDLE_TICKS;
    still = stands ? still + 1 : 0;
    ticks = now;
    if (still < checks) return;
    clearInterval(timer);
    watch.onStandstill();
  }, everyMs).unref();
  return () => clearInterval(timer);
}
