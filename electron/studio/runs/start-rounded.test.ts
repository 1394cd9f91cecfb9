/** @file A run that begins with an adapter which was trained on frozen weights in 4 bits: it goes on so, unless you say otherwise. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Recipe } from '../../contract/model/recipe.ts';
import { RunRequest } from '../../contract/model/runs.ts';
import { readAdapter, writeAdapter } from '../../formats/peft.ts';
import { DEFAULT_OPTIMISER } from '../../method/defaults.ts';
import { openStore, type Store } from '../../store/connection/open.ts';
import { FIXTURES, makeSmallRun } from '../exports/fixtures/small-run.ts';
import { temporaryFolder } from '../fixtures/test-studio.ts';
import { completeRun } from './start.ts';

let store: Store;
afterEach(() => store.close());

/** A run on rounded weights or not, and what would be run with a request that begins with it or with another adapter. */
async function after(
  frozenWeights: Recipe['frozenWeights'],
): Promise<(request: Partial<RunRequest>) => Promise<Recipe['frozenWeights']>> {
  const folder = temporaryFolder();
  store = await openStore(join(folder, 'home'));
  const optimiser = { ...DEFAULT_OPTIMISER, warmupSteps: 0 };
  const recipe = { optimiser, ...(frozenWeights === undefined ? {} : { frozenWeights }) };
  const runId = await makeSmallRun(store, folder, { recipe });
  const { modelId, datasetId, grpo } = (await store.runs.recipeOf(runId)).recipe;
  return async (request) => {
    const start = request.startAdapter === undefined ? { startFrom: { runId } } : {};
    const asked = RunRequest.parse({ modelId, datasetId, steps: 2, optimiser, grpo, ...start, ...request });
    return (await completeRun({ store }, asked)).recipe.frozenWeights;
  };
}

/** A PEFT folder as Atelier writes it after a run on rounded weights. */
async function roundedAdapter(): Promise<string> {
  const folder = join(temporaryFolder(), 'rounded');
  cpSync(join(FIXTURES, 'lora'), folder, { recursive: true });
  const { r, loraAlpha, naming, weights } = await readAdapter(folder);
  const metadata = { 'atelier.frozen_weights': 'nf4' };
  const [targetModules, baseModelNameOrPath] = [['q_proj', 'v_proj'], 'tiny'];
  await writeAdapter(folder, { r, loraAlpha, naming, weights, targetModules, baseModelNameOrPath, metadata });
  return folder;
}

describe('an adapter of a run on frozen weights in 4 bits', () => {
  it('is trained on so, unless you ask for them as they are published, which the recipe then says', async () => {
    const begun = await after('nf4');
    expect(await begun({})).toBe('nf4');
    expect(await begun({ frozenWeights: 'nf4' })).toBe('nf4');
    expect(await begun({ frozenWeights: 'as-published' })).toBe('as-published');
  });

  it('is trained on so from its folder too', async () => {
    const begun = await after(undefined);
    const startAdapter = { path: await roundedAdapter() };
    expect(await begun({ startAdapter })).toBe('nf4');
    expect(await begun({ startAdapter, frozenWeights: 'as-published' })).toBe('as-published');
  });
});

it('an adapter trained on the weights as published goes on so, and its recipe says nothing of them', async () => {
  const begun = await after(undefined);
  expect(await begun({})).toBeUndefined();
  expect(await begun({ frozenWeights: 'as-published' })).toBeUndefined();
  expect(await begun({ frozenWeights: 'nf4' })).toBe('nf4');
});

it('a run that left the rounded weights behind does not hand them on', async () => {
  expect(await (await after('as-published'))({})).toBeUndefined();
});
