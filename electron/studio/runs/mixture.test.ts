/** @file Runs that draw from several datasets: what is recorded, measured and refused. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeError } from '../../contract/errors/error-codec.ts';
import type { PlaygroundRequest } from '../../contract/model/playground.ts';
import { DatasetId } from '../../contract/model/primitives.ts';
import { resultOf } from '../../contract/model/result-events.ts';
import type { RunRequest } from '../../contract/model/runs.ts';
import { LEARNING_TASKS } from '../../method/learning-tasks.ts';
import { writtenMixture } from '../../method/mixture.ts';
import { recipeFromYaml, recipeToYaml } from '../../reporting/recipe-yaml.ts';
import { openStore } from '../../store/connection/open.ts';
import { snapshotSha256 } from '../datasets/snapshot.ts';
import { prepareStudio, untilEnded } from '../fixtures/test-studio.ts';
import type { TestStudio } from '../fixtures/test-studio.ts';
import type { Studio } from '../studio.ts';

const open: Studio[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((studio) => studio.close({ waitMs: 0 })));
});

type Mixed = TestStudio & { tagged: DatasetId };

/** The counting pictures, and four more with tags under another licence. */
async function ready(orientation: 'upright' | 'as-stored' = 'upright'): Promise<Mixed> {
  const on = await prepareStudio();
  open.push(on.studio);
  const folder = join(on.home, 'tagged');
  mkdirSync(folder);
  const rows = [];
  for (let index = 0; index < 4; index += 1) {
    const background = { r: 250, g: 20 * index, b: 200 };
    const file = sharp({ create: { width: 80, height: 60, channels: 3, background } }).png();
    await file.toFile(join(folder, `tag-${index}.png`));
    const split = index < 2 ? 'train' : 'test';
    rows.push({
      file_name: `tag-${index}.png`,
      prompt: 'Tags?',
      answer: index % 2 === 0 ? 'bird, sea' : 'fox',
      split,
      licence: 'CC-BY-4.0',
    });
  }
  writeFileSync(join(folder, 'metadata.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  for await (const event of await on.client.datasets.import({ path: folder, orientation }))
    if (event.type === 'done') return { ...on, tagged: event.dataset.id };
  throw new Error('The import ended without a dataset.');
}

function asked({ modelId, datasetId, tagged }: Mixed, more: Partial<RunRequest> = {}): RunRequest {
  const { rewards, promptTemplate = '' } = LEARNING_TASKS.tags;
  return {
    modelId,
    datasetId,
    mixture: [
      { datasetId, weight: 2 },
      { datasetId: tagged, weight: 1, rewards: [...rewards], promptTemplate },
    ],
    steps: 4,
    checkpointEvery: 2,
    ...more,
  };
}

async function failure(promise: Promise<unknown>): Promise<ReturnType<typeof decodeError>> {
  return decodeError(await promise.then(() => null).catch((caught: unknown) => caught));
}

describe('a run on a mixture', () => {
  it('records its datasets, measures each, and names all of them to the ledger', async () => {
    const on = await ready();
    const run = await untilEnded(on.client, await on.client.runs.start(asked(on, { steps: 7, checkpointEvery: 7 })));
    expect(run).toMatchObject({ status: 'completed', datasetId: on.datasetId });
    const { recipe } = await on.client.runs.get({ runId: run.id });
    const names = recipe.mixture?.map(({ name }) => name) ?? [];
    expect(run.datasetName).toBe(names.join(' + '));
    expect(recipe.mixture?.map(({ weight }) => weight)).toEqual([2, 1]);
    expect(recipe.mixture?.[1]?.rewards?.[0]).toMatchObject({
      name: 'accuracy',
      version: expect.any(String) as string,
    });

    const store = await openStore(on.home);
    const samples = [
      ...(await store.datasets.allSamples(on.datasetId)),
      ...(await store.datasets.allSamples(on.tagged)),
    ];
    await store.close();
    expect(recipe.datasetSha256).toBe(snapshotSha256(samples));

    expect(run.byDataset?.map(({ datasetId, tuned }) => [datasetId, tuned?.n])).toEqual([
      [on.datasetId, 3],
      [on.tagged, 2],
    ]);
    expect(run.tuned?.n).toBe(5);
    const [tuned] = await on.client.evaluations.list({ runId: run.id });
    const { items } = await on.client.evaluations.page({ evaluationId: tuned!.id });
    expect(items.map(({ datasetId }) => datasetId)).toEqual([
      ...Array<DatasetId>(3).fill(on.datasetId),
      ...Array<DatasetId>(2).fill(on.tagged),
    ]);

    const ledger = await on.client.ledger.forRun({ runId: run.id });
    expect(ledger.datasets.map(({ id }) => id)).toEqual([on.datasetId, on.tagged]);
    expect(ledger.lines.map(({ licence }) => licence)).toContain('CC-BY-4.0');
  });

  it('is evaluated on one of its datasets in the words and by the verifier of that one', async () => {
    const on = await ready();
    const run = await untilEnded(on.client, await on.client.runs.start(asked(on)));
    const { modelId, tagged: datasetId } = on;
    const { promptTemplate } = LEARNING_TASKS.tags;
    for (const whose of [{ runId: run.id }, { likeRun: run.id }]) {
      const events = await on.client.evaluations.start({ modelId, datasetId, split: 'test', limit: 0, ...whose });
      const done = [];
      for await (const event of events) if (event.type === 'done') done.push(event.evaluation);
      expect(done).toMatchObject([{ datasetId, promptTemplate, accuracy: { n: 2 } }]);
      expect(done[0]?.metrics?.map(({ name }) => name)).toEqual(['tag-f1']);
    }
  });

  it('is asked in the playground as the dataset that you choose, else as that of the picture, else as the heaviest', async () => {
    const on = await ready();
    const { client, modelId, datasetId, tagged } = on;
    const run = await untilEnded(client, await client.runs.start(asked(on)));
    const { promptTemplate } = LEARNING_TASKS.tags;
    const { recipe } = await client.runs.get({ runId: run.id });
    const { samples } = await client.datasets.samples({ datasetId: tagged, limit: 1 });
    const images = samples.map(({ id }) => ({ kind: 'sample' as const, sampleId: id }));
    const words = async (more: Pick<PlaygroundRequest, 'datasetId' | 'images'>): Promise<string> =>
      (await resultOf(client.playground.answer({ modelId, runId: run.id, question: 'Tags?', ...more }))).promptTemplate;
    expect(await words({})).toBe(recipe.promptTemplate);
    expect(await words({ images })).toBe(promptTemplate);
    expect(await words({ datasetId: tagged })).toBe(promptTemplate);
    expect(await words({ datasetId, images })).toBe(recipe.promptTemplate);
    // The base model, to be compared with it, is asked alike.
    const before = async (wordsOf: PlaygroundRequest['wordsOf']): Promise<string> =>
      (await resultOf(client.playground.answer({ modelId, question: 'Tags?', wordsOf }))).promptTemplate;
    expect(await before({ runId: run.id, datasetId: tagged })).toBe(promptTemplate);
    expect(await before({ runId: run.id })).toBe(recipe.promptTemplate);
    const two = client.playground.answer({ modelId, runId: run.id, question: 'Tags?', wordsOf: { runId: run.id } });
    expect(await failure(resultOf(two))).toMatchObject({ code: 'BAD_INPUT', place: { field: 'wordsOf' } });
    const stranger = DatasetId.parse('elsewhere');
    const other = client.playground.answer({ modelId, runId: run.id, datasetId: stranger, question: 'Tags?' });
    expect(await failure(resultOf(other))).toMatchObject({ code: 'BAD_INPUT', place: { field: 'datasetId' } });
    const base = client.playground.answer({ modelId, datasetId, question: 'Tags?' });
    expect((await failure(resultOf(base)))?.message).toContain('asked in its own words');
  });

  it('comes back from its file as it was', async () => {
    const on = await ready();
    const run = await untilEnded(on.client, await on.client.runs.start(asked(on)));
    const { recipe } = await on.client.runs.get({ runId: run.id });
    const { modelSha256: _model, datasetSha256: _dataset, ...kept } = recipe;
    const read = recipeFromYaml(recipeToYaml(kept, { model: run.modelName, dataset: run.datasetName }));
    expect(read).toMatchObject({ recipe: writtenMixture(recipe) });
  });

  it('keeps both datasets until it has ended', async () => {
    const on = await ready();
    const run = await on.client.runs.start(asked(on, { name: 'slow' }));
    expect(await failure(on.client.datasets.remove({ datasetId: on.tagged }))).toMatchObject({ code: 'CONFLICT' });
    await untilEnded(on.client, run);
    await on.client.datasets.remove({ datasetId: on.tagged });
    expect(await failure(on.client.runs.start(asked(on)))).toMatchObject({ code: 'CONFLICT' });
  });

  it('is refused where it contradicts itself, and stores nothing', async () => {
    const on = await ready();
    const { datasetId, tagged } = on;
    const twice = [
      { datasetId, weight: 1 },
      { datasetId, weight: 2 },
    ];
    expect(await failure(on.client.runs.start(asked(on, { mixture: twice })))).toMatchObject({
      code: 'BAD_INPUT',
      place: { field: 'mixture' },
    });
    expect(await failure(on.client.runs.start(asked(on, { datasetId: tagged })))).toMatchObject({
      place: { field: 'mixture' },
    });
    expect(await failure(on.client.runs.start(asked(on, { trainSamples: 2 })))).toMatchObject({
      place: { field: 'trainSamples' },
    });
    // The rewards of a dataset are checked against its own answers: tags are no counts.
    const counts = [
      { datasetId, weight: 1 },
      { datasetId: tagged, weight: 1, rewards: [...LEARNING_TASKS.count.rewards] },
    ];
    expect(await failure(on.client.runs.start(asked(on, { mixture: counts })))).toMatchObject({
      place: { field: 'mixture.1.rewards.0.params.kind' },
    });
    expect(await on.client.runs.list()).toEqual([]);
  });

  it('is refused where photographs are turned differently', async () => {
    const on = await ready('as-stored');
    expect(await failure(on.client.runs.start(asked(on)))).toMatchObject({ place: { field: 'mixture' } });
  });
});

it('is not mentioned in a recipe with one dataset, so that such recipes keep their hash', async () => {
  const { client, studio, modelId, datasetId } = await prepareStudio();
  open.push(studio);
  const run = await untilEnded(client, await client.runs.start({ modelId, datasetId, steps: 2, checkpointEvery: 2 }));
  const { recipe } = await client.runs.get({ runId: run.id });
  expect(Object.keys(recipe)).not.toContain('mixture');
  expect(recipe.adapter).not.toHaveProperty('layers');
  expect(run).not.toHaveProperty('byDataset');
});
