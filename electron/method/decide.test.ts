/** @file Verdicts over seeds and questions, held to scipy and statsmodels (fixtures/generate.py). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crossedMean, decide, equivalenceP, holm, seedsNeeded } from './decide.ts';
import { normals } from './fixtures/normals.ts';
import { meanInterval } from './statistics.ts';

const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'golden.json'), 'utf8')) as {
  equivalence: { values: number[]; margin: number; p: number }[];
  crossed: { table: number[][]; mean: number; meanSquares: { seeds: number; questions: number; rest: number } };
  crossedModel: {
    table: number[][];
    mean: number;
    se: number;
    variance: { seeds: number; questions: number; rest: number };
  };
  correction: { p: number[]; holm: number[] };
  power: { sd: number; margin: number; seeds: number }[];
};

describe('figures that scipy and statsmodels give', () => {
  it.each(golden.equivalence)('two one-sided tests of $values within ±$margin', ({ values, margin, p }) => {
    const { mean, std, n } = meanInterval(values);
    expect(equivalenceP({ mean, se: (std ?? 0) / Math.sqrt(n), df: n - 1, questions: n }, margin)).toBeCloseTo(p, 9);
  });

  it('the variances of seeds, questions and what is left', () => {
    const { table, mean, meanSquares } = golden.crossed;
    const found = crossedMean(table);
    const [S, Q] = [table.length, table[0]?.length ?? 0];
    expect(found?.mean).toBeCloseTo(mean, 12);
    expect(found?.variance.rest).toBeCloseTo(meanSquares.rest, 9);
    expect(found?.variance.seeds).toBeCloseTo(Math.max(0, (meanSquares.seeds - meanSquares.rest) / Q), 9);
    expect(found?.variance.questions).toBeCloseTo(Math.max(0, (meanSquares.questions - meanSquares.rest) / S), 9);
  });

  it('the mean with its error as a mixed model with crossed effects has it', () => {
    const { table, mean, se, variance } = golden.crossedModel;
    const found = crossedMean(table);
    expect(found?.mean).toBeCloseTo(mean, 9);
    expect(found?.se).toBeCloseTo(se, 4);
    for (const part of ['seeds', 'questions', 'rest'] as const) {
      expect(found?.variance[part]).toBeCloseTo(variance[part], 3);
    }
  });

  it("Holm's correction", () => {
    for (const [at, p] of holm(golden.correction.p).entries())
      expect(p).toBeCloseTo(golden.correction.holm[at] ?? NaN, 12);
    expect(holm([])).toEqual([]);
  });

  it.each(golden.power)('the seeds for a difference of $margin at a spread of $sd', ({ sd, margin, seeds }) => {
    // A verdict of equivalence needs a few more seeds than one of difference, for which statsmodels gives the number.
    const needed = seedsNeeded({ seeds: sd ** 2, questions: 0, rest: 0 }, 100, margin) ?? NaN;
    expect(needed).toBeGreaterThanOrEqual(Math.floor(seeds));
    expect(needed).toBeLessThanOrEqual(Math.ceil(seeds * 1.15) + 2);
  });

  it('needs more seeds where a level is shared, and says when only more questions help', () => {
    const spread = { seeds: 0.03 ** 2, questions: 0, rest: 0 };
    expect(seedsNeeded(spread, 200, 0.05, 0.05 / 12) ?? NaN).toBeGreaterThan(seedsNeeded(spread, 200, 0.05) ?? NaN);
    const questions = { seeds: 0, questions: 0.3 ** 2, rest: 0.1 };
    expect(seedsNeeded(questions, 160, 0.05)).toBeNull();
    expect(seedsNeeded(questions, 1000, 0.05, 0.05 / 12)).not.toBeNull();
  });
});

describe('a verdict', () => {
  /** Differences of `seeds` seeds on 200 questions: `gained` gained and `lost` lost in each, at shifting places. */
  const table = (seeds: number, gained: number, lost: number): number[][] =>
    Array.from({ length: seeds }, (_, seed) =>
      Array.from({ length: 200 }, (__, q) => {
        const at = (q * 7 + seed * 37) % 200;
        return at < gained ? 1 : at < gained + lost ? -1 : 0;
      }),
    );
  const verdictOf = (differences: number[][]) => {
    const crossed = crossedMean(differences);
    const equivalence = crossed === null ? 1 : equivalenceP(crossed, 0.02);
    return decide(crossed, differences.length, { difference: crossed?.p ?? 1, equivalence });
  };

  it('is better or worse where seeds and questions agree', () => {
    expect(verdictOf(table(5, 60, 10))).toBe('better');
    expect(verdictOf(table(5, 10, 60))).toBe('worse');
  });

  it('is equivalent only where a difference that matters is excluded', () => {
    expect(verdictOf(table(8, 2, 2))).toBe('equivalent');
    expect(verdictOf(table(3, 20, 20))).toBe('undecided');
  });

  it('rests on the number of questions where all answers agree', () => {
    const same = (questions: number, value: number): number[][] =>
      Array.from({ length: 3 }, () => Array.from({ length: questions }, () => value));
    expect(verdictOf(same(4, 0))).toBe('undecided');
    expect(verdictOf(same(200, 0))).toBe('equivalent');
    expect(verdictOf(same(4, 1))).toBe('undecided');
    expect(verdictOf(same(20, 1))).toBe('better');
  });

  it('is never given with fewer than three seeds', () => {
    for (const seeds of [1, 2]) expect(verdictOf(table(seeds, 60, 0))).toBe('undecided');
  });

  it('does not take answers to the same few questions for more evidence than they are', () => {
    // Six questions of 200 are gained in every seed: certain for these questions, not for others.
    const same = Array.from({ length: 10 }, () => Array.from({ length: 200 }, (_, q) => (q < 6 ? 1 : 0)));
    const crossed = crossedMean(same);
    expect(crossed?.low).toBeGreaterThan(0);
    expect(crossed?.low).toBeLessThan(0.03);
    expect(crossed?.se).toBeCloseTo(Math.sqrt((0.03 * 0.97) / 199), 9);
  });

  it('needs more seeds the more they differ, and says when only more questions can help', () => {
    const [few, many] = [0.01, 0.05].map((sd) => seedsNeeded({ seeds: sd ** 2, questions: 0, rest: 0.1 }, 200, 0.02));
    expect(few).not.toBeNull();
    expect(many).toBeGreaterThan(few ?? Infinity);
    expect(seedsNeeded({ seeds: 0, questions: 0.2, rest: 0.1 }, 200, 0.02)).toBeNull();
  });

  it('has an interval that holds the true mean in 95 of 100 studies, where seeds and questions both vary', () => {
    const normal = normals(5);
    const studies = 600;
    const inside = Array.from({ length: studies }, () => {
      const questions = Array.from({ length: 20 }, () => 0.3 * normal());
      const found = crossedMean(
        Array.from({ length: 5 }, () => {
          const seed = 0.2 * normal();
          return questions.map((question) => 0.1 + seed + question + 0.5 * normal());
        }),
      );
      return found !== null && found.low <= 0.1 && 0.1 <= found.high;
    });
    const share = inside.filter(Boolean).length / studies;
    expect(share).toBeGreaterThan(0.925);
    expect(share).toBeLessThan(0.985);
  });

  it('refuses seeds that were asked different questions', () => {
    expect(() => crossedMean([[1, 0], [1]])).toThrow(RangeError);
    expect(crossedMean([[1, 0]])).toBeNull();
  });
});
