/**
 * @file The one rule for "did it get better": answers to the same questions, paired question by question. The studio, the
 * exported documents and the demo all decide by it.
 */
import type { EvaluationItem } from '../contract/model/evaluations.ts';
import type { PairedComparison } from '../contract/model/paired-comparison.ts';
import type { SampleId } from '../contract/model/primitives.ts';
import { mcnemar, mcnemarChiSquared, pairedCounts, pairedDifference, type PairedCounts } from './statistics.ts';

/** A difference counts as real below this p. */
export const SIGNIFICANT = 0.05;
/** With fewer changed answers than this, only the exact test is used. */
const EXACT_BELOW = 25;

/** Judges the second set of answers against the first; null when they share no question. */
export function comparePaired(counts: PairedCounts): PairedComparison | null {
  const { both, onlyFirst: lost, onlySecond: gained, neither } = counts;
  const n = both + lost + gained + neither;
  if (n === 0) return null;
  const difference = pairedDifference(counts);
  const test: PairedComparison['mcnemar'] =
    gained + lost < EXACT_BELOW
      ? { method: 'exact', p: mcnemar(counts).exactP }
      : { method: 'chi-squared', p: mcnemarChiSquared(counts) };
  const isDecided = test.p < SIGNIFICANT && (difference.low > 0 || difference.high < 0);
  const verdict = !isDecided ? 'undecided' : difference.value > 0 ? 'better' : 'worse';
  return { n, both, lost, gained, neither, difference, mcnemar: test, verdict };
}

export interface PairedItems {
  counts: PairedCounts;
  /** Samples whose question only the second, or only the first, answered correctly, in the order asked. */
  gained: SampleId[];
  lost: SampleId[];
}

/** Pairs the items of two evaluations. Questions that only one of them contains are left out. */
export function pairItems(first: readonly EvaluationItem[], second: readonly EvaluationItem[]): PairedItems {
  const rightFirst = new Map(first.map((item) => [questionKey(item), item.verdict === 'correct']));
  const rightSecond = new Map(second.map((item) => [questionKey(item), item.verdict === 'correct']));
  const changed = (from: boolean): SampleId[] =>
    second
      .filter((item) => rightFirst.get(questionKey(item)) === from && (item.verdict === 'correct') !== from)
      .map((item) => item.sampleId);
  return { counts: pairedCounts(rightFirst, rightSecond), gained: changed(false), lost: changed(true) };
}

/** Two items with the same key answer the same question. */
export function questionKey(item: Pick<EvaluationItem, 'sampleId' | 'variant' | 'question'>): string {
  return JSON.stringify([item.sampleId, item.variant ?? null, item.question ?? null]);
}
