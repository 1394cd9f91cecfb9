/** @file Tags and transcripts: what is right, what earns a part, and agreement with jiwer and pycocotools. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AccuracyParams, AnswerKind } from '../contract/model/rewards.ts';
import { gradeAnswer } from './accuracy.ts';
import type { Grade } from './grade.ts';
import { descriptionText } from './descriptions.ts';
import { readSchema } from './fields.ts';
import { DESCRIPTION_LOOPHOLES, honestCompletion, probesFor, rightAnswer, wrongAnswers } from './hack-probes.ts';
import { kendallTau } from './orders.ts';
import { metricsOfKind } from './partial-grades.ts';
import { boxF1, overlap, pointHits, type Box, type Labelled, type Point } from './places.ts';
import { scoreBuiltIn } from './registry.ts';
import { chrF, rougeL } from './text-similarity.ts';
import { errorRate, normaliseTranscript, type Normalisation } from './transcripts.ts';

const golden = JSON.parse(readFileSync(new URL('fixtures/golden-metrics.json', import.meta.url), 'utf8')) as {
  transcripts: { reference: string; given: string; normalise: Normalisation; characters: number; words: number }[];
  overlaps: { boxes: [Box, Box]; iou: number }[];
  texts: { given: string; reference: string; chrf: number; rougeL: number }[];
  matchings: { found: Box[]; expected: Box[]; f1: number; points: Point[]; hits: number }[];
  orders: { places: [number[], number[]]; tau: number }[];
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

describe('fields', () => {
  const schema = JSON.stringify({
    type: 'object',
    properties: {
      shop: { type: 'string' },
      total: { type: 'number', tolerance: 0.05 },
      paid: { type: 'boolean' },
      items: { type: 'array', items: { type: 'object', properties: { price: { type: 'number' } } } },
    },
    required: ['shop', 'total'],
    additionalProperties: false,
  });
  const answer = '{"shop": "Café Hof", "total": 12.5, "paid": true, "items": [{"price": 2}, {"price": 3}]}';
  const part = { kind: 'fields', partialCredit: true, schema } as const;

  it('is right in any order of fields, within the tolerances', () => {
    const same = '{"paid":true,"total":12.46,"shop":"Café  Hof","items":[{"price":2},{"price":3.0}]}';
    expect(grade(same, answer, part)).toMatchObject({ verdict: 'correct', value: 1 });
    expect(grade(same, answer, { kind: 'fields' }).verdict).toBe('wrong');
    expect(grade('```json\n{"a": 1}\n```', '{"a": 1}', { kind: 'fields' }).verdict).toBe('correct');
    expect(grade('{"a": 1.1}', '{"a": 1}', { kind: 'fields', relativeTolerance: 0.1 }).verdict).toBe('correct');
  });

  it.each<[string, number]>([
    ['{"shop":"Café Hof","total":12.5,"paid":true}', 6 / 8],
    ['{"shop":"Café Hof","total":"12.5","paid":true,"items":[{"price":2},{"price":3}]}', 8 / 10],
    ['{"shop":"Café Hof","total":12.5,"paid":true,"items":[{"price":2},{"price":3}],"vat":1}', 10 / 11],
    ['{"shop":"Other","total":99,"paid":false,"items":[]}', 0],
    ['{"shop":null,"total":12.5}', 2 / 6],
  ])('%s earns %d', (given, value) => {
    expect(grade(given, answer, part)).toMatchObject({ verdict: 'wrong' });
    expect(grade(given, answer, part).value).toBeCloseTo(value, 12);
  });

  it.each(['Café Hof, 12.50', '[1, 2]', '{"total": 12, "total": 12.5}', '{"a":1,"b":1,"c":1,"d":1,"e":1}', '{}x'])(
    '%s commits to nothing',
    (given) =>
      expect(grade(given, '{"total": 12.5}', { kind: 'fields', partialCredit: true }).verdict).toBe('unparsed'),
  );

  it.each([
    ['not JSON', 'it is not JSON'],
    ['{"type":"array"}', 'it does not say'],
    ['{"type":"object","properties":{"a":{"type":"string","pattern":"(a+)+"}}}', '"pattern" is not one of'],
    ['{"type":"object","properties":{"a":{"type":"number","tolerance":-1}}}', 'a tolerance is not 0 or more'],
    ['{"type":"object","properties":{"a":{"type":"nothing"}}}', 'schema is invalid'],
  ])('refuses the schema %s', (text, fault) => expect(readSchema(text)).toContain(fault));
});

describe('orders', () => {
  it.each(['A > B > C', 'C < B < A', 'a, b, c', 'A; B; C.', 'A -> B -> C', 'A > b > C'])('%j is the order', (given) =>
    expect(grade(given, 'A > B > C', { kind: 'order' })).toMatchObject({ verdict: 'correct', value: 1 }),
  );

  it.each(['A > B', 'A > B > C > D', 'C > B > A', 'A > B > D', 'A = B = C'])('%j is not', (given) =>
    expect(grade(given, 'A > B > C', { kind: 'order', partialCredit: true }).value).toBe(0),
  );

  it.each(['A', 'A > B < C', 'A, B > C', 'A > A > B', 'A > B or C > A', 'A > > B'])('%j commits to no order', (given) =>
    expect(grade(given, 'A > B > C', { kind: 'order' }).verdict).toBe('unparsed'),
  );

  it('compares two things, and reads things in the same place', () => {
    expect(grade('A = B', 'B = A', { kind: 'order' }).verdict).toBe('correct');
    expect(grade('A > B', 'A = B', { kind: 'order', partialCredit: true })).toMatchObject({
      verdict: 'wrong',
      value: 0,
    });
    expect(grade('B, A, C', 'A, B, C', { kind: 'order', partialCredit: true }).value).toBeCloseTo(1 / 3, 12);
  });

  it.each(golden.orders)("Kendall's tau of %j is scipy's", ({ places: [a, b], tau }) => {
    const named = (places: number[]): Map<string, number> => new Map(places.map((place, at) => [String(at), place]));
    expect(kendallTau(named(a), named(b))).toBeCloseTo(tau, 12);
  });
});

describe('descriptions', () => {
  const answer = 'A heron stands in the water. || must: heron, water = sea || not: people, boat';
  const part = { kind: 'description', partialCredit: true } as const;

  it('is right when it names all facts and nothing forbidden', () => {
    expect(grade('A grey heron in the sea.', answer, part).verdict).toBe('correct');
    for (const given of ['A heron.', 'A heron in the water beside a boat.', 'No heron in the water.'])
      expect(grade(given, answer, part).verdict).toBe('wrong');
    expect(grade('There are no people, but a heron in water.', answer, part).verdict).toBe('correct');
    expect(grade('A heron stands in the water. '.repeat(20), answer, part).verdict).toBe('wrong');
  });

  it('earns the mean of facts and resemblance, and less when it is too long', () => {
    const text = 'A heron stands in the water.';
    expect(grade(text, answer, part)).toMatchObject({ value: 1, metrics: { facts: 1, chrf: 1, 'rouge-l': 1 } });
    const { metrics, value } = grade('A heron beside a boat', answer, { ...part, resemblance: 'rouge-l' });
    expect(metrics?.facts).toBeCloseTo(0.5 * 0.5, 12);
    expect(value).toBeCloseTo((0.25 + (metrics?.['rouge-l'] ?? 0)) / 2, 12);
    expect(grade(`${text} ${'so '.repeat(200)}`, answer, part).value).toBe(0);
    expect(grade('heron, sea', '|| must: heron, sea', part)).toMatchObject({ value: 1, metrics: { facts: 1 } });
  });

  it('gives supervised training the text without the facts', () => {
    expect(descriptionText(answer)).toBe('A heron stands in the water.');
    expect(descriptionText('|| must: heron, water = sea')).toBe('heron, water');
    expect(descriptionText('Not: for sale || or rent')).toBe('Not: for sale || or rent');
  });

  it.each(golden.texts)('the resemblance of %j is that of sacrebleu and rouge-score', (row) => {
    expect(chrF(row.given, row.reference)).toBeCloseTo(row.chrf, 12);
    expect(rougeL(row.given, row.reference)).toBeCloseTo(row.rougeL, 12);
  });
});

it.each(golden.matchings)('F1 of boxes and hits of points in %j are those of pycocotools and scipy', (row) => {
  const places = <Place>(list: Place[]): Labelled<Place>[] => list.map((place) => ({ place, label: null }));
  expect(boxF1(places(row.found), places(row.expected), 0.5)).toBeCloseTo(row.f1, 12);
  expect(pointHits(places(row.points), places(row.expected))).toBeCloseTo(row.hits, 12);
});

it('boxes and points earn a part where partial credit is asked for', () => {
  const boxes = '[[0, 0, 10, 10], [20, 20, 30, 30]]';
  expect(grade('[[0, 0, 10, 10], [50, 50, 60, 60]]', boxes, { kind: 'box', partialCredit: true }).value).toBe(0.5);
  expect(grade('[[5, 5], [90, 90]]', boxes, { kind: 'point', partialCredit: true }).value).toBe(0.5);
  expect(grade('[[5, 5], [90, 90]]', boxes, { kind: 'point' })).toMatchObject({
    value: 0,
    metrics: { 'point-hits': 0.5 },
  });
});

it('an answer that cannot be read has every metric of its kind at 0', () => {
  const nothing = (kind: AnswerKind): Grade => gradeAnswer({ kind, completion: 'x', answer: 'x', task: 'other' });
  for (const kind of ['tags', 'transcript', 'fields', 'order', 'box', 'point'] as const)
    expect(nothing(kind).metrics).toEqual(Object.fromEntries(metricsOfKind(kind).map((name) => [name, 0])));
  expect(nothing('text').metrics).toBeUndefined();
});

describe.each([
  [{ kind: 'tags' }, 'bird, dog, sea'],
  [{ kind: 'tags' }, 'bird'],
  [{ kind: 'transcript' }, 'Rose Hof 1898'],
  [{ kind: 'transcript', errorRate: 'words' }, 'Open from nine to five on all days'],
  [{ kind: 'fields' }, '{"shop": "Hof", "total": 12.5, "paid": true}'],
  [{ kind: 'order' }, 'pot > cup > spoon > fork'],
  [{ kind: 'description' }, 'A heron stands in the water. || must: heron, water || not: boat'],
  [{ kind: 'box' }, '[[10,20,30,40],[50,60,70,80]]'],
  [{ kind: 'point' }, '[[10,20,30,40],[50,60,70,80]]'],
] as const)('tricks against %j', (params, whole) => {
  const answer = rightAnswer(whole, params.kind);
  const score = (completion: string, partialCredit: boolean): number =>
    scoreBuiltIn(
      // What an error is matters only for partial credit.
      { name: 'accuracy', weight: 1, params: partialCredit ? { ...params, partialCredit } : { kind: params.kind } },
      completion,
      { answer: whole, task: 'other' },
    ) ?? NaN;

  it.each(probesFor(params.kind).filter(({ against }) => against.includes('answer')))(
    'a model that $title earns less than the answer, and nothing without partial credit',
    ({ id, build }) => {
      expect(score(honestCompletion(answer), true)).toBe(1);
      if (params.kind === 'description' && DESCRIPTION_LOOPHOLES.has(id)) return;
      const trick = build(answer, wrongAnswers(answer), whole);
      expect(score(trick, true)).toBeLessThan(0.9);
      expect(score(trick, false)).toBe(0);
    },
  );
});

it('a list of facts is a known way to please a reward without texts', () => {
  const whole = '|| must: heron, water';
  const trick = probesFor('description').find(({ id }) => id === 'fact-list');
  const completion = trick?.build(rightAnswer(whole, 'description'), [], whole) ?? '';
  expect(
    gradeAnswer({ kind: 'description', partialCredit: true, completion, answer: whole, task: 'other' }).value,
  ).toBe(1);
});
