/** @file Two evaluations side by side: the same questions, and what became of each answer. */
import type { EvaluationItem } from '../../contract/model/evaluations.ts';
import type { SampleId } from '../../contract/model/primitives.ts';
import { type PairedCounts, pairedCounts } from '../../method/statistics.ts';

/** What makes two items answers to the same question. */
export function questionKey(item: EvaluationItem): string {
  return JSON.stringify([item.sampleId, item.variant ?? null, item.question ?? null]);
}

export interface Pairs {
  counts: PairedCounts;
  /** Samples of questions that only the second, or only the first, answered rightly; in the order asked. */
  gained: SampleId[];
  lost: SampleId[];
}

/** Questions that only one of the two was asked are left out. */
export function pairItems(first: readonly EvaluationItem[], second: readonly EvaluationItem[]): Pairs {
  const rightFirst = new Map(first.map((item) => [questionKey(item), item.verdict === 'correct']));
  const rightSecond = new Map(second.map((item) => [questionKey(item), item.verdict === 'correct']));
  const changed = (from: boolean): SampleId[] =>
    second
      .filter((item) => rightFirst.get(questionKey(item)) === from && (item.verdict === 'correct') !== from)
      .map((item) => item.sampleId);
  return { counts: pairedCounts(rightFirst, rightSecond), gained: changed(false), lost: changed(true) };
}
