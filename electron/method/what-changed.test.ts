/** @file The parts of a change: each answer falls into exactly one, and together they are the difference of accuracies. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SampleId } from '../contract/model/primitives.ts';
import { countOf, whatChanged, type ReadItem } from './what-changed.ts';

function itemOf(at: number, strict: boolean, lenient: boolean): ReadItem {
  return {
    sampleId: SampleId.parse(`s${at}`),
    text: '',
    verdict: strict ? 'correct' : 'wrong',
    formatOk: strict,
    lenient: strict || lenient,
    tokens: 1,
  };
}

const question = fc.record({
  before: fc.boolean(),
  beforeLenient: fc.boolean(),
  after: fc.boolean(),
  afterLenient: fc.boolean(),
  samples: fc.option(fc.array(fc.boolean(), { minLength: 4, maxLength: 4 })),
});

describe('what changed', () => {
  it('has parts that add up to the difference of the accuracies, whatever was answered and sampled', () => {
    fc.assert(
      fc.property(fc.array(question, { minLength: 1, maxLength: 60 }), (questions) => {
        const first = questions.map(({ before, beforeLenient }, at) => itemOf(at, before, beforeLenient));
        const second = questions.map(({ after, afterLenient }, at) => itemOf(at, after, afterLenient));
        const samples = new Map(
          questions.flatMap(({ samples: drawn }, at): [string, boolean[]][] =>
            drawn === null ? [] : [[`s${at}`, drawn]],
          ),
        );
        const change = whatChanged(first, second, samples);
        if (change === null) throw new Error('There are questions.');
        const count = (part: Parameters<typeof countOf>[1]): number => countOf(change, part);
        const gains = count('form') + count('selection') + count('new') + count('untold');
        const { strict, n } = change;
        expect(gains - count('lost')).toBe(strict.second.correct - strict.first.correct);
        expect((gains - count('lost')) / n).toBeCloseTo(strict.second.value - strict.first.value, 12);
        // Strict is never above lenient.
        expect(change.lenient.first.correct).toBeGreaterThanOrEqual(strict.first.correct);
        expect(change.lenient.second.correct).toBeGreaterThanOrEqual(strict.second.correct);
      }),
    );
  });

  it('names the reason for each gained and lost answer', () => {
    const first = [itemOf(0, false, true), ...[1, 2, 3].map((at) => itemOf(at, false, false)), itemOf(4, true, true)];
    const second = [...[0, 1, 2, 3].map((at) => itemOf(at, true, true)), itemOf(4, false, true)];
    const samples = new Map([
      ['s1', [false, true]],
      ['s2', [false, false]],
    ]);
    const change = whatChanged(first, second, samples);
    expect(change?.parts.map(({ part, share }) => [part, share.correct])).toEqual([
      ['form', 1],
      ['selection', 1],
      ['new', 1],
      ['untold', 1],
      ['lost', 1],
    ]);
    // Two misses of two still allow a chance of 1 − √0.05.
    expect(change?.samples).toEqual({ perQuestion: 2, questions: 2, chanceBelow: expect.closeTo(0.7764, 4) as number });
  });

  it('leaves out questions that only one of them was asked', () => {
    expect(whatChanged([itemOf(0, true, true)], [itemOf(1, true, true)])).toBeNull();
    expect(whatChanged([itemOf(0, false, false), itemOf(1, true, true)], [itemOf(1, true, true)])?.n).toBe(1);
  });
});
