/** @file Spread: effective number and Gini coefficient of known distributions. */
import { describe, expect, it } from 'vitest';
import { spreadOf } from './balance.ts';

describe('spread', () => {
  it('of equally frequent values is their number, with no inequality', () => {
    const spread = spreadOf(['a', 'b', 'c', 'd'].map((value) => [value]));
    expect(spread.effective).toBeCloseTo(4, 10);
    expect(spread.gini).toBeCloseTo(0, 10);
    expect(spread.values.map(({ value }) => value)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('of one dominant value is little more than one', () => {
    const spread = spreadOf([...Array.from({ length: 97 }, () => ['a']), ['b'], ['c'], ['d']]);
    expect(spread.effective).toBeLessThan(1.2);
    // Counts 1, 1, 1, 97: (2·(1+2+3+4·97)) / (4·100) − 5/4.
    expect(spread.gini).toBeCloseTo((2 * (1 + 2 + 3 + 4 * 97)) / 400 - 1.25, 10);
    expect(spread.values[0]).toEqual({ value: 'a', samples: 97, share: 0.97 });
  });

  it('splits a sample between its values and counts the unknown as a value of its own', () => {
    const spread = spreadOf([['a', 'b'], ['a'], [], ['a', 'a']]);
    expect(spread.values).toEqual([
      { value: 'a', samples: 3, share: 0.625 },
      { value: null, samples: 1, share: 0.25 },
      { value: 'b', samples: 1, share: 0.125 },
    ]);
  });
});
