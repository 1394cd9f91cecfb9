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
  const grpoD =
    betaMin < betaMax
      ? `For GRPO-D, use weights from ${betaMin} to ${betaMax}.`
      : 'These runs do not show a range for GRPO-D.';
  return [low, high, `For a sweep, use ${values.join(', ')}. ${grpoD}`];
}

/**
 * A sentence for runs in which the KL term made all of the gradient, or null if there are none.
 * @param shares of the gradient that the KL term made, one for each weight, 0…1
 */
export function deadShareText(shares: readonly number[]): string | null {
  if (!shares.includes(1)) return null;
  return 'A share of 100% says nothing about the KL weight: all answers to each question had the same reward, so the rewards made no gradient. Use more answers for each question, longer answers, or more steps.';
}
