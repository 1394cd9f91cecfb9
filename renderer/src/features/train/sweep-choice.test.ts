/** @file A recipe becomes a sweep that fits the contract and keeps all settings. */
import { describe, expect, it } from 'vitest';
import type { DatasetSummary, ModelSummary } from '../../../../electron/contract/api/index.ts';
import { RecipeDraft } from './recipe-draft.svelte.ts';
import { SweepChoice } from './sweep-choice.svelte.ts';

function drafted(): RecipeDraft {
  const draft = new RecipeDraft();
  draft.model = { id: 'model-1' } as ModelSummary;
  draft.dataset = { id: 'ds-1', train: 60, test: 8, excluded: { train: 0, test: 0 } } as DatasetSummary;
  return draft;
}

describe('SweepChoice', () => {
  it('takes over the recipe', () => {
    const draft = drafted();
    draft.numbers.steps = 12;
    draft.trainSamples = 50;
    draft.klSchedule = { kind: 'constant', beta: 0.1 };
    const sweep = new SweepChoice();
    sweep.swept = 'reward-weight';
    sweep.valuesText = '0, 1';
    sweep.seedsText = '7, 8, 9';
    expect(sweep.runs).toBe(6);
    expect(sweep.request(draft)).toMatchObject({
      kind: 'sweep',
      recipe: { steps: 12 },
      task: { datasetId: 'ds-1', beta: 0.1, trainSamples: 50 },
      vary: { kind: 'reward-weight', reward: 'format', values: [0, 1] },
    });
  });

  it('is nothing while values, seeds or the recipe are not ready, and for a method without them', () => {
    const sweep = new SweepChoice();
    expect(sweep.request(new RecipeDraft())).toBeUndefined();
    const draft = drafted();
    sweep.valuesText = 'a lot';
    expect([sweep.runs, sweep.request(draft)]).toEqual([0, undefined]);
    sweep.valuesText = '0, 0.1';
    draft.chooseMethod('sft');
    expect(sweep.request(draft)).toBeUndefined();
  });
});
