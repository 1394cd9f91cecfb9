/** @file The best step of a run, and when patience ends. */
import { describe, expect, it } from 'vitest';
import { bestStep, isBestSoFar, isPatienceOver } from './held-out-best.ts';

const scores = (...right: number[]) => right.map((each, index) => ({ step: index * 10, right: each }));

describe('the best step', () => {
  it('has most right answers, is the last of several, and is never the untrained model', () => {
    expect(bestStep(scores(9, 3, 5, 5, 4), [10, 20, 30, 40])).toBe(30);
    expect(bestStep(scores(9, 3, 5, 5, 4), [10, 20, 40])).toBe(20);
    expect(bestStep(scores(9, 3), [5])).toBeUndefined();
    expect(bestStep([], [])).toBeUndefined();
  });

  it('is worth keeping as soon as it is the best so far', () => {
    expect(isBestSoFar(scores(9))).toBe(false);
    expect(isBestSoFar(scores(9, 3))).toBe(true);
    expect(isBestSoFar(scores(9, 3, 3))).toBe(true);
    expect(isBestSoFar(scores(9, 3, 2))).toBe(false);
    expect(isBestSoFar([])).toBe(false);
  });
});

describe('patience', () => {
  it('ends after so many looks without one that is better', () => {
    expect(isPatienceOver(scores(5, 5), 2)).toBe(false);
    expect(isPatienceOver(scores(5, 5, 4), 2)).toBe(true);
    expect(isPatienceOver(scores(5, 4, 6, 6), 2)).toBe(false);
    expect(isPatienceOver(scores(5, 4, 6, 6, 6), 2)).toBe(true);
    expect(isPatienceOver([], 1)).toBe(false);
  });
});
