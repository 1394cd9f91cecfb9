/** @file The facts on a dataset's card. */
import { describe, expect, it } from 'vitest';
import { factsOf } from './dataset-rows.ts';

function sample(index: number, image = index): Parameters<typeof factsOf>[0][number] {
  return {
    id: `sample-${index}`,
    imageSha256: `${image}`.padStart(64, '0'),
    task: 'counting',
    split: 'train',
    licence: null,
    authors: [],
  };
}

describe('the cover of a dataset', () => {
  it('is spread over the whole table, which is often sorted by answer', () => {
    const { cover } = factsOf(Array.from({ length: 80 }, (_, index) => sample(index)));
    expect(cover).toEqual([9, 19, 29, 39, 49, 59, 69, 79].map((index) => `sample-${index}`));
  });

  it('shows each picture once, and all of a small dataset', () => {
    const samples = [sample(0), sample(1, 0), sample(2), sample(3, 2)];
    expect(factsOf(samples).cover).toEqual(['sample-0', 'sample-2']);
  });
});
