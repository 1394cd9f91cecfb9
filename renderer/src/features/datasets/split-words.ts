/** @file How many samples of a dataset can be used: those to train on, those to test on, and those left out of both. */
import type { DatasetSummary } from '../../../../electron/contract/api/index.ts';
import { messages } from '../../messages/index.ts';
import { formatCount } from '../../ui/format.ts';

type Counted = Pick<DatasetSummary, 'train' | 'test' | 'excluded'>;

/** What a run may use of a split: samples whose images say no, or wait for a decision, do not count. */
export function usableOf(dataset: Counted, split: 'train' | 'test'): number {
  return Math.max(0, dataset[split] - dataset.excluded[split]);
}

/** Whether there are training samples, and none of them may be used. */
export function nothingTrains(dataset: Counted): boolean {
  return dataset.train > 0 && usableOf(dataset, 'train') === 0;
}

/** “4 to train, 2 to test, 6 left out” */
export function splitWords(dataset: Counted): string {
  const { splitCounts, leftOutCount } = messages.datasets;
  const counts = splitCounts(formatCount(usableOf(dataset, 'train')), formatCount(usableOf(dataset, 'test')));
  const leftOut = dataset.excluded.train + dataset.excluded.test;
  return leftOut === 0 ? counts : `${counts}, ${leftOutCount(formatCount(leftOut))}`;
}
