/** @file Training with a custom reward: its scores count, and its failure ends the run in plain words. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_ADAPTER, DEFAULT_GRPO, DEFAULT_GRPO_D_SCHEDULE, DEFAULT_OPTIMISER } from '../../method/defaults.ts';
import { TrainJob, type TrainEvent } from '../../contract/engine/engine.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { train } from '../jobs/train.ts';

const fixture = new URL('../fixtures/qwen2vl-tiny/', import.meta.url).pathname;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-own-reward-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function jobWith(source: string, root: string): TrainJob {
  const sha256 = createHash('sha256').update(source, 'utf8').digest('hex');
  return TrainJob.parse({
    runId: 'run-1',
    modelPath: join(fixture, 'model'),
    checkpointRoot: join(folder, root),
    samples: ['rgb_70x70.png', 'tall_42x98.png'].map((name, index) => ({
      id: `s-${index}`,
      imagePath: join(fixture, 'images', name),
      prompt: 'How many?',
      answer: '1',
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
      rewards: [
        { name: 'custom', weight: 2, params: { label: 'length', file: 'length.ts', source, sha256 } },
        { name: 'accuracy', weight: 1 },
      ],
      grpo: { ...DEFAULT_GRPO, promptsPerStep: 2, numGenerations: 4, maxCompletionLength: 6 },
      klSchedule: DEFAULT_GRPO_D_SCHEDULE,
      optimiser: { ...DEFAULT_OPTIMISER, warmupSteps: 0 },
      steps: 2,
      seed: 3,
      checkpointEvery: 2,
      evalSamples: 0,
    },
  });
}

async function run(job: TrainJob): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  for await (const event of train(job, { stopping: () => false })) events.push(event);
  return events;
}

it('counts in the total with its weight, under its own name', async () => {
  const own = 'export const score = (completion: string) => Math.min(1, completion.length / 20);';
  const steps = (await run(jobWith(own, 'good'))).filter((event) => event.type === 'step');
  expect(steps).toHaveLength(2);
  for (const { completions, metrics } of steps) {
    expect(metrics.rewards.map(({ name }) => name)).toEqual(['custom:length', 'accuracy']);
    for (const { text, rewards, reward } of completions) {
      expect(rewards[0]).toEqual({ name: 'custom:length', value: Math.min(1, text.length / 20) });
      expect(reward).toBeCloseTo(2 * (rewards[0]?.value ?? 0) + (rewards[1]?.value ?? 0), 12);
    }
  }
});

it('without an opinion gives no score, no total and no advantage, and means leave it out', async () => {
  const picky =
    'export const score = (completion: string) => (completion.length % 2 === 0 ? null : Math.min(1, completion.length / 100));';
  const job = jobWith(picky, 'picky');
  job.recipe.rewards = job.recipe.rewards.filter(({ name }) => name === 'custom');
  const steps = (await run(job)).filter((event) => event.type === 'step');
  const all = steps.flatMap(({ completions }) => completions);
  expect(all.some(({ reward }) => reward === null) && all.some(({ reward }) => reward !== null)).toBe(true);
  for (const { text, rewards, reward, advantage } of all) {
    const expected = text.length % 2 === 0 ? null : Math.min(1, text.length / 100);
    expect(rewards).toEqual([{ name: 'custom:length', value: expected }]);
    expect(reward).toBe(expected === null ? null : 2 * expected);
    if (expected === null) expect(advantage).toBe(0);
  }
  for (const { metrics, completions } of steps) {
    const scored = completions.map(({ reward }) => reward).filter((reward) => reward !== null);
    const mean = scored.length === 0 ? null : scored.reduce((sum, reward) => sum + reward, 0) / scored.length;
    expect(metrics.reward).toBe(mean);
    expect(metrics.rewards[0]?.mean ?? null).toBe(mean === null ? null : mean / 2);
  }
});

it('that fails ends the training with its file and line', async () => {
  const broken = 'export function score(): number {\n  throw new Error("not today");\n}';
  const error = await run(jobWith(broken, 'broken')).catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(AtelierError);
  expect(error).toMatchObject({ code: 'BAD_INPUT', place: { file: 'length.ts', row: 2 } });
});
