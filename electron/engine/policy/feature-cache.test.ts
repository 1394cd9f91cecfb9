/** @file Images are encoded once, and again when there was no room to keep what came of it: the features are the same. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EngineSample } from '../../contract/engine/engine.ts';
import type { SampleId } from '../../contract/model/primitives.ts';
import { createFeatureCache, featureBytes, type FeatureCache, type FeatureLimits } from './feature-cache.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { createProgram } from '../runtime/create-program.ts';
import type { Program } from '../runtime/program.ts';
import { loadModel, withWeights, type LoadedModel } from './loaded-model.ts';
import { createPolicy, policyProgram } from './policy.ts';
import { ensureFeatures, measureSamples } from './prepare-samples.ts';
import { imageTokenCount } from '../model/image-processor.ts';
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
    const light = await measureSamples(model, { promptTemplate: '{question}' }, samples);
    expect(light.flatMap(({ images }) => images.map(({ pixelValues }) => pixelValues.length))).toEqual([0, 0, 0]);
    const shape = { ...shapeFor(whole, 3), groupSize: 1, completionLength: 2 };
    const [policy, other] = [
      await createPolicy({ model, adapter: null, shape }),
      await createPolicy({ model, adapter: null, shape }),
    ];
    const wanted = await other.feeds(whole);
    await expect(policy.feeds(light)).rejects.toThrow('must be read again');
    await ensureFeatures(policy, light);
    expect(policy.missing(light)).toEqual([]);
    expect(await policy.feeds(light)).toEqual(wanted);
    policy.dispose();
    other.dispose();
  });

  it('of pictures of very different sizes are computed at sizes of their own, and are those of each picture alone', async () => {
    const model = await loadModel(join(fixture, 'model'), { maxPixels: 640 * 480 });
    const folder = await mkdtemp(join(tmpdir(), 'atelier-sizes-'));
    const large = join(folder, 'large.png');
    await sharp({ create: { width: 640, height: 480, channels: 3, background: '#4a6' } })
      .png()
      .toFile(large);
    const prompts = await Promise.all(
      [large, ...samples.map(({ imagePath }) => imagePath)].map((path) =>
        model.processor.prepare({ prompt: 'How many?', imagePaths: [path] }),
      ),
    );
    const featuresOf = async (
      some: readonly PreparedPrompt[],
    ): Promise<{ sizes: number[]; features: Float32Array[] }> => {
      const shape = { ...shapeFor(some, some.length), groupSize: 1, completionLength: 2 };
      const policy = await createPolicy({ model, adapter: null, shape });
      const { call } = policy.program;
      const sizes: number[] = [];
      policy.program.call = (entry, feeds) => {
        sizes.push((feeds as unknown as { visionMask: Float32Array }).visionMask.length);
        return call.call(policy.program, entry, feeds);
      };
      const { features } = await policy.feeds(some);
      policy.dispose();
      const perImage = features.length / shape.images;
      const { hiddenSize } = model.processor.config;
      return {
        sizes,
        features: some.map(({ images }, at) => {
          const [image] = images;
          const tokens = image === undefined ? 0 : imageTokenCount(image.grid, 2);
          return features.slice(at * perImage, at * perImage + tokens * hiddenSize);
        }),
      };
    };
    const together = await featuresOf(prompts);
    const [whole = 0, ...rest] = together.sizes;
    // The three small ones fit in one call together.
    expect(rest).toHaveLength(1);
    expect(rest[0]).toBeLessThan(whole / 4);
    for (const [index, prompt] of prompts.entries()) {
      const [alone] = (await featuresOf([prompt])).features;
      expect(together.features[index]).toHaveLength(alone!.length);
      together.features[index]!.forEach((value, at) => expect(value).toBeCloseTo(alone![at]!, 5));
    }
  });

  describe('beyond what fits in memory', () => {
    let model: LoadedModel;
    let prompts: [PreparedPrompt, PreparedPrompt, PreparedPrompt];
    let folder: string;
    let encoded: number;
    let program: Program;
    let open: (limits: FeatureLimits) => FeatureCache;

    beforeAll(async () => {
      model = await loadModel(join(fixture, 'model'));
      const [a, b, c] = await inMemory(model);
      if (a === undefined || b === undefined || c === undefined) throw new Error('There are three samples.');
      prompts = [a, b, c];
      const shape = { ...shapeFor(prompts, 1), groupSize: 1, completionLength: 2 };
      const { encode, spec } = policyProgram({ model, adapter: null, shape }, await loadRuntime());
      program = await createProgram(await loadRuntime(), spec);
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
      open = (limits) => createFeatureCache(counted, encode, model, shape, limits);
      folder = await mkdtemp(join(tmpdir(), 'atelier-features-'));
    });
    beforeEach(() => {
      encoded = 0;
    });
    afterAll(async () => {
      program.dispose();
      await rm(folder, { recursive: true, force: true });
    });

    it('are encoded again after the least recently used were let go', async () => {
      const [a, b, c] = prompts;
      const { config } = model.processor;
      // Any two fit, and all three do not.
      const cache = open({ keptBytes: featureBytes(prompts, config) - 1 });
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
    });

    it('are kept in a folder if there is one, which is empty at first and gone at the end', async () => {
      const own = join(folder, 'features');
      await mkdir(own);
      await writeFile(join(own, 'left'), 'by an engine that was lost');
      const cache = open({ keptBytes: 0, folder: own });
      const features = [await cache.of([prompts[0]]), await cache.of([prompts[1]])];
      expect(await readdir(own)).toHaveLength(2);
      expect(cache.missing(prompts)).toEqual([prompts[2]]);
      for (const [index, expected] of features.entries())
        expect(await cache.of([prompts[index] as PreparedPrompt])).toEqual(expected);
      expect(encoded).toBe(2);
      cache.dispose();
      expect(await readdir(folder)).toEqual([]);
    });

    it('are encoded again if the folder cannot be written', async () => {
      const file = join(folder, 'a-file');
      await writeFile(file, '');
      const cache = open({ keptBytes: 0, folder: join(file, 'features') });
      const first = await cache.of([prompts[0]]);
      expect(await cache.of([prompts[0]])).toEqual(first);
      expect(encoded).toBe(2);
    });

    it('are encoded once for two questions about one picture', async () => {
      const [a] = prompts;
      const other = await model.processor.prepare({
        prompt: 'Which colours?',
        imagePaths: [samples[0]?.imagePath ?? ''],
        upright: false,
      });
      const cache = open({});
      const features = await cache.of([a]);
      expect(cache.missing([other])).toEqual([]);
      expect(await cache.of([other])).toEqual(features);
      expect(encoded).toBe(1);
      expect(featureBytes([a, other], model.processor.config)).toBe(featureBytes([a], model.processor.config));
    });
  });
});
