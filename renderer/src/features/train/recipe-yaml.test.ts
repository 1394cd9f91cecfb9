/** @file A recipe survives being saved and read; a file with a mistake is rejected with its location. */
import { describe, expect, it } from 'vitest';
import { RunRequest, type DatasetSummary, type ModelSummary } from '../../../../electron/contract/api/index.ts';
import { RecipeDraft } from './recipe-draft.svelte.ts';
import { recipeFromYaml, recipeToYaml } from './recipe-yaml.ts';

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

  it('names the field that is unknown or out of range', () => {
    expect(recipeFromYaml('steps: 0')).toMatchObject({ problems: [{ where: 'steps' }] });
    expect(recipeFromYaml('stepps: 10')).toHaveProperty('problems');
    expect(recipeFromYaml('just words')).toHaveProperty('problems');
  });
});
