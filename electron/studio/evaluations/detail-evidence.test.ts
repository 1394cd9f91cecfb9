/** @file The base model's accuracy at two limits: what it proves, and what it does not. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DatasetId, ModelId, SampleId } from '../../contract/model/primitives.ts';
import { wilson } from '../../method/statistics.ts';
import { openStore, type Store } from '../../store/connection/open.ts';
import { addDataset, addModel, temporaryFolder } from '../../store/testing/fixture.ts';
import { compareEvaluations } from './compare.ts';
import { detailEvidence } from './detail-evidence.ts';

const QUESTIONS = 60;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let store: Store;
let modelId: ModelId;
let datasetId: DatasetId;
let samples: SampleId[];

beforeEach(async () => {
  folder = await temporaryFolder();
  store = await openStore(folder.path);
  modelId = (await addModel(store)).id;
  datasetId = (await addDataset(store, QUESTIONS)).id;
  samples = (await store.datasets.allSamples(datasetId)).map(({ id }) => id);
});
afterEach(async () => {
  await store.close();
  await folder.remove();
});

async function measured(maxPixels: number | null, right: number): Promise<void> {
  const items = samples.map((sampleId, index) => ({
    sampleId,
    text: '',
    verdict: index < right ? ('correct' as const) : ('wrong' as const),
    formatOk: true,
    tokens: 5,
  }));
  const accuracy = wilson(right, QUESTIONS);
  const facts = { accuracy, format: accuracy, unparsed: 0, thinkRate: 1, meanTokens: 5, byTask: [] };
  const whose = { modelId, datasetId, runId: null, step: null, split: 'test' as const };
  await store.evaluations.insert({ ...whose, ...facts, maxPixels }, items);
}

it('warns where the base answers better with more pixels', async () => {
  await measured(200_704, 20);
  expect(await detailEvidence(store, { datasetId, modelId })).toBeNull();
  await measured(1_003_520, 40);
  const evidence = await detailEvidence(store, { datasetId, modelId, maxPixels: 200_704 });
  expect(evidence).toMatchObject({ lossy: true, comparison: { gained: 20, lost: 0, verdict: 'better' } });
  expect(evidence?.sentence).toContain(
    'Answers depend on detail that is lost: with 1,003,520 instead of 200,704 pixels, the base model is right on 66.7% instead of 33.3% of the questions',
  );
  expect(await detailEvidence(store, { datasetId, modelId, maxPixels: 1_003_520 })).toBeNull();
  if (evidence === null) throw new Error('There are two evaluations.');
  const { sentence } = await compareEvaluations({ store }, { a: evidence.lower.id, b: evidence.higher.id });
  expect(sentence).toContain('The first saw at most 200,704 pixels of each picture, the second 1,003,520.');
});

it('does not warn where the difference may be chance, and compares with the most pixels that were measured', async () => {
  await measured(200_704, 30);
  await measured(501_760, 60);
  await measured(1_003_520, 31);
  const evidence = await detailEvidence(store, { datasetId, modelId, maxPixels: 200_704 });
  expect(evidence).toMatchObject({ lossy: false, higher: { maxPixels: 1_003_520 } });
  expect(evidence?.sentence).toContain('which may be chance');
});

it('leaves out evaluations that do not say what the model saw', async () => {
  await measured(null, 30);
  await measured(200_704, 30);
  expect(await detailEvidence(store, { datasetId, modelId })).toBeNull();
});
