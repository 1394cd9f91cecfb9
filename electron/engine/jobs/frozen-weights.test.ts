/** @file Runs on frozen weights in 4 bits: what was trained is what is resumed, answers, and is exported. */
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TrainEvent, TrainJob } from '../../contract/engine/engine.ts';
import type { StepMetrics } from '../../contract/model/runs.ts';
import { DEFAULT_OPTIMISER } from '../../method/defaults.ts';
import { readAdapter } from '../../formats/peft.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { createEngineService } from '../service/service.ts';
import { fixture } from '../testing/tiny.ts';
import { tinyJob, type RecipeChanges } from '../testing/tiny-job.ts';
import { merge } from './merge.ts';
import { score } from './score.ts';

const { native } = await loadRuntime();
const hasOwnOps = native?.ownOps === true;
const MODEL = join(fixture, 'model');
const CHANGES: RecipeChanges = {
  frozenWeights: 'nf4',
  adapter: { kind: 'lora', r: 2, loraAlpha: 4, targetModules: ['q_proj', 'down_proj'], layers: ['language', 'merger'] },
  rewards: [{ name: 'repetition', weight: 1, params: { ngram: 1 } }],
  klSchedule: { kind: 'paper-eq3', betaMin: 1, betaMax: 2, explorationRatio: 0.5 },
  optimiser: { ...DEFAULT_OPTIMISER, learningRate: 5e-3, warmupSteps: 0 },
  grpo: { maxCompletionLength: 6 },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-frozen-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => {
  if (native === null) return;
  native.ownOps = hasOwnOps;
  delete native.weightsFolder;
});

const checkpoint = (root: string, step: number): string => join(folder, root, `step-${String(step).padStart(6, '0')}`);

async function run(root: string, changes: RecipeChanges = {}, extra: Partial<TrainJob> = {}): Promise<StepMetrics[]> {
  const events: TrainEvent[] = [];
  const job = tinyJob(join(folder, root), { ...CHANGES, ...changes }, extra);
  for await (const event of createEngineService().train(job)) events.push(event);
  return events.flatMap((event) => (event.type === 'step' ? [event.metrics] : []));
}

function figures(metrics: StepMetrics): Record<string, unknown> {
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => !/^seconds|residentBytes/.test(name)));
}

async function logprobs(model: string, adapter?: string): Promise<number[]> {
  const items = [{ images: [join(fixture, 'images', 'rgb_70x70.png')], prompt: 'How many?', completion: 'three cats' }];
  const [result] = await score({ model, items, ...(adapter === undefined ? {} : { adapter }) });
  return result!.logprobs;
}

const farthest = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((most, value, at) => Math.max(most, Math.abs(value - b[at]!)), 0);

describe.skipIf(!hasOwnOps)('a run on frozen weights in 4 bits', () => {
  it('starts at a KL of exactly 0, learns, resumes bit for bit, and every later use has the same base', async () => {
    const whole = await run('whole');
    expect(whole[0]?.kl).toBe(0);
    expect(whole.at(-1)?.kl).toBeGreaterThan(0);
    const rest = await run('rest', {}, { resumeFrom: checkpoint('whole', 2) });
    expect(rest.map(figures)).toEqual(whole.slice(2).map(figures));
    const weights = (root: string): Promise<Buffer> => readFile(join(checkpoint(root, 4), 'adapter_model.safetensors'));
    expect((await weights('rest')).equals(await weights('whole'))).toBe(true);

    // Weights that are mapped from the disk are the same ones.
    native!.weightsFolder = folder;
    await run('mapped');
    delete native!.weightsFolder;
    expect((await weights('mapped')).equals(await weights('whole'))).toBe(true);

    const adapter = checkpoint('whole', 4);
    expect((await readAdapter(adapter)).metadata['atelier.frozen_weights']).toBe('nf4');
    const trained = await logprobs(MODEL, adapter);
    // Without our own ops, the same values are kept in float32.
    native!.ownOps = false;
    expect(farthest(await logprobs(MODEL, adapter), trained)).toBeLessThan(1e-4);
    const merged = await mkdtemp(join(folder, 'merged-'));
    for await (const _ of merge({ modelPath: MODEL, adapterPath: adapter, folder: merged, metadata: {} }));
    for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'preprocessor_config.json'])
      await copyIfThere(name, merged);
    expect(farthest(await logprobs(merged), trained)).toBeLessThan(1e-4);

    // The weights as they are published are other ones.
    await run('plain', { frozenWeights: 'as-published', steps: 2 });
    expect((await readAdapter(checkpoint('plain', 2))).metadata['atelier.frozen_weights']).toBeUndefined();
    expect(farthest(await logprobs(MODEL), trained)).toBeGreaterThan(1e-3);
  });

  it('is refused in one sentence where there are no ops of our own', async () => {
    native!.ownOps = false;
    await expect(run('refused')).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      place: { field: 'frozenWeights' },
      message: expect.stringMatching(/^Frozen weights in 4 bits need Atelier's own operations/) as string,
    });
  });
});

async function copyIfThere(name: string, to: string): Promise<void> {
  await copyFile(join(MODEL, name), join(to, name)).catch(() => undefined);
}
