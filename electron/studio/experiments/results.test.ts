/** @file Verdicts of a contest, a sweep and an exam: better, equivalent, or what would decide it. */
import { describe, expect, it } from 'vitest';
import type { ArmComparison } from '../../contract/model/experiments.ts';
import type { EvaluationId } from '../../contract/model/primitives.ts';
import { crossedMean, equivalenceP } from '../../method/decide.ts';
import { meanInterval } from '../../method/statistics.ts';
import { judge } from './results.ts';

/** Judges differences of `seeds` seeds on 200 questions, each with so many gained and lost, at shifting questions. */
function judged(
  seeds: number,
  gained: number,
  lost: number,
  secondsPerSeed: number | null = 1800,
  shift = 37,
  looks?: ArmComparison['looks'],
) {
  const table = Array.from({ length: seeds }, (_, seed) =>
    Array.from({ length: 200 }, (__, q) => {
      const at = (q * 7 + seed * shift) % 200;
      return at < gained ? 1 : at < gained + lost ? -1 : 0;
    }),
  );
  const means = table.map((row) => row.reduce((sum: number, value) => sum + value, 0) / row.length);
  const crossed = crossedMean(table);
  const id = 'eval-1' as EvaluationId;
  return judge({
    first: 'GRPO',
    second: 'GRPO-D',
    ...meanInterval(means),
    perSeed: means.map((difference, seed) => ({ seed, first: id, second: id, difference })),
    crossed,
    ps: crossed === null || seeds < 3 ? null : { difference: crossed.p, equivalence: equivalenceP(crossed, 0.02) },
    margin: 0.02,
    secondsPerSeed,
    questions: 200,
    ...(looks === undefined ? {} : { looks }),
  });
}

describe('a comparison of two arms', () => {
  it('names the better one', () => {
    expect(judged(5, 60, 10)).toMatchObject({ verdict: 'second', needs: null });
    expect(judged(5, 10, 60).sentence).toContain('GRPO is better than GRPO-D');
  });

  it('says that both are equivalent where a difference that matters is excluded', () => {
    const { verdict, sentence, equivalenceP } = judged(8, 2, 2);
    expect(verdict).toBe('equivalent');
    expect(sentence).toContain('GRPO-D and GRPO are equivalent');
    expect(sentence).toContain('less than 2 points either way');
    expect(equivalenceP).toBeLessThan(0.05);
  });

  it('says how many more seeds would decide it, and how long they take', () => {
    const { verdict, needs, sentence } = judged(3, 20, 20);
    expect(verdict).toBe('undecided');
    expect(needs?.seeds).toBeGreaterThan(0);
    expect(needs?.seconds).toBe((needs?.seeds ?? 0) * 1800);
    expect(sentence).toMatch(/Undecided: the difference may be chance\. \d+ more seeds, about [\d.]+ hours, would/);
    expect(judged(3, 20, 20, null).sentence).toMatch(/\d+ more seeds would probably decide it/);
  });

  it('says that further seeds take a new plan once no look is left', () => {
    const taken = [{ seeds: 3, level: 0.05, p: 0.4 }];
    const words = 'That takes a new plan: the last look of this one has been taken.';
    expect(judged(3, 20, 20, 1800, 37, { taken, next: null }).sentence).toContain(words);
    expect(judged(3, 20, 20, 1800, 37, { taken, next: 5 }).sentence).not.toContain(words);
    expect(judged(4, 30, 30, 1800, 0, { taken, next: null }).sentence).not.toContain(words);
  });

  it('says that only more questions help where the same questions change with every seed', () => {
    const { needs, sentence } = judged(4, 30, 30, 1800, 0);
    expect(needs).toEqual({ seeds: null, seconds: null });
    expect(sentence).toContain('More questions are needed');
  });

  it('has no verdict with fewer than three seeds', () => {
    expect(judged(2, 60, 0)).toMatchObject({ verdict: 'undecided', needs: null, equivalenceP: null });
  });
});
