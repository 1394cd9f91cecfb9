/** @file What a sweep found about the KL weight, in words. */
import type { KlRange } from '../contract/model/experiments.ts';

/** Sentences: where the KL weight begins to act, where it stops all movement, and what is worth trying. */
export function klRangeText({ noEffect, hardlyMoves, reached, values, betaMin, betaMax }: KlRange): string[] {
  const low = reached.low
    ? `Up to a KL weight of ${noEffect}, the KL term makes less than 1% of the gradient: it changes nothing.`
    : `Even the smallest weight, ${noEffect}, makes more than 1% of the gradient: smaller ones act too.`;
  const high = reached.high
    ? `From ${hardlyMoves} on, the model hardly moves: less than a tenth as far as with the smallest weight.`
    : `Even with the largest weight, ${hardlyMoves}, the model still moves: larger ones are possible.`;
  return [low, high, `For a sweep, use ${values.join(', ')}. For GRPO-D, use weights from ${betaMin} to ${betaMax}.`];
}
