/** @file Which seeds count at a planned look, and what is concluded from them. */
import { describe, expect, it } from 'vitest';
import { crossedMean } from '../../method/decide.ts';
import { seedsOfLook, seenAtLooks } from './looks.ts';

const looks = { seeds: [3, 5], spending: 'pocock' } as const;
const planned = [7, 8, 9, 10, 11];
const pairs = (...seeds: number[]) => seeds.map((seed) => ({ seed }));
const seedsOf = (...seeds: number[]) => {
  const { pairs: counted, taken } = seedsOfLook({ ...looks, seeds: [...looks.seeds] }, planned, pairs(...seeds));
  return [counted.map(({ seed }) => seed), taken];
};

/** A gain of a fifth of 50 questions in every seed, at shifting questions. */
const table = Array.from({ length: 5 }, (_, seed) =>
  Array.from({ length: 50 }, (__, q) => ((q * 7 + seed * 11) % 50 < 10 ? 1 : 0)),
);

describe('the seeds of a look', () => {
  it('are the first ones of the plan, in its order, once both arms have them all', () => {
    expect(seedsOf(9, 7, 8)).toEqual([[7, 8, 9], 1]);
    expect(seedsOf(7, 8, 9, 10)).toEqual([[7, 8, 9], 1]);
    expect(seedsOf(7, 8, 9, 10, 11)).toEqual([[7, 8, 9, 10, 11], 2]);
  });

  it('are all that there are before the first look, of which nothing is concluded', () => {
    // Three seeds are done, but not the first three: whoever could choose the seeds could choose the result.
    expect(seedsOf(8, 10, 11)).toEqual([[8, 10, 11], 0]);
    const seen = seenAtLooks(table.slice(0, 3), { ...looks, seeds: [3, 5], taken: 0 }, 0.02);
    expect(seen.rawPs).toBeNull();
    expect(seen.taken).toEqual({ taken: [], next: 3 });
  });
});

describe('what is seen at a look', () => {
  it('has the p and the level of each look, and a wider interval than a single look would have', () => {
    const seen = seenAtLooks(table, { ...looks, seeds: [3, 5], taken: 2 }, 0.02);
    expect(seen.taken?.taken.map(({ seeds }) => seeds)).toEqual([3, 5]);
    expect(seen.taken?.taken[1]?.p).toBe(crossedMean(table)?.p);
    expect(seen.taken?.next).toBeNull();
    for (const { level } of seen.taken?.taken ?? []) expect(level).toBeLessThan(0.05);
    expect(seen.crossed?.low).toBeLessThan(crossedMean(table)?.low ?? 0);
  });

  it('is what all seeds show where no looks were planned', () => {
    const seen = seenAtLooks(table, null, 0.02);
    expect(seen).toMatchObject({
      crossed: crossedMean(table),
      rawPs: { difference: crossedMean(table)?.p },
      taken: null,
    });
    expect(seenAtLooks(table.slice(0, 2), null, 0.02).rawPs).toBeNull();
  });
});
