/** @file A recipe survives being saved and read; a file with a mistake is rejected with its location. */
import { describe, expect, it } from 'vitest';
import { RunRequest, type DatasetSummary, type ModelSummary } from '../../../../electron/contract/api/index.ts';
import { RecipeDraft } from './recipe-draft.svelte.ts';
import {
  mixedTwice,
  recipeFromYaml,
  recipeToYaml,
  roundedAndTrained,
} from '../../../../electron/reporting/recipe-yaml.ts';

function request(): RunRequest {
  const draft = new RecipeDraft();
  draft.model = { id: 'model-1', name: 'Nano' } as ModelSummary;
  draft.dataset = { id: 'ds-1', name: 'Dots', train: 4, test: 2, excluded: { train: 0, test: 0 } } as DatasetSummary;
  draft.chooseSchedule('target-kl');
  draft.numbers.steps = 40;
  const made = draft.request();
  if (made === undefined) throw new Error('not ready');
  return made;
}

describe('a recipe in YAML', () => {
  it('comes back as it was written, with the names beside the ids', () => {
    const text = recipeToYaml(request(), { model: 'Nano', dataset: 'Dots' });
    expect(text).toContain('model: Nano\n');
    const read = recipeFromYaml(text);
    if (!('recipe' in read)) throw new Error(JSON.stringify(read));
    const { model, dataset, ...rest } = read.recipe;
    expect([model, dataset]).toEqual(['Nano', 'Dots']);
    expect(RunRequest.parse(rest)).toEqual(RunRequest.parse(request()));

    const draft = new RecipeDraft();
    draft.take(read.recipe);
    expect([draft.numbers.steps, draft.klSchedule.kind]).toEqual([40, 'target-kl']);
  });

  it('says that 0 test samples means all of them', () => {
    const text = recipeToYaml({ ...request(), evalSamples: 0 }, { model: 'Nano', dataset: 'Dots' });
    expect(text).toContain('evalSamples: 0 # all held-out samples\n');
    expect(recipeFromYaml(text)).toMatchObject({ recipe: { evalSamples: 0 } });
  });

  it('names the line of broken YAML', () => {
    expect(recipeFromYaml('steps: 3\ngrpo: [1, 2\n')).toMatchObject({ problems: [{ where: 'line 3' }] });
  });

  it('names line and field of what is unknown or out of range, at any depth', () => {
    expect(recipeFromYaml('steps: 0')).toEqual({
      problems: [{ where: 'line 1, steps', message: 'must be at least 1' }],
    });
    const unknown = 'seed: 1\nstepps: 10\nrewards:\n  - name: accuracy\n    weight: 1\n    weigth: 2\n';
    const message = 'is not a field of a recipe';
    expect(recipeFromYaml(unknown)).toEqual({
      problems: [
        { where: 'line 2, stepps', message },
        { where: 'line 6, rewards.0.weigth', message },
      ],
    });
    expect(recipeFromYaml('just words')).toHaveProperty('problems');
  });

  it('names the line of a dataset that a mixture names twice', () => {
    const text = 'steps: 3\nmixture:\n  - dataset: Birds\n    weight: 1\n  - dataset: Birds\n    weight: 2\n';
    const message = 'The mixture names the dataset "Birds" twice.';
    expect(recipeFromYaml(text, mixedTwice)).toEqual({ problems: [{ where: 'line 5, mixture.1', message }] });
    expect(recipeFromYaml(text.replace('Birds', 'Fish'), mixedTwice)).toHaveProperty('recipe');
    const isOne = recipeFromYaml(text.replace('Birds', 'Fish'), (recipe) => mixedTwice(recipe, () => 'ds-1'));
    expect(isOne).toEqual({ problems: [{ where: 'line 5, mixture.1', message }] });
  });

  it('refuses rounded weights where all weights are trained', () => {
    const text = 'frozenWeights: nf4\nadapter:\n  kind: full\n';
    expect(recipeFromYaml(text, roundedAndTrained)).toMatchObject({ problems: [{ where: 'line 1, frozenWeights' }] });
  });

  it('names the wrong word of an adapter without its kind', () => {
    expect(recipeFromYaml('adapter: {layers: [language, eyes]}')).toEqual({
      problems: [
        { where: 'line 1, adapter.kind', message: 'must be one of lora, full' },
        { where: 'line 1, adapter.layers.1', message: 'must be one of language, merger, vision' },
      ],
    });
  });

  it.each([
    ['brackets without end', '['.repeat(60_000)],
    ['lists without end', '- '.repeat(20_000)],
    ['a text without end', 'x'.repeat(100_000)],
    [
      'aliases that multiply',
      `a: &a [1,2,3,4,5,6,7,8,9]\n${'bcdefg'.replaceAll(/./g, (key) => `${key}: &${key} [${`*${String.fromCharCode(key.charCodeAt(0) - 1)},`.repeat(9)}]\n`)}`,
    ],
  ])('refuses %s before they fill the memory', (_, text) => {
    expect(recipeFromYaml(text)).toHaveProperty('problems');
  });
});
