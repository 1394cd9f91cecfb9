/** @file How long the frames of a page took. */

/** A frame that took longer missed its place on a screen of 60 Hz (16.7 ms), with some allowance for the timer. */
const LONG_MS = 25;

export interface FrameTimes {
  frames: number;
  medianMs: number;
  p95Ms: number;
  worstMs: number;
}

export interface WatchedFrames extends FrameTimes {
  /** Frames that took longer than LONG_MS. */
  long: number;
}

/** @param times milliseconds from frame to frame */
export function frameTimesOf(times: readonly number[]): FrameTimes {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number => Number((sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1));
  return { frames: sorted.length, medianMs: at(0.5), p95Ms: at(0.95), worstMs: at(1) };
}

/** The same, with the number of long frames. */
export function watchedFramesOf(times: readonly number[]): WatchedFrames {
  return { ...frameTimesOf(times), long: times.filter((ms) => ms > LONG_MS).length };
}
