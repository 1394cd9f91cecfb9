/** @file Runs and models that are renamed, tagged, removed and restored: nothing in use goes, and nothing is forgotten. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EvaluationRequest } from '../../contract/model/evaluations.ts';
import type { ModelId, RunId } from '../../contract/model/primitives.ts';
import { sha256Hex } from '../connection/canonical.ts';
import { openStore, type Store } from '../connection/open.ts';
import { addDataset, addModel, recipeFor, temporaryFolder } from '../testing/fixture.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let store: Store;
let runId: RunId;
let evaluation: EvaluationRequest;

beforeEach(async () => {
  folder = await temporaryFolder();
  store = await openStore(folder.path);
  const [model, dataset] = [await addModel(store), await addDataset(store)];
  runId = (await store.runs.create(recipeFor(model, dataset))).summary.id;
  evaluation = { modelId: model.id, datasetId: dataset.id, runId };
});
afterEach(async () => {
  await store.close();
  await folder.remove();
});

async function queueEvaluation(of: EvaluationRequest): Promise<void> {
  await store.queue.add({
    kind: 'evaluation',
    evaluation: EvaluationRequest.parse(of),
    title: 'Evaluate it',
    awaited: false,
  });
}

const listed = async (filter = {}): Promise<string[]> => (await store.runs.list(filter)).map(({ id }) => id);
const actions = async (): Promise<string[]> => (await store.audit.all()).map(({ action }) => action);

describe('a run', () => {
  it('gets another name, while its recipe keeps the one that is signed', async () => {
    const before = await store.runs.recipeOf(runId);
    await store.runs.rename(runId, 'Second thoughts');
    const { summary, recipe } = await store.runs.get(runId);
    expect([summary.name, recipe.name]).toEqual(['Second thoughts', 'First try']);
    expect(await store.runs.recipeOf(runId)).toEqual(before);
    expect(await actions()).toContain('run.renamed');
  });

  it('is found by every word of a search, whatever its case, and by its tags', async () => {
    await store.runs.setTags(runId, ['owls', 'keep', 'owls']);
    expect((await store.runs.summary(runId)).tags).toEqual(['keep', 'owls']);
    for (const filter of [{ search: 'FIRST owl' }, { search: ' nano\tthings ' }, { tag: 'keep' }, { search: '' }])
      expect(await listed(filter)).toEqual([runId]);
    for (const filter of [{ search: 'first eagle' }, { tag: 'kee' }, { removed: true }])
      expect(await listed(filter)).toEqual([]);
    await store.runs.setTags(runId, []);
    expect((await store.runs.summary(runId)).tags).toBeUndefined();
  });

  it('goes to the trash and back with everything that it had', async () => {
    await store.runs.leaveLine(runId, 'Not now.');
    const before = await store.runs.get(runId);
    await store.runs.remove(runId);
    expect([await listed(), await listed({ removed: true })]).toEqual([[], [runId]]);
    expect((await store.runs.get(runId)).recipe).toEqual(before.recipe);
    await store.runs.restore(runId);
    expect(await store.runs.get(runId)).toEqual(before);
    expect((await actions()).slice(-2)).toEqual(['run.removed', 'run.restored']);
  });

  it('stays while it waits, trains, or is to be evaluated', async () => {
    await expect(store.runs.remove(runId)).rejects.toMatchObject({ code: 'CONFLICT', message: /waits in the queue/ });
    await store.runs.begin(runId);
    await expect(store.runs.remove(runId)).rejects.toThrow('in progress');
    await store.runs.end(runId, { status: 'completed' });
    await queueEvaluation(evaluation);
    await expect(store.runs.remove(runId)).rejects.toThrow('"Evaluate it" in the queue needs it.');
    expect(await listed()).toEqual([runId]);
  });

  it('leaves the trash when it is resumed', async () => {
    await store.runs.leaveLine(runId, 'Not now.');
    await store.runs.remove(runId);
    await store.runs.resume(runId);
    expect(await listed()).toEqual([runId]);
  });

  it('loses its checkpoints only in the trash, and keeps its steps', async () => {
    await store.runs.begin(runId);
    await store.runs.addCheckpoint(runId, { step: 0, path: '/c', sha256: sha256Hex('c') });
    await store.runs.end(runId, { status: 'completed' });
    expect(await store.runs.discard(runId)).toBe('It is not in the trash any more.');
    expect(await store.runs.checkpoints(runId)).toHaveLength(1);
    await store.runs.remove(runId);
    expect(await store.runs.discard(runId)).toBeNull();
    expect(await store.runs.checkpoints(runId)).toEqual([]);
    expect((await actions()).at(-1)).toBe('run.checkpoints-removed');
  });
});

describe('a model', () => {
  const mine = { name: 'mine', path: '/models/mine', sha256: sha256Hex('mine'), parameters: 1, licence: null };
  const facts = { promptTemplate: '{question}', description: null, starter: false };
  let modelId: ModelId;

  beforeEach(async () => {
    modelId = (await store.models.register({ ...mine, ...facts })).id;
  });

  const ids = async (): Promise<string[]> => (await store.models.list()).map(({ id }) => id);

  it('leaves the list, is still known by its id, and returns when its folder is added again', async () => {
    await store.models.remove(modelId);
    expect(await ids()).not.toContain(modelId);
    expect((await store.models.get(modelId)).path).toBe(mine.path);
    expect((await store.models.register({ ...mine, ...facts })).id).toBe(modelId);
    expect(await ids()).toContain(modelId);
    expect((await actions()).slice(-2)).toEqual(['model.removed', 'model.restored']);
  });

  it('stays while a run or an evaluation needs it, and if it ships with Atelier', async () => {
    const { modelId: starter } = (await store.runs.get(runId)).recipe;
    await expect(store.models.remove(starter)).rejects.toThrow('ships with Atelier');
    await queueEvaluation({ ...evaluation, modelId, runId: undefined });
    await expect(store.models.remove(modelId)).rejects.toThrow('needed by "Evaluate it"');
    expect(await ids()).toContain(modelId);
  });
});
