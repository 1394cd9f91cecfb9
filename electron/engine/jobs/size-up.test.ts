/** @file Sizing up a model from its configuration alone finds what planning the same model in its folder finds. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCheckpointSettings } from '../../formats/checkpoint.ts';
import { readJsonObject } from '../../formats/files.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { tinyJob } from '../testing/tiny-job.ts';
import { prepareTraining } from '../trainer/setup.ts';
import { sizeUp, supposedSetup } from './size-up.ts';

const { native, lanes } = await loadRuntime();
const picture = { width: 219, height: 161 };

async function both() {
  const job = tinyJob(join(tmpdir(), 'never-written'), { grpo: { promptsPerStep: 2 } });
  const samples = job.samples.slice(0, 1).map((sample) => ({ ...sample, imageSize: picture }));
  const here = await prepareTraining({ ...job, samples }, { attribution: null, evaluates: false }, { stated: true });
  const { config, preprocessor } = await readCheckpointSettings(job.modelPath);
  const { patchSize, spatialMergeSize } = config.vision;
  const { minPixels, maxPixels } = preprocessor;
  const tokens = here.prompts[0]!.inputIds.filter((id) => id === config.imageTokenId).length;
  const supposed = {
    name: 'me/tiny',
    config: await readJsonObject(join(job.modelPath, 'config.json')),
    pixelLimits: { minPixels, maxPixels, pixelsPerToken: (patchSize * spatialMergeSize) ** 2 },
    picture,
    textTokens: here.prompts[0]!.inputIds.length - tokens,
    recipe: job.recipe,
  };
  return { here, supposed };
}

describe('sizing up a model', () => {
  it('supposes the same weights, adapter, prompt and shapes as the model in its folder has', async () => {
    const { here, supposed } = await both();
    const setup = supposedSetup(supposed, lanes);
    expect(setup.shape).toEqual(here.shape);
    expect(setup.model.shapes).toEqual(here.model.shapes);
    expect(setup.adapter?.shapes).toEqual(here.adapter?.shapes);
    expect(setup.trainable).toEqual(here.trainable);
    expect(setup.prompts[0]!.inputIds).toHaveLength(here.prompts[0]!.inputIds.length);
    expect(setup.prompts[0]!.images.map(({ grid }) => grid)).toEqual(here.prompts[0]!.images.map(({ grid }) => grid));
  });

  it.skipIf(native === null)('says whether it fits, and how long a step takes', async () => {
    const { supposed } = await both();
    const found = await sizeUp(supposed);
    expect(found).toMatchObject({ fits: true, microBatchPrompts: 1 });
    expect(found?.secondsPerStep).toBeGreaterThan(0);
    expect(await sizeUp({ ...supposed, memoryLimitBytes: 1e6 })).toMatchObject({ fits: false, byLayer: true });
  });

  it.skipIf(native === null)('of a family that is not supported is refused by the name of the model', async () => {
    const { supposed } = await both();
    await expect(sizeUp({ ...supposed, config: { model_type: 'llava' } })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { file: 'me/tiny/config.json' },
    });
  });
});
