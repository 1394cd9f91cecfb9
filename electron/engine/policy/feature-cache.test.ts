/** @file Images are encoded once, and again when there was no room to keep what came of it: the features are the same. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EngineSample } from '../../contract/engine/engine.ts';
import type { SampleId } from '../../contract/model/primitives.ts';
import { createFeatureCache } from './feature-cache.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { createProgram } from '../runtime/create-program.ts';
import type { Program } from '../runtime/program.ts';
import { loadModel, withWeights, type LoadedModel } from './loaded-model.ts';
import { createPolicy, policyProgram } from './policy.ts';
import { ensureFeatures, measureSamples } from './prepare-samples.ts';
import { shapeFor, type PreparedPrompt } from '../training/batch.ts';

const fixture = new URL('../fixtures/qwen2vl-tiny/', import.meta.url).pathname;
const names = ['rgb_70x70.png', 'tall_42x98.png', 'grey_37x53.png'];
const samples = names.map((name, index): EngineSample => ({
  id: `s-${String(index)}` as SampleId,
  imagePath: join(fixture, 'images', name),
  prompt: 'How many?',
  answer: '1',
  task: 'counting',
}));

const inMemory = (model: LoadedModel): Promise<PreparedPrompt[]> =>
  Promise.all(
    samples.map(({ prompt, imagePath }) =>
      model.processor.prepare({ prompt, imagePaths: [imagePath], upright: false }),
    ),
  );

describe('features of many images', () => {
  it('are those of images in memory, where the images were only measured and are read to be encoded', async () => {
    const model = await loadModel(join(fixture, 'model'));
    const whole = await inMemory(model);
    const light = await measureSamples(model, '{question}', samples);
    expect(light.flatMap(({ images }) => images.map(({ pixelValues }) => pixelValues.length))).toEqual([0, 0, 0]);
    const shape = { ...shapeFor(whole, 3), groupSize: 1, completionLength: 2 };
    const policy = await createPolicy({ model, adapter: null, shape });
    const wanted = await policy.feeds(whole);
    await expect(policy.feeds(light)).rejects.toThrow('must be read again');
    await ensureFeatures(policy, light);
    expect(policy.missing(light)).toEqual([]);
    expect(await policy.feeds(light)).toEqual(wanted);
    policy.dispose();
  });

  it('are encoded again after the least recently used were let go', async () => {
    const model = await loadModel(join(fixture, 'model'));
    const [a, b, c] = await inMemory(model);
    if (a === undefined || b === undefined || c === undefined) throw new Error('There are three samples.');
    const shape = { ...shapeFor([a, b, c], 1), groupSize: 1, completionLength: 2 };
    const policy = await createPolicy({ model, adapter: null, shape });
    let encoded = 0;
    const { encode, spec } = policyProgram({ model, adapter: null, shape }, await loadRuntime());
    const program = await createProgram(await loadRuntime(), spec);
    await withWeights(model, async (weights) => {
      for (const name of Object.keys(model.shapes)) program.set({ [name]: await weights.float32(name) });
    });
    const counted: Program = {
      ...program,
      call: (...args) => {
        encoded++;
        return program.call(...args);
      },
    };
    const bytesOfOne = (await policy.feeds([a])).features.byteLength;
    const cache = createFeatureCache(counted, encode, model, shape, 2 * bytesOfOne);
    const first = await cache.of([a]);
    await cache.of([b]);
    await cache.of([a]);
    expect(encoded).toBe(2);
    await cache.of([c]);
    expect(cache.missing([a, b, c])).toEqual([b]);
    await cache.of([b]);
    expect(cache.missing([a])).toEqual([a]);
    expect(await cache.of([a])).toEqual(first);
    expect(encoded).toBe(5);
    policy.dispose();
  });
});
