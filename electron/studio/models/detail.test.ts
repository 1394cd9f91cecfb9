/** @file Detail through the contract: the dataset's setting, what runs and answers make of it, and what is refused. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareStudio, untilEnded, type TestStudio } from '../fixtures/test-studio.ts';
import { resultOf } from '../../contract/model/result-events.ts';

/** What the tiny model allows. */
const OWN = 31_360;
const FEW = 8 * 784;

let on: TestStudio;
beforeEach(async () => {
  on = await prepareStudio();
});
afterEach(() => on.studio.close({ waitMs: 0 }));

describe('the detail of a dataset', () => {
  it('is what new runs, evaluations and playground answers use, and a run may say otherwise', async () => {
    const { client, modelId, datasetId } = on;
    await client.datasets.setDetail({ datasetId, detail: FEW });
    expect((await client.datasets.get({ datasetId })).detail).toBe(FEW);
    const run = await client.runs.start({ modelId, datasetId, steps: 2 });
    const other = await client.runs.start({ modelId, datasetId, steps: 2, detail: 'original' });
    expect((await client.runs.get({ runId: run.id })).recipe.maxPixels).toBe(FEW);
    expect((await client.runs.get({ runId: other.id })).recipe.maxPixels).toBe(OWN);

    // A later change of the setting does not reach a run that has started.
    await client.datasets.setDetail({ datasetId, detail: null });
    await untilEnded(client, run);
    const own = await client.evaluations.list({ runId: run.id });
    expect(own.map(({ maxPixels }) => maxPixels)).toEqual([FEW]);
    const base = (await client.evaluations.list({ modelId })).filter(({ runId }) => runId === null);
    expect(base.map(({ maxPixels }) => maxPixels)).toContain(FEW);

    const { samples } = await client.datasets.samples({ datasetId });
    const images = [{ kind: 'sample' as const, sampleId: samples[0]!.id }];
    const answer = await resultOf(client.playground.answer({ modelId, images, question: 'How many?' }));
    expect(answer.maxPixels).toBe(OWN);
    const lower = await resultOf(client.playground.answer({ modelId, images, question: 'How many?', detail: FEW }));
    expect(lower.maxPixels).toBe(FEW);
    const ofRun = await resultOf(client.playground.answer({ modelId, runId: run.id, images, question: 'How many?' }));
    expect(ofRun.maxPixels).toBe(FEW);
  });

  it('is shown with the tokens of its pictures at every limit', async () => {
    const { client, modelId, datasetId } = on;
    const report = await client.datasets.detail({ datasetId, modelId, maxPixels: FEW });
    expect(report).toMatchObject({ detail: null, maxPixels: OWN, pictures: 8 });
    // Pictures of 200 × 100 pixels are seen as 112 × 56 or 196 × 112: tokens of 28 × 28.
    expect(report.effects).toEqual([
      { levels: [], maxPixels: FEW, mostTokens: 8, meanTokens: 8, shrunk: 8 },
      {
        levels: ['low', 'medium', 'high', 'very-high', 'original'],
        maxPixels: OWN,
        mostTokens: 28,
        meanTokens: 28,
        shrunk: 0,
      },
    ]);
  });

  it('is refused where the model does not take it, and changes nothing', async () => {
    const { client, modelId, datasetId } = on;
    const refused = { code: 'BAD_INPUT', message: expect.stringContaining('between 3136 and 31360 pixels') as unknown };
    await expect(client.datasets.detail({ datasetId, modelId, maxPixels: 999_999 })).rejects.toMatchObject(refused);
    await expect(client.runs.start({ modelId, datasetId, detail: 100 })).rejects.toMatchObject(refused);
    await expect(client.evaluations.start({ modelId, datasetId, detail: 100 })).rejects.toMatchObject(refused);
    expect(await client.runs.list()).toEqual([]);
  });
});
