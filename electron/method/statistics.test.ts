/** @file Statistics against published and independently computed values. */
import { describe, expect, it } from 'vitest';
import {
  mcnemar,
  mcnemarChiSquared,
  meanInterval,
  pairedCounts,
  pairedDifference,
  rankCorrelation,
  wilson,
} from './statistics.ts';

describe('wilson', () => {
  it.each([
    // Newcombe 1998, Statistics in Medicine 17:857, table I, method 3
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%i of %i', (correct, n, low, high) => {
    const interval = wilson(correct, n);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
    expect(interval).toMatchObject({ correct, n, value: correct / n });
  });

  it.each([
    // scipy 1.17: stats.binomtest(k, n).proportion_ci(0.95, 'wilson')
    [85, 200, 0.3585361254351385, 0.49429067352145145],
    [254, 754, 0.3040364280325824, 0.37135741966900687],
    [199, 200, 0.972226295602107, 0.999116831284399],
    [3, 8, 0.13684428582359737, 0.6942576053973728],
  ])('%i of %i equals scipy', (correct, n, low, high) => {
    expect(wilson(correct, n).low).toBeCloseTo(low, 12);
    expect(wilson(correct, n).high).toBeCloseTo(high, 12);
  });

  it('knows nothing from nothing, and stays inside 0 and 1', () => {
    expect(wilson(0, 0)).toEqual({ correct: 0, n: 0, value: 0, low: 0, high: 1 });
    expect(wilson(0, 5).low).toBe(0);
    expect(wilson(5, 5).high).toBe(1);
    expect(() => wilson(6, 5)).toThrow(RangeError);
    expect(() => wilson(0.5, 5)).toThrow(RangeError);
  });
});

describe('paired answers', () => {
  it('counts the items that both sides answered', () => {
    const first = new Map([
      ['a', true],
      ['b', true],
      ['c', false],
      ['d', false],
      ['e', true],
    ]);
    const second = new Map([
      ['a', true],
      ['b', false],
      ['c', true],
      ['d', false],
      ['f', true],
    ]);
    expect(pairedCounts(first, second)).toEqual({ both: 1, onlyFirst: 1, onlySecond: 1, neither: 1 });
  });

  it('McNemar: exact binomial p and mid-p', () => {
    const test = mcnemar({ onlyFirst: 2, onlySecond: 10 });
    expect(test.exactP).toBeCloseTo((2 * (1 + 12 + 66)) / 4096, 12);
    expect(test.midP).toBeCloseTo((2 * (1 + 12 + 66) - 66) / 4096, 12);
    expect(mcnemar({ onlyFirst: 10, onlySecond: 2 })).toEqual(test);
    expect(mcnemar({ onlyFirst: 3, onlySecond: 3 }).exactP).toBe(1);
    expect(mcnemar({ onlyFirst: 3, onlySecond: 3 }).midP).toBeCloseTo(1 - 20 / 64, 12);
    expect(mcnemar({ onlyFirst: 0, onlySecond: 0 })).toEqual({ exactP: 1, midP: 1 });
    expect(mcnemar({ onlyFirst: 900, onlySecond: 1100 }).exactP).toBeCloseTo(8.5e-6, 6);
  });

  it.each([
    // scipy 1.17: stats.binomtest(min(b, c), b + c).pvalue, and stats.chi2.sf((|b − c| − 1)² / (b + c), 1)
    [0, 6, 0.03125, 0.041226833337163815],
    [7, 11, 0.480682373046875, 0.47950012218695337],
    [51, 47, 0.7620362195292442, 0.7618549862187098],
    [46, 225, 1.7213685838394675e-29, 2.99618509420535e-27],
    [12, 335, 3.797083052587696e-83, 6.011204808501841e-67],
  ])('McNemar for %i and %i equals scipy, exactly and as chi-squared', (onlyFirst, onlySecond, exact, chi) => {
    expect(mcnemar({ onlyFirst, onlySecond }).exactP / exact).toBeCloseTo(1, 10);
    // Accurate to five places where it matters; to a few per cent far out in the tail.
    const found = mcnemarChiSquared({ onlyFirst, onlySecond });
    expect(found).toBeCloseTo(chi, 5);
    expect(found / chi).toBeCloseTo(1, 1);
  });

  it.each([
    // Newcombe 1998, Statistics in Medicine 17:2635, table III, method 10
    [{ both: 36, onlySecond: 12, onlyFirst: 2, neither: 0 }, 0.2, 0.0569, 0.3404],
    [{ both: 0, onlySecond: 0, onlyFirst: 0, neither: 10 }, 0, -0.2775, 0.2775],
  ])('difference with its interval', (counts, value, low, high) => {
    const difference = pairedDifference(counts);
    expect(difference.value).toBeCloseTo(value, 12);
    expect(difference.low).toBeCloseTo(low, 3);
    expect(difference.high).toBeCloseTo(high, 3);
  });

  it('turns round when the sides are exchanged', () => {
    const there = pairedDifference({ both: 30, onlyFirst: 4, onlySecond: 19, neither: 11 });
    const back = pairedDifference({ both: 30, onlyFirst: 19, onlySecond: 4, neither: 11 });
    expect(back.low).toBeCloseTo(-there.high, 12);
    expect(back.value).toBeCloseTo(-there.value, 12);
  });
});

describe('meanInterval', () => {
  it.each([
    // t quantiles from tables: 12.7062, 4.3027, 2.7764, 2.2622
    [2, 12.70620474],
    [3, 4.30265273],
    [5, 2.77644511],
    [10, 2.26215716],
  ])("of %i values uses Student's quantile", (n, quantile) => {
    const values = Array.from({ length: n }, (_, i) => i);
    const { mean, std, high } = meanInterval(values);
    expect(mean).toBe((n - 1) / 2);
    expect(((high! - mean) * Math.sqrt(n)) / std!).toBeCloseTo(quantile, 6);
  });

  it.each([
    // scipy 1.17: stats.t.interval(0.95, n - 1, mean, stats.sem(values))
    [[0.05, 0.06, 0.07, 0.2], -0.01714078608368716, 0.20714078608368716],
    [[-0.01, 0.02, 0.03], -0.038378116792089294, 0.06504478345875599],
  ])('of %j equals scipy', (values, low, high) => {
    expect(meanInterval(values).low).toBeCloseTo(low, 10);
    expect(meanInterval(values).high).toBeCloseTo(high, 10);
  });

  it('has no interval for one value', () => {
    expect(meanInterval([0.5])).toEqual({ mean: 0.5, std: null, low: null, high: null, n: 1 });
    expect(() => meanInterval([])).toThrow(RangeError);
  });
});

describe('rankCorrelation', () => {
  it.each([
    [[1, 2, 3, 4], [10, 20, 300, 4000], 1],
    [[1, 2, 3, 4], [4, 3, 2, 1], -1],
    // 1 - 6 · Σd² / (n (n² - 1)) = 1 - 6 · 8 / 120
    [[1, 2, 3, 4, 5], [3, 1, 2, 5, 4], 0.6],
    // Ties share their mean rank: ranks 1, 2.5, 2.5, 4 beside 1, 2, 3, 4.
    [[0, 7, 7, 9], [1, 2, 3, 4], 4.5 / Math.sqrt(4.5 * 5)],
  ])('of %j and %j', (first, second, rho) => {
    expect(rankCorrelation(first, second)).toBeCloseTo(rho, 12);
  });

  it('says nothing where one side never differs', () => {
    expect(rankCorrelation([1, 2, 3], [5, 5, 5])).toBeNull();
    expect(() => rankCorrelation([1], [1, 2])).toThrow(RangeError);
  });
});
