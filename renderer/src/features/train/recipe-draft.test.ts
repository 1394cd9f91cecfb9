/** @file When you can start a run, what is missing, and the request to the studio. */
import { describe, expect, it } from 'vitest';
import {
  DatasetId,
  KlSchedule,
  RunRequest,
  type DatasetSummary,
  type ModelSummary,
} from '../../../../electron/contract/api/index.ts';
import { RecipeDraft, scheduleOfKind } from './recipe-draft.svelte.ts';

const model = { id: 'model-1', promptTemplate: '{question}' } as ModelSummary;
const dataset = {
  id: 'ds-1',
  name: 'Birds',
  train: 10,
  test: 4,
  excluded: { train: 0, test: 0 },
  licences: [],
} as unknown as DatasetSummary;

function readyDraft(): RecipeDraft {
  const draft = new RecipeDraft();
  draft.model = model;
  draft.dataset = dataset;
  return draft;
}

describe('RecipeDraft', () => {
  it('takes rewards and template from a learning task, and leaves it once you change them', () => {
    const draft = readyDraft();
    draft.chooseTask('tags');
    expect(draft.task).toBe('tags');
    expect(draft.request()?.rewards?.[0]).toMatchObject({ name: 'accuracy', params: { kind: 'tags' } });
    expect(draft.request()?.promptTemplate).toContain('tags separated by commas');
    const [first] = draft.rewards;
    if (first !== undefined) first.weight = 2;
    expect(draft.task).toBeUndefined();
    draft.chooseTask(undefined);
    expect(draft.changed).toBe(0);
  });

  it('names what is missing in the order of the screen and gives no request', () => {
    const draft = new RecipeDraft();
    expect(draft.missing).toEqual(['model', 'data']);
    expect(draft.request()).toBeUndefined();
  });

  it('leaves it to the studio to say that every sample is left out, and refuses weights out of range', () => {
    const draft = readyDraft();
    draft.dataset = { ...dataset, excluded: { train: 10, test: 4 } };
    expect(draft.missing).toEqual([]);
    expect(RunRequest.safeParse(draft.request()).success).toBe(true);
    for (const weight of [-1, 0, 1_000_001]) {
      draft.mix([
        { dataset, weight: 1 },
        { dataset: { ...dataset, id: DatasetId.parse('ds-2') }, weight },
      ]);
      expect(draft.missing).toEqual(['weights']);
    }
  });

  it('gives a request that the contract accepts, without names that were left empty', () => {
    const draft = readyDraft();
    expect(draft.missing).toEqual([]);
    expect(draft.changed).toBe(0);
    const request = RunRequest.parse(draft.request());
    expect(request).toMatchObject({ modelId: 'model-1', datasetId: 'ds-1', method: 'grpo-d' });
    expect(request.klSchedule?.kind).toBe('paper-eq3');
    expect(request).not.toHaveProperty('name');
    expect(request).not.toHaveProperty('promptTemplate');
  });

  it('is ready with an adapter to begin with, whose settings replace those of the form', () => {
    const draft = readyDraft();
    draft.startAdapter = { path: '/adapters/teacher' };
    expect([...draft.problems]).toEqual([]);
    const request = RunRequest.parse(draft.request());
    expect(request.startAdapter).toEqual({ path: '/adapters/teacher' });
    expect(request).not.toHaveProperty('adapter');
  });

  it('marks a number that the contract refuses, and counts what was changed', () => {
    const draft = readyDraft();
    draft.grpo.topP = 1.5;
    expect(draft.problems.has('grpo.topP')).toBe(true);
    expect(draft.missing).toEqual(['parameters']);
    expect(draft.changed).toBe(1);
    draft.reset();
    expect(draft.missing).toEqual([]);
    expect(draft.changed).toBe(0);
  });

  it('refuses what the data cannot give, in words and at its field, before anything starts', () => {
    const draft = readyDraft();
    draft.grpo.promptsPerStep = 500;
    draft.numbers.evalSamples = 9;
    expect(draft.problems.get('grpo.promptsPerStep')).toBe(
      'Each step asks 500 questions, but the run has only 10 to train on. Use at most 10 questions per step.',
    );
    expect(draft.problems.get('evalSamples')).toContain('"Birds" has 4');
    expect(draft.missing).toEqual(['parameters']);
    expect(draft.request()).toBeUndefined();
  });

  it('fits a default that was not touched to few samples and few steps, and shows what it will use', () => {
    const draft = readyDraft();
    draft.numbers.steps = 3;
    expect(draft.fitted).toMatchObject({ grpo: { promptsPerStep: 10 }, optimiser: { warmupSteps: 2 } });
    expect(draft.missing).toEqual([]);
    expect(draft.request()).toMatchObject({ grpo: { promptsPerStep: 10 }, optimiser: { warmupSteps: 2 } });
  });

  it('needs a reward that counts, but not for copying answers', () => {
    const draft = readyDraft();
    for (const reward of draft.rewards) reward.weight = 0;
    expect(draft.missing).toEqual(['rewards']);
    draft.chooseMethod('sft');
    expect(draft.missing).toEqual([]);
    // The studio rejects a schedule if there is no reference model to stay close to.
    expect(RunRequest.parse(draft.request()).klSchedule).toBeUndefined();
  });

  it('leaves out a reward without weight', () => {
    const draft = readyDraft();
    const format = draft.rewards[1];
    if (format !== undefined) format.weight = 0;
    expect(draft.request()?.rewards).toEqual([{ name: 'accuracy', weight: 1 }]);
  });

  it('lets a method bring its schedule, but keeps one that a person has set', () => {
    const draft = readyDraft();
    draft.chooseMethod('grpo');
    expect(draft.klSchedule).toEqual({ kind: 'constant', beta: 0.04 });
    draft.klSchedule = { kind: 'constant', beta: 0.2 };
    draft.chooseMethod('grpo-d');
    expect(draft.klSchedule).toEqual({ kind: 'constant', beta: 0.2 });
  });
});

describe('the later fields of a recipe', () => {
  it('are sent only where they say something', () => {
    const draft = readyDraft();
    expect(draft.request()).not.toHaveProperty('trainSamples');
    expect(draft.request()).not.toHaveProperty('attribution');
    draft.trainSamples = 8;
    draft.attribution = 'estimate';
    draft.numbers.evalEvery = 10;
    expect(RunRequest.parse(draft.request())).toMatchObject({
      trainSamples: 8,
      attribution: 'estimate',
      evalEvery: 10,
    });
    expect(draft.changed).toBe(3);
    draft.trainSamples = 1.5;
    expect(draft.missing).toEqual(['parameters']);
  });

  it('leave nothing chosen that all weights cannot have', () => {
    const draft = readyDraft();
    draft.frozenWeights = 'nf4';
    draft.startAdapter = { path: '/adapter' };
    draft.chooseAdapter('full');
    expect([draft.changed, draft.frozenWeights, draft.startAdapter]).toEqual([1, undefined, undefined]);
  });

  it('leave the frozen weights as when the adapter was trained that they begin with, unless you choose', () => {
    const draft = readyDraft();
    const asked = (): unknown => draft.request()?.frozenWeights;
    draft.frozenWeights = 'as-published';
    expect([asked(), draft.changed]).toEqual([undefined, 0]);
    draft.startAdapter = { path: '/adapter' };
    expect(asked()).toBe('as-published');
    draft.frozenWeights = undefined;
    expect(asked()).toBeUndefined();
    draft.frozenWeights = 'nf4';
    expect(asked()).toBe('nf4');
  });

  it('mix a dataset once, however often it is named', () => {
    const draft = readyDraft();
    const [dataset] = draft.datasets;
    if (dataset === undefined) throw new Error('not ready');
    const other = { ...dataset, id: 'other' as typeof dataset.id };
    draft.mix([dataset, other, dataset].map((each) => ({ dataset: each, weight: 1 })));
    expect(draft.mixture.map((part) => part.dataset.id)).toEqual([dataset.id, 'other']);
  });

  it('come back from a recipe, and what it leaves out is as usual', () => {
    const draft = readyDraft();
    draft.numbers.steps = 12;
    draft.take({ method: 'grpo', klSchedule: { kind: 'constant', beta: 0.2 }, trainSamples: 5, seed: 3 });
    expect(draft.request()).toMatchObject({ method: 'grpo', klSchedule: { beta: 0.2 }, trainSamples: 5, seed: 3 });
    expect(draft.numbers.steps).toBe(100);
  });
});

describe('scheduleOfKind', () => {
  it('gives bounds that the contract accepts to what answers to measurements', () => {
    const constant = { kind: 'constant', beta: 0 } as const;
    for (const kind of ['target-kl', 'accuracy-conditioned'] as const) {
      expect(KlSchedule.safeParse(scheduleOfKind(kind, constant)).success).toBe(true);
    }
  });

  it('keeps the numbers that still have a meaning', () => {
    const dynamic = { kind: 'paper-eq3', betaMin: 0.02, betaMax: 0.3, explorationRatio: 0.5 } as const;
    expect(scheduleOfKind('mean-matched', dynamic)).toEqual({ ...dynamic, kind: 'mean-matched' });
    expect(scheduleOfKind('linear', dynamic)).toEqual({ kind: 'linear', betaStart: 0.02, betaEnd: 0.3 });
    expect(scheduleOfKind('constant', dynamic)).toEqual({ kind: 'constant', beta: 0.02 });
  });
});
