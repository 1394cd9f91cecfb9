/** @file Every built-in reward resists the tricks against it, for references of every kind. */
import { describe, expect, it } from 'vitest';
import type { RewardSpec } from '../contract/model/rewards.ts';
import { hackProbes, honestCompletion, probesFor, wrongAnswers } from './hack-probes.ts';
import { rewardFunctions, scoreBuiltIn, type RewardSample } from './registry.ts';

const references: [kind: 'auto' | Extract<RewardSpec, { name: 'accuracy' }>['params'], sample: RewardSample][] = [
  ['auto', { answer: '7', task: 'counting' }],
  ['auto', { answer: '<answer> 7 </answer>', task: 'counting' }],
  ['auto', { answer: '0', task: 'counting' }],
  ['auto', { answer: '60°', task: 'geometry' }],
  ['auto', { answer: '2√{3}', task: 'geometry' }],
  ['auto', { answer: '12π cm²', task: 'geometry' }],
  ['auto', { answer: 'B', task: 'other' }],
  ['auto', { answer: 'cat', task: 'other' }],
  ['auto', { answer: 'yes', task: 'other' }],
  ['auto', { answer: 'b', task: 'other' }],
  ['auto', { answer: 'B. a dog', task: 'other' }],
  ['auto', { answer: '120/80', task: 'other' }],
  ['auto', { answer: '1/2/2024', task: 'other' }],
  ['auto', { answer: '9:05', task: 'other' }],
  ['auto', { answer: '3-5', task: 'other' }],
  ['auto', { answer: '(3, 500)', task: 'other' }],
  ['auto', { answer: '007', task: 'other' }],
  ['auto', { answer: '50%', task: 'other' }],
  ['auto', { answer: '€5', task: 'other' }],
  ['auto', { answer: '5 kg', task: 'other' }],
  ['auto', { answer: '5 bottles', task: 'other' }],
  ['auto', { answer: '3/4', task: 'other' }],
  ['auto', { answer: '1,234.5', task: 'other' }],
  [{ kind: 'count' }, { answer: '7', task: 'counting' }],
  [
    { kind: 'number', tolerance: 0.5 },
    { answer: '3.5 cm', task: 'geometry' },
  ],
  [
    { kind: 'number', relativeTolerance: 0.05 },
    { answer: '350', task: 'other' },
  ],
  [{ kind: 'fraction' }, { answer: '3/4', task: 'geometry' }],
  [{ kind: 'radical' }, { answer: '2√3', task: 'geometry' }],
  [{ kind: 'pi' }, { answer: '3π', task: 'geometry' }],
  [{ kind: 'degrees' }, { answer: '60°', task: 'geometry' }],
  [{ kind: 'choice' }, { answer: 'C', task: 'other' }],
  [{ kind: 'yes-no' }, { answer: 'no', task: 'other' }],
  [{ kind: 'text' }, { answer: 'a red apple', task: 'other' }],
  [
    { kind: 'text', caseSensitive: true },
    { answer: 'Paris', task: 'other' },
  ],
  [{ kind: 'box' }, { answer: '[10, 20, 30, 40]', task: 'other' }],
  [{ kind: 'box' }, { answer: '{"bbox_2d":[10,20,30,40],"label":"pole"}', task: 'other' }],
  [{ kind: 'box' }, { answer: '[[10,20,30,40],[50,60,70,80]]', task: 'other' }],
  [
    { kind: 'box', overlapAsReward: true },
    { answer: '[10, 20, 30, 40]', task: 'other' },
  ],
  [{ kind: 'fields' }, { answer: '{"shop": "Hof", "total": 12.5, "items": [{"name": "tea"}]}', task: 'other' }],
  [{ kind: 'order' }, { answer: 'pot > cup > spoon', task: 'other' }],
  [{ kind: 'order' }, { answer: '1784, 1850, 1898', task: 'other' }],
];

describe.each(references)('accuracy %j', (params, sample) => {
  const spec: RewardSpec = { name: 'accuracy', weight: 1, ...(params === 'auto' ? {} : { params }) };
  const bare = sample.answer.replace(/<\/?answer>/g, '').trim();
  const score = (completion: string): number | null => scoreBuiltIn(spec, completion, sample);

  it('pays for the right answer and not for wrong ones', () => {
    expect(score(honestCompletion(bare))).toBe(1);
    for (const wrong of wrongAnswers(bare)) expect(score(honestCompletion(wrong))).toBe(0);
    expect(wrongAnswers(bare)).not.toHaveLength(0);
  });

  it.each(
    probesFor(params === 'auto' ? 'auto' : (params?.kind ?? 'auto')).filter(({ against }) =>
      against.includes('answer'),
    ),
  )('pays nothing to a model that $title', ({ build }) => {
    expect(score(build(bare, wrongAnswers(bare)))).toBeCloseTo(0, 6);
  });
});

describe('accuracy of a point in a box', () => {
  const spec: RewardSpec = { name: 'accuracy', weight: 1, params: { kind: 'point' } };
  const sample: RewardSample = { answer: '[10, 20, 30, 40]', task: 'other' };
  const score = (completion: string): number | null => scoreBuiltIn(spec, completion, sample);

  it('pays for a point inside and for none outside', () => {
    expect(score(honestCompletion('(20, 30)'))).toBe(1);
    expect(score(honestCompletion('(20, 41)'))).toBe(0);
  });

  it.each(probesFor('point').filter(({ against }) => against.includes('answer')))(
    'pays nothing to a model that $title',
    ({ build }) => {
      expect(score(build('(20, 30)', ['(900, 900)', '(800, 800)']))).toBe(0);
    },
  );

  it('pays nothing for boxes instead of points, however large', () => {
    for (const box of ['[10, 20, 30, 40]', '[0, 0, 100000, 100000]']) expect(score(honestCompletion(box))).toBe(0);
  });
});

it('a box around everything is not right, and as overlap it is worth next to nothing', () => {
  const sample: RewardSample = { answer: '[10, 20, 30, 40]', task: 'other' };
  const everything = honestCompletion('[0, 0, 100000, 100000]');
  const box = (params: object): number =>
    scoreBuiltIn({ name: 'accuracy', weight: 1, params: { kind: 'box', ...params } }, everything, sample) ?? NaN;
  expect(box({})).toBe(0);
  expect(box({ overlapAsReward: true })).toBeLessThan(1e-6);
});

describe.each([
  ['form', { name: 'format', weight: 1 }],
  ['thought', { name: 'reasoning', weight: 1 }],
] as const)('against tricks with the %s', (guard, spec) => {
  it.each(hackProbes.filter(({ against }) => against.includes(guard)))(
    `${spec.name} pays nothing to a model that $title`,
    ({ build }) => {
      expect(scoreBuiltIn(spec, build('7', ['8', '9']), { answer: '7', task: 'counting' })).toBe(0);
    },
  );

  it(`${spec.name} pays for an honest completion`, () => {
    expect(scoreBuiltIn(spec, honestCompletion('7'), { answer: '7', task: 'counting' })).toBe(1);
  });
});

it("R1-V's own form, offered for comparison, is fooled by some: the strict one is the default for a reason", () => {
  const spec: RewardSpec = { name: 'format', weight: 1, params: { form: 'r1v' } };
  const paid = hackProbes.filter(
    ({ against, build }) =>
      against.includes('form') && scoreBuiltIn(spec, build('7', ['8']), { answer: '7', task: 'counting' }) === 1,
  );
  expect(paid.map(({ id }) => id)).toEqual(expect.arrayContaining(['empty-answer', 'block-repeated', 'no-thought']));
});

it('every reward that guards something is tried', () => {
  const guarded = new Set(Object.values(rewardFunctions).flatMap(({ guards }) => guards));
  expect([...guarded].sort()).toEqual(['answer', 'form', 'thought']);
  expect(new Set(hackProbes.map(({ id }) => id)).size).toBe(hackProbes.length);
});
