/** @file What can be started, what is missing, and what goes to the studio. */
import { describe, expect, it } from 'vitest';
import { RunRequest, type DatasetSummary, type ModelSummary } from '../../../electron/contract/index.ts';
import { RecipeDraft, scheduleOfKind } from './recipe-draft.svelte.ts';

const model = { id: 'model-1', promptTemplate: '{question}' } as ModelSummary;
const dataset = { id: 'ds-1', train: 10, licences: [] } as unknown as DatasetSummary;

function readyDraft(): RecipeDraft {
  const draft = new RecipeDraft();
  draft.model = model;
  draft.dataset = dataset;
  return draft;
}

describe('RecipeDraft', () => {
  it('names what is missing in the order of the screen and gives no request', () => {
    const draft = new RecipeDraft();
    expect(draft.missing).toEqual(['model', 'data']);
    expect(draft.request()).toBeUndefined();
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

  it('needs a reward that counts, but not for copying answers', () => {
    const draft = readyDraft();
    for (const reward of draft.rewards) reward.weight = 0;
    expect(draft.missing).toEqual(['rewards']);
    draft.chooseMethod('sft');
    expect(draft.missing).toEqual([]);
    expect(RunRequest.safeParse(draft.request()).success).toBe(true);
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

describe('scheduleOfKind', () => {
  it('keeps the numbers that still have a meaning', () => {
    const dynamic = { kind: 'paper-eq3', betaMin: 0.02, betaMax: 0.3, explorationRatio: 0.5 } as const;
    expect(scheduleOfKind('mean-matched', dynamic)).toEqual({ ...dynamic, kind: 'mean-matched' });
    expect(scheduleOfKind('linear', dynamic)).toEqual({ kind: 'linear', betaStart: 0.02, betaEnd: 0.3 });
    expect(scheduleOfKind('constant', dynamic)).toEqual({ kind: 'constant', beta: 0.02 });
  });
});
