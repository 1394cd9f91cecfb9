/** @file Every job that encodes pictures is refused before anything is allocated if it would not fit, naming the picture. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EvaluateJob, GenerateJob, SampleJob, ScoreJob } from '../../contract/engine/engine.ts';
import { createEngineService } from '../service/service.ts';
import { createProcessor } from '../policy/processor.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { fixture } from '../testing/tiny.ts';
import { resultOf } from '../../contract/model/result-events.ts';

const { native } = await loadRuntime();
const model = join(fixture, 'model');
const pictures = ['rgb_70x70.png', 'tall_42x98.png', 'grey_37x53.png'];
const image = (name: string): string => join(fixture, 'images', name);
const samples = pictures.map((name, index) => ({
  id: `s-${index}`,
  imagePath: image(name),
  imageName: `holiday/${name}`,
  prompt: 'How many?',
  answer: '1',
  task: 'counting',
}));
const asked = { modelPath: model, promptTemplate: '{question}', samples, maxNewTokens: 4 };
const little = { memoryLimitBytes: 1_000_000 };
const engine = createEngineService();

async function last<T>(events: AsyncIterable<T>): Promise<T | undefined> {
  let latest: T | undefined;
  for await (const event of events) latest = event;
  return latest;
}

const JOBS: Record<string, () => Promise<unknown>> = {
  evaluate: () => last(engine.evaluate(EvaluateJob.parse({ ...asked, ...little }))),
  sample: () =>
    last(engine.sample(SampleJob.parse({ ...asked, ...little, numGenerations: 2, temperature: 1, topP: 1, seed: 1 }))),
  generate: () =>
    resultOf(
      engine.generate(
        GenerateJob.parse({
          model,
          images: [image('tall_42x98.png')],
          imageNames: ['holiday/tall_42x98.png'],
          prompt: 'How many?',
          ...little,
        }),
      ),
    ),
  score: () =>
    resultOf(
      engine.score(
        ScoreJob.parse({
          model,
          items: [
            { prompt: 'Hello', completion: 'you' },
            { images: [image('tall_42x98.png')], prompt: 'How many?', completion: '2' },
          ],
          ...little,
        }),
      ),
    ),
};

describe.skipIf(native === null)('a job that would not fit', () => {
  it.each(Object.keys(JOBS))(
    '%s is refused in words that name the picture, its size, what it needs and has',
    async (name) => {
      await expect(JOBS[name]?.()).rejects.toMatchObject({
        code: 'BAD_INPUT',
        message: expect.stringMatching(
          /needs about [\d.]+ .iB of memory, for pictures such as \S*tall_42x98\.png \(42 × 98 pixels, \d+ image tokens\).*; 977 KiB are available\.$/,
        ) as string,
        remedy: expect.stringContaining('smaller model') as string,
      });
    },
  );
});

describe('a measured prompt', () => {
  it('has the tokens, positions and grid of the one that is read', async () => {
    const whole = await createProcessor(model);
    for (const processor of [whole, whole.limitedTo(4 * 784)]) {
      for (const name of pictures) {
        const request = { prompt: 'How many?', imagePaths: [image(name)] };
        const { images, ...read } = await processor.prepare(request);
        const { images: measured, ...rest } = await processor.measure(request);
        expect(rest).toEqual(read);
        expect(measured.map(({ grid }) => grid)).toEqual(images.map(({ grid }) => grid));
        expect(measured.every(({ pixelValues }) => pixelValues.length === 0)).toBe(true);
      }
    }
  });

  it('shrinks with the limit, as transformers does with max_pixels', async () => {
    const limited = (await createProcessor(model)).limitedTo(4 * 784);
    const { images } = await limited.prepare({ prompt: 'How many?', imagePaths: [image('rgb_70x70.png')] });
    expect(images[0]?.grid).toEqual([1, 4, 4]);
  });
});
