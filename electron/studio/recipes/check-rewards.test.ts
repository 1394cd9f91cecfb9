/** @file Rewards that cannot work are refused; the error names the field and the remedy. */
import { describe, expect, it } from 'vitest';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Task } from '../../contract/model/primitives.ts';
import { RewardSpec } from '../../contract/model/rewards.ts';
import { rewardVersion } from '../../rewards/registry.ts';
import { checkRewardSpecs, checkRewardVersions } from './check-rewards.ts';

function refusal(
  rewards: unknown[],
  answers: string[] = ['7', '3'],
  task: Task = 'counting',
): { field: string | undefined; message: string } | null {
  try {
    checkRewardSpecs(
      rewards.map((reward) => RewardSpec.parse(reward)),
      {
        datasetName: 'Mine',
        answers: answers.map((answer) => ({ answer, task })),
      },
    );
  } catch (error) {
    if (!(error instanceof AtelierError)) throw error;
    expect(error.remedy).toBeTruthy();
    return { field: error.place.field, message: error.message };
  }
  return null;
}

const accuracy = (params: object): object => ({ name: 'accuracy', weight: 1, params });

describe('kinds that fit the data', () => {
  it.each<[object, string[], Task]>([
    [{}, ['7'], 'counting'],
    [{ kind: 'auto' }, ['cat'], 'other'],
    [{ kind: 'count' }, ['7', 'three'], 'counting'],
    [{ kind: 'number', tolerance: 1 }, ['7'], 'counting'],
    [{ kind: 'degrees', tolerance: 1 }, ['60°', '45'], 'geometry'],
    [{ kind: 'choice' }, ['A', 'C'], 'geometry'],
    [{ kind: 'box', iouThreshold: 0.7, overlapAsReward: true }, ['[0,0,10,10]'], 'other'],
    [{ kind: 'point' }, ['[0,0,10,10]'], 'other'],
    [{ kind: 'text', caseSensitive: true }, ['cat'], 'other'],
  ])('%j for %j', (params, answers, task) => expect(refusal([accuracy(params)], answers, task)).toBeNull());
});

describe('kinds that do not', () => {
  it.each<[object, string[], Task, RegExp]>([
    [{ kind: 'box' }, ['7'], 'counting', /reads boxes.*holds counting questions/],
    [{ kind: 'choice' }, ['7'], 'counting', /reads choice letters/],
    [{ kind: 'count' }, ['60'], 'geometry', /holds geometry questions/],
    [{ kind: 'count' }, ['7', '7.5', 'B'], 'other', /2 of 3 reference answers.*"7\.5"/],
    [{ kind: 'pi' }, ['3π', '60°'], 'geometry', /multiples of π.*1 of 2.*"60°"/],
    [{ kind: 'yes-no' }, ['yes', 'maybe'], 'other', /"maybe"/],
  ])('%j for %j', (params, answers, task, message) => {
    const refused = refusal([{ name: 'format', weight: 1 }, accuracy(params)], answers, task);
    expect(refused?.field).toBe('rewards.1.params.kind');
    expect(refused?.message).toMatch(message);
  });
});

describe('parameters that mean nothing or contradict each other', () => {
  it.each<[object, string]>([
    [accuracy({ kind: 'choice', tolerance: 1 }), 'rewards.0.params.tolerance'],
    [accuracy({ kind: 'pi', relativeTolerance: 0.1 }), 'rewards.0.params.relativeTolerance'],
    [accuracy({ iouThreshold: 0.5 }), 'rewards.0.params.iouThreshold'],
    [accuracy({ kind: 'number', caseSensitive: true }), 'rewards.0.params.caseSensitive'],
    [accuracy({ kind: 'text', partialCredit: true }), 'rewards.0.params.partialCredit'],
    [accuracy({ kind: 'tags', vocabulary: 'a, b = a' }), 'rewards.0.params.vocabulary'],
    [accuracy({ kind: 'tags', vocabulary: 'bird, dog' }), 'rewards.0.params.vocabulary'],
    [accuracy({ kind: 'transcript', errorRate: 'words' }), 'rewards.0.params.errorRate'],
    [accuracy({ kind: 'tags', normalise: 'letters' }), 'rewards.0.params.normalise'],
    [{ name: 'length', weight: 1, params: { min: 900 } }, 'rewards.0.params.min'],
    [{ name: 'format', weight: 1, params: { form: 'r1v', requireThought: true } }, 'rewards.0.params.requireThought'],
  ])('%j', (spec, field) => expect(refusal([spec], ['A'], 'other')?.field).toBe(field));
});

it("two rewards of a person's own may stand side by side under different names", () => {
  const own = (label: string): object => ({
    name: 'custom',
    weight: 1,
    params: { label, file: 'a.ts', source: 'x', sha256: 'a'.repeat(64) },
  });
  expect(refusal([own('one'), own('two')])).toBeNull();
  expect(refusal([own('one'), own('one')])).toMatchObject({
    field: 'rewards',
    message: expect.stringContaining('custom:one'),
  });
});

describe('stored recipes', () => {
  it('of earlier versions still mean what they meant', () => {
    expect(RewardSpec.parse({ name: 'accuracy', weight: 1 })).toEqual({ name: 'accuracy', weight: 1 });
    expect(RewardSpec.parse({ name: 'format', weight: 0.5 })).toEqual({ name: 'format', weight: 0.5 });
  });

  it('refuse a parameter that is misspelt', () => {
    expect(RewardSpec.safeParse(accuracy({ tolerence: 1 })).success).toBe(false);
  });
});

describe('a resume', () => {
  const spec = RewardSpec.parse({ name: 'accuracy', weight: 1 });

  it('goes on with the same code, also where no version was recorded yet', () => {
    expect(() => checkRewardVersions([spec, { ...spec, version: rewardVersion(spec) }])).not.toThrow();
  });

  it('is refused with other code', () => {
    expect(() => checkRewardVersions([{ ...spec, version: '0' }])).toThrow(
      expect.objectContaining({ code: 'CONFLICT', place: { field: 'rewards.0' } }),
    );
  });
});

describe('answers that can be partly right', () => {
  const description = 'A heron in water. || must: heron || not: boat';
  it.each<[object, string[]]>([
    [{ kind: 'fields', partialCredit: true, tolerance: 0.01 }, ['{"total": 1}']],
    [{ kind: 'fields', schema: '{"type":"object","properties":{"total":{"type":"number"}}}' }, ['{"total": 1}']],
    [{ kind: 'order', partialCredit: true }, ['A > B', 'a, b, c']],
    [{ kind: 'box', partialCredit: true }, ['[0,0,10,10]']],
    [{ kind: 'point', partialCredit: true }, ['[0,0,10,10]']],
  ])('%j for %j', (params, answers) => expect(refusal([accuracy(params)], answers, 'other')).toBeNull());

  it.each<[object, string[], string, RegExp]>([
    [{ kind: 'fields' }, ['{"a": 1}', 'a: 1'], 'kind', /reads fields as JSON, but 1 of 2/],
    [
      { kind: 'fields', schema: '{"type":"array"}' },
      ['{"a": 1}'],
      'schema',
      /The schema cannot be used: it does not say/,
    ],
    [
      { kind: 'fields', schema: '{"type":"object","properties":{"a":{"type":"string"}}}' },
      ['{"a": 1}'],
      'schema',
      /does not allow "\/a" in the reference answer/,
    ],
    [{ kind: 'order', schema: '{}' }, ['A > B'], 'schema', /means nothing to the accuracy reward of the kind "order"/],
    [{ kind: 'order' }, ['A'], 'kind', /reads things in order/],
    [{ kind: 'box', partialCredit: true, overlapAsReward: true }, ['[0,0,1,1]'], 'partialCredit', /means nothing/],
    [{ kind: 'text', longest: 5 }, ['cat'], 'longest', /means nothing/],
    [{ kind: 'description' }, ['A heron.'], 'kind', /reads descriptions with facts/],
    [{ kind: 'description' }, ['A duck. || must: heron'], 'kind', /wrong by its own rules/],
  ])('%j for %j is refused', (params, answers, field, message) => {
    const refused = refusal([accuracy(params), { name: 'repetition', weight: 0.5 }], answers, 'other');
    expect(refused?.field).toBe(`rewards.0.params.${field}`);
    expect(refused?.message).toMatch(message);
  });

  it('refuses a description reward that decides alone', () => {
    const alone = accuracy({ kind: 'description', partialCredit: true });
    expect(refusal([alone], [description], 'other')).toMatchObject({ field: 'rewards.0' });
    expect(refusal([{ name: 'format', weight: 0 }, alone], [description], 'other')).toMatchObject({
      field: 'rewards.1',
    });
    expect(refusal([alone, { name: 'format', weight: 0.5 }], [description], 'other')).toBeNull();
  });
});
