/** @file Contribution in the engine: the exact replay agrees with the run bit for bit, and the estimate with the replay. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_ADAPTER, DEFAULT_GRPO, DEFAULT_GRPO_D_SCHEDULE, DEFAULT_OPTIMISER } from '../../method/defaults.ts';
import type { TrainEvent, TrainJob } from '../../contract/engine/engine.ts';
import { TrainJob as TrainJobSchema } from '../../contract/engine/engine.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import { createEngineService } from '../service/service.ts';

const fixture = new URL('../fixtures/qwen2vl-tiny/', import.meta.url).pathname;
const images = ['rgb_70x70.png', 'tall_42x98.png', 'grey_37x53.png', 'palette_20x20.png'];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-attribution-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A random model answers nonsense; the length of it is a reward that varies inside every group. */
function jobOf(recipe: Partial<Recipe>, replay = false): TrainJob {
  return TrainJobSchema.parse({
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
    replay,
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

type Step = Extract<TrainEvent, { type: 'step' }>;

async function stepsOf(job: TrainJob): Promise<Step[]> {
  const steps: Step[] = [];
  for await (const event of createEngineService().train(job)) {
    if (event.type === 'checkpoint') expect(job.replay).toBe(false);
    if (event.type === 'step') steps.push(event);
  }
  return steps;
}

const facts = ({ metrics: { loss, gradNorm, reward }, completions }: Step): unknown => ({
  loss,
  gradNorm,
  reward,
  texts: completions.map(({ text }) => text),
});
const projections = (steps: readonly Step[]): number[] =>
  steps.flatMap((step) => (step.projections ?? []).map(({ projection }) => projection));

describe('contribution', () => {
  it('a replay gives every loss of the run again, bit for bit, and one projection per group', async () => {
    const run = await stepsOf(jobOf({}));
    const replay = await stepsOf(jobOf({}, true));
    expect(replay.map(facts)).toEqual(run.map(facts));
    expect(run.every((step) => step.projections === undefined)).toBe(true);
    for (const { projections: own, completions } of replay) {
      const drawn = completions.filter(({ index }) => index === 0).map(({ sampleId }) => sampleId);
      expect(own?.map(({ sampleId }) => sampleId)).toEqual(drawn);
    }
    expect(projections(replay).some((value) => value !== 0)).toBe(true);
  });

  it('measuring changes nothing about the run, and equals the exact projections where steps are small', async () => {
    const small = { optimiser: { ...DEFAULT_OPTIMISER, warmupSteps: 0, learningRate: 1e-5 } };
    const plain = await stepsOf(jobOf(small));
    const measured = await stepsOf(jobOf({ ...small, attribution: 'estimate' }));
    expect(measured.map(facts)).toEqual(plain.map(facts));
    const exact = projections(await stepsOf(jobOf(small, true)));
    const largest = Math.max(...exact.map(Math.abs));
    projections(measured).forEach((value, at) => {
      expect(Math.abs(value - (exact[at] ?? NaN)) / largest).toBeLessThan(0.05);
    });
  });

  it('gives the same projections where an update is worked off in parts', async () => {
    const whole = projections(await stepsOf(jobOf({ steps: 2 }, true)));
    const parts = jobOf({ steps: 2 }, true);
    const split = projections(await stepsOf({ ...parts, microBatchPrompts: 1 }));
    whole.forEach((value, at) => {
      expect(split[at]).toBeCloseTo(value, 5);
    });
  });

  it('attributes supervised runs in a replay', async () => {
    const sft = { method: 'sft' as const, steps: 2 };
    const run = await stepsOf(jobOf(sft));
    const replay = await stepsOf(jobOf(sft, true));
    expect(replay.map(facts)).toEqual(run.map(facts));
    // The first step goes down the gradient of everything that was fed.
    expect(projections(replay.slice(0, 1)).reduce((sum, value) => sum + value, 0)).toBeGreaterThan(0);
  });
});
