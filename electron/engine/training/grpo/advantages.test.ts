/** @file Advantages against TRL's own numbers (golden/advantages.json), and the group statistics. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { computeAdvantages } from './advantages.ts';

type GoldenCase = {
  rewards: (number | null)[][];
  num_generations: number;
  weights?: number[];
  scale_group: number[];
  scale_batch: number[];
  scale_none: number[];
  scale_group_weighted?: number[];
  normalize_then_sum?: number[];
};
const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/qwen2vl-tiny/golden/advantages.json', import.meta.url), 'utf8'),
) as Record<string, GoldenCase>;

/** The golden values were computed in float32. */
function expectClose(actual: number[], expected: number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(Math.abs(value - expected[i]!), `row ${i}`).toBeLessThan(2e-6));
}

describe.each(Object.entries(golden))('golden case %s', (_, item) => {
  const ones = item.rewards[0]!.map(() => 1);
  const advantages = (weights: number[], scale: 'group' | 'batch' | 'none'): number[] =>
    computeAdvantages(item.rewards, weights, item.num_generations, scale).advantages;

  it('equals TRL for group, batch and no scaling', () => {
    expectClose(advantages(ones, 'group'), item.scale_group);
    expectClose(advantages(ones, 'batch'), item.scale_batch);
    expectClose(advantages(ones, 'none'), item.scale_none);
  });

  const { weights } = item;
  // Not every golden case has several rewards.
  if (weights === undefined) return;
  it('equals TRL with weights and, with equal weights, normalize_then_sum', () => {
    expectClose(advantages(weights, 'group'), item.scale_group_weighted!);
    const gdpo = computeAdvantages(item.rewards, ones, item.num_generations, 'group', 'normalize-then-sum');
    expectClose(gdpo.advantages, item.normalize_then_sum!);
  });
});

describe('group statistics', () => {
  it('averages the std inside groups and counts the groups without signal', () => {
    const result = computeAdvantages([[1], [0], [1], [1]], [1], 2, 'group');
    expect(result.rewardStd).toBeCloseTo(Math.SQRT1_2 / 2, 12);
    expect(result.fracRewardZeroStd).toBe(0.5);
    expect(result.reward).toBe(0.75);
  });

  it('reports each function by itself, without its weight and without the rows it skipped', () => {
    const result = computeAdvantages(
      [
        [1, null],
        [0, 1],
        [1, 1],
        [1, 0],
      ],
      [1, 0.5],
      2,
      'group',
    );
    expect(result.totals).toEqual([1, 0.5, 1.5, 1]);
    expect(result.perFunction[0]).toEqual({ mean: 0.75, std: Math.SQRT1_2 / 2 });
    expect(result.perFunction[1]!.mean).toBeCloseTo(2 / 3, 12);
    expect(result.perFunction[1]!.std).toBeCloseTo(Math.SQRT1_2, 12);
  });

  it('a batch that nobody scored has no reward, no std and no signal', () => {
    const result = computeAdvantages([[null], [null]], [1], 2, 'batch');
    expect(result).toMatchObject({
      advantages: [0, 0],
      totals: [null, null],
      reward: null,
      rewardStd: null,
      fracRewardZeroStd: 1,
    });
  });

  it('refuses shapes that do not fit and rewards that are not numbers', () => {
    expect(() => computeAdvantages([[1], [0], [1]], [1], 2, 'group')).toThrow(/groups of 2/);
    expect(() => computeAdvantages([[1], [0]], [1, 1], 2, 'group')).toThrow(/2 weights/);
    expect(() => computeAdvantages([[1], [Number.NaN]], [1], 2, 'group')).toThrow(/NaN/);
    expect(() => computeAdvantages([[1]], [1], 1, 'group')).toThrow(/at least two/);
  });
});
