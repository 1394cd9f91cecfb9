/** @file All signals of an image as one verdict: any prohibition wins, and silence is never consent. */
import type { Signal, SignalVerdict } from '../../contract/model/signals.ts';

/** Kinds that a person supplied as evidence beside the image: their permission counts without a signature. */
const RECORDED_EVIDENCE = new Set<Signal['kind']>(['tdmrep', 'aipref']);

/** A prohibition of training. Terms count as one, since they are not met; captioning (`infer`) is not training. */
export function isAgainstTraining({ value, scope }: Pick<Signal, 'value' | 'scope'>): boolean {
  return scope !== 'infer' && (value === 'disallow' || value === 'constrained');
}

/**
 * Any disallow, whoever made it and in whatever state → opted out; else an allow by a trusted signer or from recorded
 * evidence → allowed, unless a statement could not be read; else unknown.
 */
export function combineSignals(signals: readonly Signal[]): SignalVerdict {
  if (signals.some(isAgainstTraining)) return 'opted-out';
  if (signals.some((signal) => signal.value === 'error')) return 'unknown';
  const allows = signals.some(
    ({ value, scope, trust, kind }) =>
      value === 'allow' && scope !== 'infer' && (trust === 'trusted' || RECORDED_EVIDENCE.has(kind)),
  );
  return allows ? 'allowed' : 'unknown';
}

/** The signals that led to an opt-out, as one sentence. */
export function reasonOf(signals: readonly Signal[]): string {
  const against = signals.filter(isAgainstTraining);
  const [first] = against;
  if (first === undefined) return '';
  const more = against.length === 1 ? '' : ` (and ${against.length - 1} more)`;
  return `${first.statement} Found in ${first.locator}${more}.`;
}
