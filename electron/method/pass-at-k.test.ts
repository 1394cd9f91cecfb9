/** @file pass@k, held to scipy (fixtures/generate.py), and the comparison of two models by it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { comparePasses, passAtK, passCurve } from './pass-at-k.ts';

const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'golden.json'), 'utf8')) as {
  passAtK: { n: number; c: number; k: number; value: number }[];
};

describe('pass@k', () => {
  it.each(golden.passAtK)('of $c right answers of $n, at k = $k, is what scipy gives', ({ n, c, k, value }) => {
    expect(passAtK(n, c, k)).toBeCloseTo(value, 12);
  });

  it('refuses counts that cannot be', () => {
    for (const [n, c, k] of [
      [4, 5, 1],
      [4, 1, 5],
      [4, 1, 0],
      [4, 0.5, 1],
    ] as const)
      expect(() => passAtK(n, c, k)).toThrow(RangeError);
  });

  it('is the mean accuracy at k = 1, never falls with k, and ends at the share of questions ever answered right', () => {
    const curve = passCurve([0, 1, 3, 4, 8], 8);
    expect(curve).toHaveLength(8);
    expect(curve[0]?.value).toBeCloseTo(16 / 40, 12);
    for (const [at, point] of curve.entries()) expect(point.value).toBeGreaterThanOrEqual(curve[at - 1]?.value ?? 0);
    expect(curve.at(-1)?.value).toBeCloseTo(4 / 5, 12);
    for (const { low, value, high } of curve) expect(low <= value && value <= high).toBe(true);
  });
});

describe('two models', () => {
  const sampled = (right: readonly number[], draws: number): Map<string, boolean[]> =>
    new Map(right.map((count, id) => [String(id), Array.from({ length: draws }, (_, draw) => draw < count)]));

  it('are told apart by the questions that they answer right at least once', () => {
    const many = Array.from({ length: 60 }, (_, id) => (id < 50 ? 1 : 0));
    const few = Array.from({ length: 60 }, (_, id) => (id < 20 ? 8 : 0));
    expect(comparePasses(sampled(many, 8), sampled(few, 8))?.verdict).toBe('narrowed');
    expect(comparePasses(sampled(few, 8), sampled(many, 8))?.verdict).toBe('widened');
    expect(comparePasses(sampled(few, 8), sampled(few, 8))?.verdict).toBe('undecided');
  });

  it('are compared with as many answers to each question as both have', () => {
    const result = comparePasses(sampled([0, 0], 4), sampled([8, 2], 8));
    expect(result).toMatchObject({ perQuestion: 4, questions: 2 });
    expect(result?.second.at(-1)?.value).toBe(1);
    expect(comparePasses(new Map([['a', [true]]]), new Map([['b', [true]]]))).toBeNull();
  });
});
