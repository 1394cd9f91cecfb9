/** @file The number of runs, what is missing, and a request that fits the contract. */
import { describe, expect, it } from 'vitest';
import { ExperimentRequest, type DatasetSummary, type ModelSummary } from '../../../../electron/contract/api/index.ts';
import { LEARNING_TASKS } from '../../../../electron/method/learning-tasks.ts';
import { ExperimentDraft } from './experiment-draft.svelte.ts';

function draftOf(kind: 'exam' | 'contest' | 'sweep'): ExperimentDraft {
  const draft = new ExperimentDraft();
  draft.chooseKind(kind);
  draft.model = { id: 'model-1' } as ModelSummary;
  draft.first = { id: 'ds-1', train: 4, excluded: { train: 0, test: 0 } } as DatasetSummary;
  draft.second = { id: 'ds-2', train: 4, excluded: { train: 1, test: 0 } } as DatasetSummary;
  return draft;
}

describe('ExperimentDraft', () => {
  it.each([
    ['exam', 3 * 2 * 2],
    ['contest', 4 * 2],
    ['sweep', 5 * 2],
  ] as const)('counts the runs of %s and gives a request that the contract takes', (kind, runs) => {
    const draft = draftOf(kind);
    draft.seedsText = '7, 8';
    expect([draft.runs, draft.missing]).toEqual([runs, []]);
    expect(ExperimentRequest.parse(draft.request())).toMatchObject({ kind, seeds: [7, 8] });
  });

  it('wants two different tasks for an exam', () => {
    const draft = draftOf('exam');
    draft.second = draft.first;
    expect(draft.missing).toEqual(['same']);
    draft.second = undefined;
    expect(draft.missing).toEqual(['second']);
    expect(draft.request()).toBeUndefined();
  });

  it('wants datasets with samples that may be trained on', () => {
    const draft = draftOf('exam');
    draft.second = { id: 'ds-2', train: 4, excluded: { train: 4, test: 0 } } as DatasetSummary;
    expect(draft.missing).toEqual(['unusable']);
    draft.chooseKind('contest');
    expect(draft.missing).toEqual([]);
  });

  it('lets each dataset of an exam teach a task of its own, and a contest one', () => {
    const draft = draftOf('exam');
    draft.firstLearns = 'tags';
    draft.secondLearns = 'count';
    const { tags, count } = LEARNING_TASKS;
    expect(ExperimentRequest.parse(draft.request())).toMatchObject({
      tasks: [{ rewards: tags.rewards, promptTemplate: tags.promptTemplate }, { rewards: count.rewards }],
    });
    draft.chooseKind('contest');
    expect(ExperimentRequest.parse(draft.request())).toMatchObject({ task: { rewards: tags.rewards } });
  });

  it('names values and seeds that are none, and numbers that the contract refuses', () => {
    const draft = draftOf('sweep');
    draft.valuesText = '0.5';
    draft.seedsText = 'seven';
    expect(draft.missing).toEqual(['values', 'seeds']);
    draft.valuesText = '0, 1';
    draft.seedsText = '7';
    draft.steps = 0;
    expect(draft.missing).toEqual(['numbers']);
  });

  it('gives a short sweep that finds the range of KL weights, with as many questions as there are', () => {
    const draft = draftOf('sweep');
    draft.first = { id: 'ds-1', name: 'Owls', test: 30, excluded: { train: 0, test: 10 } } as DatasetSummary;
    expect(ExperimentRequest.parse(draft.pilot())).toMatchObject({
      kind: 'sweep',
      name: 'Pilot on Owls',
      vary: { kind: 'kl-weight', values: [0.001, 0.01, 0.1, 1, 10] },
      recipe: { steps: 24, klShareEvery: 6, evalSamples: 20 },
    });
    draft.model = undefined;
    expect(draft.pilot()).toBeUndefined();
  });

  it('brings values that fit what is swept, but keeps typed ones', () => {
    const draft = draftOf('sweep');
    draft.chooseSwept('kl-weight');
    expect(draft.values).toEqual([0, 0.01, 0.1, 1, 10]);
    draft.valuesText = '0, 1';
    draft.chooseSwept('reward-weight');
    expect(draft.values).toEqual([0, 1]);
  });
});
