/** @file The questions of a step in the chosen order, and one question over the run. */
import { describe, expect, it } from 'vitest';
import type { CompletionGroup, DatasetId, SampleId } from '../../../../electron/contract/api/index.ts';
import { arranged, askings } from './question-views.ts';
import { completionOf } from './testing.ts';

function group(name: string, rewards: (number | null)[], truncated = false): CompletionGroup {
  const completions = rewards.map((reward, index) => ({ ...completionOf(index, reward, 0), truncated }));
  return {
    step: 1,
    sampleId: name as SampleId,
    datasetId: 'd' as DatasetId,
    prompt: 'How many?',
    answer: '3',
    completions,
  };
}

const easy = group('easy', [2, 2]);
const split = group('split', [2, 0]);
const hard = group('hard', [0, 0], true);

describe('arranged', () => {
  it.each([
    ['drawn', ['split', 'hard', 'easy']],
    ['best', ['easy', 'split', 'hard']],
    ['worst', ['hard', 'split', 'easy']],
    ['disputed', ['split', 'hard', 'easy']],
    ['cut-off', ['hard']],
  ] as const)('%s', (order, expected) => {
    expect(arranged([split, hard, easy], order).map(({ sampleId }) => sampleId)).toEqual(expected);
  });
});

it('ranks a question by its scored answers, and one without any comes last', () => {
  const silent = group('silent', [null, null]);
  const half = group('half', [null, 1]);
  const names = (order: 'best' | 'worst' | 'disputed') =>
    arranged([silent, half, split, hard], order).map(({ sampleId }) => sampleId);
  expect(names('best')).toEqual(['half', 'split', 'hard', 'silent']);
  expect(names('worst')).toEqual(['hard', 'half', 'split', 'silent']);
  expect(names('disputed').at(-1)).toBe('silent');
});

describe('askings', () => {
  it('counts the right answers of every step that drew the question, oldest first', () => {
    const at = (step: number, verdict: 'correct' | 'wrong') => ({ ...completionOf(0, 0, 0), step, verdict });
    expect(askings([at(9, 'correct'), at(9, 'correct'), at(2, 'wrong'), at(2, 'correct')])).toEqual([
      { step: 2, correct: 1, answers: 2 },
      { step: 9, correct: 2, answers: 2 },
    ]);
  });
});
