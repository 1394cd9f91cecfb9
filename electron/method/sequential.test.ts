/** @file Levels of sequential looks, held to published tables and to scipy (fixtures/generate.py). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { normals } from './fixtures/normals.ts';
import { levelsOfLooks, looksTaken, sequentialP, spent, upperTail, type Looks } from './sequential.ts';
import { meanIsZeroP } from './statistics.ts';

const { sequential } = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'golden.json'), 'utf8')) as {
  sequential: { spending: Looks['spending']; alpha: number; seeds: number[]; levels: number[] }[];
};

const five = { seeds: [2, 4, 6, 8, 10] };

describe('the levels of the looks', () => {
  it.each([
    // Lan and DeMets' boundaries for five looks at 5%, two-sided, as DeMets and Lan (1994) and Jennison and Turnbull (2000) print them.
    ['obrien-fleming', [4.8769, 3.3569, 2.6803, 2.2898, 2.031]],
    ['pocock', [2.438, 2.4268, 2.4101, 2.3966, 2.3859]],
  ] as const)('are those of the published table for %s', (spending, boundaries) => {
    for (const [at, level] of levelsOfLooks({ ...five, spending }, 0.025).entries()) {
      const bounds = [(boundaries[at] ?? 0) - 2e-4, (boundaries[at] ?? 0) + 2e-4].map(upperTail);
      expect(level).toBeLessThan(bounds[0] ?? 0);
      expect(level).toBeGreaterThan(bounds[1] ?? 1);
    }
  });

  it.each(sequential)("are scipy's for $spending, $seeds, $alpha", ({ levels, alpha, ...looks }) => {
    for (const [at, level] of levelsOfLooks(looks, alpha).entries()) {
      expect(Math.abs(level / (levels[at] ?? NaN) - 1)).toBeLessThan(2e-3);
    }
  });

  it('spend nothing at the start and everything at the end', () => {
    for (const spending of ['pocock', 'obrien-fleming'] as const) {
      expect(spent(spending, 0.025, 1e-9)).toBeLessThan(1e-8);
      expect(spent(spending, 0.025, 1)).toBe(0.025);
    }
  });
});

describe('a p for all looks together', () => {
  const looks = { seeds: [4, 6, 8, 10], spending: 'pocock' } as const;

  it('is at 2.5% exactly where a look is at its level', () => {
    for (const [at, level] of levelsOfLooks(looks, 0.025).entries()) {
      const ps = [...Array.from({ length: at }, () => 0.5), level];
      expect(sequentialP(looks, ps)).toBeCloseTo(0.025, 4);
    }
  });

  it('is the p itself where only one look was planned', () => {
    for (const p of [0.4, 0.03, 1e-5]) expect(sequentialP({ ...looks, seeds: [10] }, [p]) / p).toBeCloseTo(1, 6);
  });

  it('never rises when another look is taken', () => {
    expect(sequentialP(looks, [0.001, 0.4])).toBe(sequentialP(looks, [0.001]));
    expect(sequentialP(looks, [0.2, 0.001])).toBeLessThan(sequentialP(looks, [0.2]));
    expect(sequentialP(looks, [])).toBe(1);
    expect(looksTaken(looks, 7)).toBe(2);
  });

  it('is below 5% by chance in at most 5% of studies, although each is looked at four times', () => {
    const normal = normals(3);
    const studies = 3000;
    const rejected = Array.from({ length: studies }, () => {
      const values = Array.from({ length: 10 }, normal);
      const ps = looks.seeds.map((seeds) => meanIsZeroP(values.slice(0, seeds)) ?? 1);
      return {
        once: ps.some((p) => p < 0.05),
        planned:
          2 *
            sequentialP(
              looks,
              ps.map((p) => p / 2),
            ) <
          0.05,
      };
    });
    const share = (which: 'once' | 'planned'): number => rejected.filter((one) => one[which]).length / studies;
    expect(share('once')).toBeGreaterThan(0.09);
    expect(share('planned')).toBeLessThan(0.06);
    expect(share('planned')).toBeGreaterThan(0.03);
  });
});
