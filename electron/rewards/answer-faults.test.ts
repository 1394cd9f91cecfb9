/** @file What usually goes wrong with each kind of answer is seen, and not where answers are merely wrong. */
import { describe, expect, it } from 'vitest';
import type { AccuracyParams } from '../contract/model/rewards.ts';
import { faultsOfAnswers } from './answer-faults.ts';
import { honestCompletion } from './hack-probes.ts';

const codesOf = (params: AccuracyParams, answer: string, given: string): string[] =>
  faultsOfAnswers(
    Array.from({ length: 8 }, () => ({ completion: honestCompletion(given), answer })),
    params,
  ).map(({ code }) => code);

const receipt = '{"shop": "Hof", "total": 12.5}';
const description = 'A heron in water. || must: heron || not: boat';

describe.each<[AccuracyParams, answer: string, given: string, code: string]>([
  [{ kind: 'tags', vocabulary: 'bird, sea' }, 'bird', 'bird, animal', 'TAGS_OUTSIDE_VOCABULARY'],
  [{ kind: 'tags' }, 'bird', 'There is a bird over the sea', 'TAGS_AS_SENTENCE'],
  [{ kind: 'tags' }, 'bird', 'a, b, c, d, e', 'TAGS_TOO_MANY'],
  [{ kind: 'transcript' }, 'Rosa canina', 'The label says Rosa canina', 'TRANSCRIPT_WITH_COMMENT'],
  [{ kind: 'transcript' }, 'Rosa canina 1898, Hof', 'Rosa', 'TRANSCRIPT_CUT_SHORT'],
  [{ kind: 'transcript' }, 'Rosa canina', 'ROSA CANINA.', 'TRANSCRIPT_OTHER_CASE'],
  [{ kind: 'fields' }, receipt, 'shop: Hof, total: 12.5', 'FIELDS_NOT_JSON'],
  [{ kind: 'fields' }, receipt, '{"store": "Hof", "sum": 12.5}', 'FIELDS_OTHER_NAMES'],
  [{ kind: 'fields' }, receipt, '{"shop": "Hof", "total": "12.5"}', 'FIELDS_OTHER_TYPES'],
  [{ kind: 'order' }, 'A > B > C', 'A > B', 'ORDER_OTHER_THINGS'],
  [{ kind: 'order' }, 'A > B > C', 'A', 'ORDER_ONE_THING'],
  [{ kind: 'description' }, description, 'heron, water, grey, still', 'DESCRIPTION_IS_LIST'],
  [{ kind: 'description' }, description, 'A heron beside a boat.', 'DESCRIPTION_NAMES_FORBIDDEN'],
  [{ kind: 'box' }, '[100, 200, 300, 400]', '[50, 100, 150, 200]', 'BOXES_OF_OTHER_SIZE'],
  [{ kind: 'box' }, '[100, 200, 300, 400]', '[0.1, 0.2, 0.3, 0.4]', 'BOXES_OF_OTHER_SIZE'],
  [{ kind: 'box' }, '[100, 200, 300, 400]', '[100, 200, 200, 200]', 'BOXES_AS_SIZE'],
  [{ kind: 'box' }, '[100, 200, 300, 400]', '(200, 300)', 'BOXES_AS_POINTS'],
  [{ kind: 'point' }, '[100, 200, 300, 400]', '[100, 200, 300, 400]', 'POINTS_AS_BOXES'],
  [{ kind: 'point' }, '[100, 200, 300, 400]', '(0.2, 0.3)', 'POINTS_OF_OTHER_SIZE'],
])('%j: %s answered with %s', (params, answer, given, code) => {
  it(`is ${code}`, () => expect(codesOf(params, answer, given)).toEqual([code]));
});

it.each<[AccuracyParams, answer: string, given: string]>([
  [{ kind: 'tags', vocabulary: 'bird, sea' }, 'bird', 'sea'],
  [{ kind: 'transcript' }, 'Rosa canina', 'Rosa gallica'],
  [{ kind: 'fields' }, receipt, '{"shop": "Other", "total": 1}'],
  [{ kind: 'order' }, 'A > B > C', 'C > B > A'],
  [{ kind: 'description' }, description, 'A duck stands on the shore.'],
  [{ kind: 'box' }, '[100, 200, 300, 400]', '[110, 190, 290, 410]'],
  [{ kind: 'box' }, '[100, 200, 300, 400]', '[300, 20, 340, 60]'],
  [{ kind: 'point' }, '[100, 200, 300, 400]', '(20, 30)'],
  [{ kind: 'count' }, '7', 'a lot'],
])('%j: %s answered with %s is only wrong', (params, answer, given) =>
  expect(codesOf(params, answer, given)).toEqual([]),
);

it('says how many, and nothing about a few answers', () => {
  const some = (bad: number, all: number): ReturnType<typeof faultsOfAnswers> =>
    faultsOfAnswers(
      Array.from({ length: all }, (_, at) => ({
        completion: honestCompletion(at < bad ? 'no JSON' : receipt),
        answer: receipt,
      })),
      { kind: 'fields' },
    );
  expect(some(5, 10)[0]?.message).toMatch(/^50% of the answers are not JSON\./);
  expect(some(2, 10)).toEqual([]);
  expect(some(5, 5)).toEqual([]);
});
