/**
 * @file Why work must end. Every long task gets one AbortSignal whose reason is a `StopReason`: the code that ends the
 * work gives the reason, and the code that is stopped can report it to you.
 */

/**
 * - `requested`: somebody asked for it.
 * - `memory-limit`: the run used more memory than the settings allow.
 * - `abandoned`: nobody is waiting for the result any more.
 * - `closing`: Atelier is closing.
 */
export type StopKind = 'requested' | 'memory-limit' | 'abandoned' | 'closing';

const SENTENCES: Record<StopKind, string> = {
  requested: 'Stopped on request',
  'memory-limit': 'Stopped at the memory limit',
  abandoned: 'Stopped because nobody waited for it any more',
  closing: 'Stopped because Atelier was closed',
};

export class StopReason extends Error {
  readonly kind: StopKind;

  constructor(kind: StopKind) {
    super(SENTENCES[kind]);
    this.name = 'StopReason';
    this.kind = kind;
  }
}

/** Why a signal fired; null if it has not fired. */
export function stopReasonOf(signal: AbortSignal): StopReason | null {
  if (!signal.aborted) return null;
  return signal.reason instanceof StopReason ? signal.reason : new StopReason('requested');
}
