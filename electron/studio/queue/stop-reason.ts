/**
 * @file Why work must end. Everything that takes long gets one AbortSignal, and the signal's reason is one of these:
 * whoever ends work says why, and whoever ends because of it can tell the person.
 */

/**
 * - `requested`: somebody asked for it.
 * - `memory-limit`: the run took more memory than the settings allow.
 * - `abandoned`: nobody waits for the result any more.
 * - `closing`: Atelier closes.
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

/** The reason for which a signal has fired; null while it has not. */
export function stopReasonOf(signal: AbortSignal): StopReason | null {
  if (!signal.aborted) return null;
  return signal.reason instanceof StopReason ? signal.reason : new StopReason('requested');
}
