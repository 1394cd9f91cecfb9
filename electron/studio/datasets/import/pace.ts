/** @file Estimates the remaining time from the elapsed time. */

/** `{ secondsLeft }` once there is enough progress for an estimate; empty before. */
export function secondsLeftFrom(startedMs: number, done: number, total: number): { secondsLeft?: number } {
  if (done < 3) return {};
  const perItemMs = (Date.now() - startedMs) / done;
  return { secondsLeft: Math.max(0, Math.round(((total - done) * perItemMs) / 100) / 10) };
}
