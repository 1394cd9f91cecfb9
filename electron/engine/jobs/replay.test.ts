/** @file Contribution in the engine: a replay equals the run bit for bit, and the estimate agrees with the replay. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_ADAPTER, DEFAULT_GRPO, DEFAULT_GRPO_D_SCHEDULE, DEFAULT_OPTIMISER } from '../../method/defaults.ts';
import { ReplayJob, TrainJob } from '../../contract/engine/engine.ts';
import type { SampleId } from '../../contract/model/primitives.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import type { StepMetrics } from '../../contract/model/runs.ts';
import { createEngineService } from '../service/service.ts';

const fixture = new URL('../fixtures/qwen2vl-tiny/', import.meta.url).pathname;
const images = ['rgb_70x70.png', 'tall_42x98.png', 'grey_37x53.png', 'palette_20x20.png'];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-attribution-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A random model answers nonsense; the length of it is a reward that varies inside every group. */
function jobOf(recipe: Partial<Recipe>): TrainJob {
  return TrainJob.parse({
    runId: 'run-1',
    modelPath: join(fixture, 'model'),
    checkpointRoot: join(folder, 'checkpoints'),
    samples: images.map((name, index) => ({
      id: `s-${String(index)}`,
      imagePath: join(fixture, 'images', name),
      prompt: `How many things are there, number ${String(index)}?`,
      answer: String(index + 1),
      task: 'counting',
    })),
    recipe: {
      name: 'test',
      modelId: 'm',
      modelSha256: 'a'.repeat(64),
      datasetId: 'd',
      datasetSha256: 'b'.repeat(64),
      method: 'grpo-d',
      promptTemplate: '{question}',
      adapter: { ...DEFAULT_ADAPTER, r: 4, loraAlpha: 8 },
      rewards: [{ name: 'length', weight: 1, params: { of: 'completion', min: 1, max: 1, falloff: 40 } }],
      grpo: { ...DEFAULT_GRPO, promptsPerStep: 4, numGenerations: 4, maxCompletionLength: 8 },
      klSchedule: DEFAULT_GRPO_D_SCHEDULE,
      optimiser: { ...DEFAULT_OPTIMISER, warmupSteps: 0 },
      steps: 4,
      seed: 3,
      checkpointEvery: 4,
      evalSamples: 0,
      ...recipe,
    },
  });
}

/** What a step tells, whether it is trained or replayed. */
interface Step {
  metrics: StepMetrics;
  /** Texts and samples of the completions; a replay sends none. */
  texts: string[];
  drawn: SampleId[];
  projections?: { sampleId: SampleId; projection: number }[];
}

async function trained(job: TrainJob): Promise<Step[]> {
  const steps: Step[] = [];
  for await (const event of createEngineService().train(job)) {
    if (event.type !== 'step') continue;
    const { metrics, completions, projections } = event;
    const texts = completions.map(({ text }) => text);
    const drawn = completions.filter(({ index }) => index === 0).map(({ sampleId }) => sampleId);
    steps.push({ metrics, texts, drawn, ...(projections === undefined ? {} : { projections }) });
  }
  return steps;
}

async function replayed(job: TrainJob, more: Partial<ReplayJob> = {}): Promise<Step[]> {
  const steps: Step[] = [];
  for await (const event of createEngineService().replay(
    ReplayJob.parse({ ...job, steps: job.recipe.steps, ...more }),
  )) {
    if (event.type === 'step')
      steps.push({ metrics: event.metrics, projections: event.projections, texts: [], drawn: [] });
  }
  return steps;
}

const facts = ({ metrics: { loss, gradNorm, reward, kl, entropy, tokensGenerated } }: Step): unknown => ({
  loss,
  gradNorm,
  reward,
  kl,
  entropy,
  tokensGenerated,
});
const projections = (steps: readonly Step[]): number[] =>
  steps.flatMap((step) => (step.projections ?? []).map(({ projection }) => projection));

describe('contribution', () => {
  it('a replay gives every loss of the run again, bit for bit, one projection per group, and writes nothing', async () => {
    const job = jobOf({});
    const again = await replayed(job);
    await expect(readdir(job.checkpointRoot)).rejects.toThrow('ENOENT');
    const run = await trained(job);
    expect(again.map(facts)).toEqual(run.map(facts));
    expect(run.every((step) => step.projections === undefined)).toBe(true);
    again.forEach(({ projections: own }, step) => {
      expect(own?.map(({ sampleId }) => sampleId)).toEqual(run[step]?.drawn);
    });
    expect(projections(again).some((value) => value !== 0)).toBe(true);
  });

  it('a replay of a run that was stopped early takes as many steps as the run', async () => {
    const job = jobOf({});
    const whole = await replayed(job);
    expect((await replayed(job, { steps: 2 })).map(facts)).toEqual(whole.slice(0, 2).map(facts));
  });

  it('measuring changes nothing about the run, and equals the exact projections if steps are small', async () => {
    const small = { optimiser: { ...DEFAULT_OPTIMISER, warmupSteps: 0, learningRate: 1e-5 } };
    const plain = await trained(jobOf(small));
    const measured = await trained(jobOf({ ...small, attribution: 'estimate' }));
    expect(measured.map(facts)).toEqual(plain.map(facts));
    expect(measured.map(({ texts }) => texts)).toEqual(plain.map(({ texts }) => texts));
    const exact = projections(await replayed(jobOf(small)));
    const largest = Math.max(...exact.map(Math.abs));
    projections(measured).forEach((value, at) => {
      expect(Math.abs(value - (exact[at] ?? NaN)) / largest).toBeLessThan(0.05);
    });
  });

  it('a step without an update, or within rounding noise, served nobody', async () => {
    // The first step of a warm-up has a learning rate of zero; the second moves the weights by less than they round.
    const optimiser = { ...DEFAULT_OPTIMISER, warmupSteps: 1, learningRate: 1e-10 };
    const job = { optimiser, steps: 2, attribution: 'estimate' as const };
    const measured = await trained(jobOf(job));
    expect(measured[0]?.metrics.learningRate).toBe(0);
    expect(measured[1]?.metrics.learningRate).toBeGreaterThan(0);
    expect(measured[1]?.metrics.gradNorm).toBeGreaterThan(0);
    expect(projections(measured).every((value) => value === 0)).toBe(true);
    expect(projections(await replayed(jobOf(job))).every((value) => value === 0)).toBe(true);
  });

  it('gives the same projections if updates are computed in micro-batches', async () => {
    const whole = projections(await replayed(jobOf({ steps: 2 })));
    const split = projections(await replayed(jobOf({ steps: 2 }), { microBatchPrompts: 1 }));
    whole.forEach((value, at) => {
      expect(split[at]).toBeCloseTo(value, 5);
    });
  });

  it('attributes supervised runs in a replay', async () => {
    const job = jobOf({ method: 'sft', steps: 2 });
    const run = await trained(job);
    const again = await replayed(job);
    expect(again.map(facts)).toEqual(run.map(facts));
    // The first step goes down the gradient of everything that was fed.
    expect(projections(again.slice(0, 1)).reduce((sum, value) => sum + value, 0)).toBeGreaterThan(0);
  });
});
