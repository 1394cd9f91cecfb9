/** @file Samples left out are never promised to training. */
import { expect, it } from 'vitest';
import { messages } from '../../messages/index.ts';
import { nothingTrains, splitWords, usableOf } from './split-words.ts';

it('counts only what a run may use, and says how many are left out', () => {
  const dataset = { train: 6, test: 3, excluded: { train: 6, test: 1 } };
  expect([usableOf(dataset, 'train'), usableOf(dataset, 'test')]).toEqual([0, 2]);
  expect(nothingTrains(dataset)).toBe(true);
  expect(splitWords(dataset)).toBe(
    `${messages.datasets.splitCounts('0', '2')}, ${messages.datasets.leftOutCount('7')}`,
  );
});

it('says nothing about exclusions where there are none', () => {
  const dataset = { train: 6, test: 3, excluded: { train: 0, test: 0 } };
  expect(nothingTrains(dataset)).toBe(false);
  expect(splitWords(dataset)).toBe(messages.datasets.splitCounts('6', '3'));
});
