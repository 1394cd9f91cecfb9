/** @file Tags and transcripts: what is right, what earns a part, and agreement with jiwer and pycocotools. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AccuracyParams } from '../contract/model/rewards.ts';
import { gradeAnswer, type Grade } from './accuracy.ts';
import { hackProbes, honestCompletion, wrongAnswers } from './hack-probes.ts';
import { overlap, type Box } from './places.ts';
import { scoreBuiltIn } from './registry.ts';
import { errorRate, normaliseTranscript, type Normalisation } from './transcripts.ts';

const golden = JSON.parse(readFileSync(new URL('fixtures/golden-metrics.json', import.meta.url), 'utf8')) as {
  transcripts: { reference: string; given: string; normalise: Normalisation; characters: number; words: number }[];
  overlaps: { boxes: [Box, Box]; iou: number }[];
};

const grade = (given: string, answer: string, params: AccuracyParams): Grade =>
  gradeAnswer({ ...params, completion: honestCompletion(given), answer, task: 'other' });

describe('tags', () => {
  const vocabulary = 'bird, dog = hound = puppy, sea';

  it.each(['bird, dog', 'Dog; BIRD', 'dog,bird.', '#bird, #dog'])('%j is the set', (given) =>
    expect(grade(given, 'bird, dog', { kind: 'tags' })).toMatchObject({ verdict: 'correct', value: 1 }),
  );

  it.each(['bird, bird', 'bird or dog', 'bird, not dog', 'bird,, dog', 'bird\ndog', 'a, b, c, d, e, f, g'])(
    '%j commits to no set',
    (given) => expect(grade(given, 'bird, dog', { kind: 'tags', partialCredit: true }).verdict).toBe('unparsed'),
  );

  it('reads synonyms, and nothing outside of a closed vocabulary', () => {
    expect(grade('puppy, bird', 'dog, bird', { kind: 'tags', vocabulary }).verdict).toBe('correct');
    expect(grade('puppy, hound', 'dog', { kind: 'tags', vocabulary }).verdict).toBe('unparsed');
    expect(grade('cat, bird', 'dog, bird', { kind: 'tags', vocabulary }).verdict).toBe('unparsed');
  });

  it('pays F1 where partial credit is asked for, else nothing for a part', () => {
    expect(grade('bird', 'bird, dog', { kind: 'tags' })).toMatchObject({ verdict: 'wrong', value: 0 });
    const part = { kind: 'tags', partialCredit: true } as const;
    expect(grade('bird', 'bird, dog', part)).toMatchObject({ verdict: 'wrong', value: 2 / 3 });
    expect(grade('bird, sea', 'bird, dog', part).value).toBe(0.5);
    expect(grade('sea', 'bird, dog', part).value).toBe(0);
  });
});

describe('transcripts', () => {
  it.each(golden.transcripts)('the error rates of %j are those of jiwer', (row) => {
    const [given, reference] = [row.given, row.reference].map((text) => normaliseTranscript(text, row.normalise));
    if (given === undefined || reference === undefined) throw new Error('The row has no texts.');
    expect(errorRate(given, reference, 'characters')).toBeCloseTo(row.characters, 12);
    expect(errorRate(given, reference, 'words')).toBeCloseTo(row.words, 12);
  });

  it('is right after normalisation, and earns 1 − the error rate where partial credit is asked for', () => {
    expect(grade('Café  1898', 'Cafe\u0301 1898', { kind: 'transcript' }).verdict).toBe('correct');
    expect(grade('café 1898.', 'Café 1898', { kind: 'transcript' })).toMatchObject({ verdict: 'wrong', value: 0 });
    expect(grade('café 1898.', 'Café 1898', { kind: 'transcript', normalise: 'letters' }).verdict).toBe('correct');
    const part = { kind: 'transcript', partialCredit: true } as const;
    expect(grade('Cafe 1898', 'Café 1898', part).value).toBeCloseTo(8 / 9);
    expect(grade('Cafe 1898', 'Café 1898', { ...part, errorRate: 'words' }).value).toBe(0.5);
    expect(grade('and so on and so on', 'Café', part).value).toBe(0);
  });
});

it.each(golden.overlaps)('the overlap of %j is that of pycocotools', ({ boxes: [a, b], iou }) => {
  expect(overlap(a, b)).toBeCloseTo(iou, 12);
});

describe.each([
  [{ kind: 'tags' }, 'bird, dog, sea'],
  [{ kind: 'tags' }, 'bird'],
  [{ kind: 'transcript' }, 'Rose Hof 1898'],
  [{ kind: 'transcript', errorRate: 'words' }, 'Open from nine to five on all days'],
] as const)('tricks against %j', (params, answer) => {
  const score = (completion: string, partialCredit: boolean): number =>
    scoreBuiltIn(
      // What an error is matters only for partial credit.
      { name: 'accuracy', weight: 1, params: partialCredit ? { ...params, partialCredit } : { kind: params.kind } },
      completion,
      { answer, task: 'other' },
    ) ?? NaN;

  it.each(hackProbes.filter(({ against }) => against.includes('answer')))(
    'a model that $title earns less than the answer, and nothing without partial credit',
    ({ build }) => {
      const trick = build(answer, wrongAnswers(answer));
      expect(score(honestCompletion(answer), true)).toBe(1);
      expect(score(trick, true)).toBeLessThan(0.9);
      expect(score(trick, false)).toBe(0);
    },
  );
});
