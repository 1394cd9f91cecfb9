/** @file How long something will still take, from how long it took so far. */

/** `{ secondsLeft }` once there is something to judge by; empty before. */
export function secondsLeftFrom(startedMs: number, done: number, total: number): { secondsLeft?: number } {
  if (done < 3) return {};
  const perItemMs = (Date.now() - startedMs) / done;
  return { secondsLeft: Math.max(0, Math.round(((total - done) * perItemMs) / 100) / 10) };
}
