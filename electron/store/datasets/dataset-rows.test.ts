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
    const tenths = cover.map((id) => Math.floor(Number(id.replace('sample-', '')) / 10));
    expect(tenths).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('shows several kinds where a table repeats its kinds in turn', () => {
    const { cover } = factsOf(Array.from({ length: 80 }, (_, index) => sample(index)));
    const kinds = new Set(cover.map((id) => Number(id.replace('sample-', '')) % 5));
    expect(kinds.size).toBeGreaterThanOrEqual(4);
  });

  it.each([9, 12, 15, 16, 17, 440])('has eight different pictures of %d', (count) => {
    const { cover } = factsOf(Array.from({ length: count }, (_, index) => sample(index)));
    expect(new Set(cover).size).toBe(8);
  });

  it('shows each picture once, and all of a small dataset', () => {
    const samples = [sample(0), sample(1, 0), sample(2), sample(3, 2)];
    expect(factsOf(samples).cover).toEqual(['sample-0', 'sample-2']);
  });
});
