/** @file Every job that reads a model's weights tells how many bytes of them it has read, up to all of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EvaluateJob, GenerateJob, ReplayJob, SampleJob, ScoreJob } from '../../contract/engine/engine.ts';
import type { Progress } from '../../contract/model/primitives.ts';
import { openCheckpointTensors } from '../../formats/safetensors.ts';
import { loadMeter } from '../policy/load-meter.ts';
import { createEngineService } from '../service/service.ts';
import { fixture } from '../testing/tiny.ts';
import { tinyJob } from '../testing/tiny-job.ts';

const model = join(fixture, 'model');
const engine = createEngineService();
let folder: string;
let weights: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-loading-'));
  const tensors = await openCheckpointTensors(model);
  weights = tensors.names().reduce((sum, name) => sum + tensors.info(name).byteLength, 0);
  await tensors.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const trained = () => tinyJob(join(folder, 'run'), { steps: 1, checkpointEvery: 1 });
const asked = () => ({
  modelPath: model,
  promptTemplate: '{question}',
  samples: trained().samples.slice(0, 2),
  maxNewTokens: 2,
});
const sampling = { numGenerations: 2, temperature: 1, topP: 1, seed: 1 };
const prompt = { model, prompt: 'How many?', maxNewTokens: 2 };

const JOBS: Record<string, () => AsyncIterable<{ type: string; progress?: Progress }>> = {
  evaluate: () => engine.evaluate(EvaluateJob.parse(asked())),
  sample: () => engine.sample(SampleJob.parse({ ...asked(), ...sampling })),
  generate: () => engine.generate(GenerateJob.parse(prompt)),
  score: () => engine.score(ScoreJob.parse({ model, items: [{ prompt: 'Hello', completion: 'you' }] })),
  train: () => engine.train(trained()),
  replay: () => engine.replay(ReplayJob.parse({ ...trained(), steps: 1 })),
};

async function progressOf(events: AsyncIterable<{ type: string; progress?: Progress }>): Promise<Progress[]> {
  const told: Progress[] = [];
  for await (const { progress } of events) if (progress !== undefined) told.push(progress);
  return told;
}

const inBytes = (told: readonly Progress[]): Progress[] => told.filter(({ unit }) => unit === 'bytes');

describe('loading a model', () => {
  it.each(Object.keys(JOBS))('%s tells the bytes read of the bytes to read, and then goes on', async (name) => {
    const told = await progressOf(JOBS[name]!());
    const loading = inBytes(told);
    expect(loading.every(({ phase, total }) => phase === 'load' && total === weights)).toBe(true);
    const done = loading.map((each) => each.done);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect([done[0], done.at(-1)]).toEqual([0, weights]);
    expect(told.at(-1)?.phase).not.toBe('load');
  });

  it('is told again for the probabilities of an answer, which take a second program', async () => {
    const told = inBytes(await progressOf(engine.generate(GenerateJob.parse({ ...prompt, alternatives: 2 }))));
    const last = told.filter(({ done, total }) => done === total);
    expect(last.map(({ phase }) => phase)).toEqual(['load', 'load again']);
  });

  it('is not told by a job that is refused before it loads one', async () => {
    const told: Progress[] = [];
    const refused = async (): Promise<void> => {
      const job = EvaluateJob.parse({ ...asked(), modelPath: join(folder, 'nowhere') });
      for await (const event of engine.evaluate(job)) if (event.type === 'progress') told.push(event.progress);
    };
    await expect(refused()).rejects.toMatchObject({ code: expect.any(String) as string });
    expect(inBytes(told)).toEqual([]);
  });

  it('goes on to its end if the reader leaves, so that the next job finds the engine free', async () => {
    for await (const event of engine.train(trained())) if (event.type === 'phase' && event.progress.unit) break;
    expect(inBytes(await progressOf(JOBS['train']!())).at(-1)?.done).toBe(weights);
  });
});

describe('the meter', () => {
  it('tells at most four times a second, besides the start and the end', () => {
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
    const told: number[] = [];
    const meter = loadMeter(100, ({ done }) => told.push(done));
    for (let tick = 1; tick <= 100; tick += 1) {
      clock.mockReturnValue(10 * tick);
      meter.add(1);
    }
    meter.end();
    clock.mockRestore();
    expect(told).toEqual([0, 25, 50, 75, 100]);
  });
});
