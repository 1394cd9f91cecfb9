/** @file Experiments as one job: a folder with all runs goes out, and what comes back fills the same tables. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { z } from 'zod';
import { ExperimentRequest } from '../../contract/model/experiments.ts';
import { HandoffRequest, type Handoff } from '../../contract/model/handoffs.ts';
import type { ExperimentId } from '../../contract/model/primitives.ts';
import { Recipe } from '../../contract/model/recipe.ts';
import { DEFAULT_GRPO, DEFAULT_OPTIMISER } from '../../method/defaults.ts';
import { openStore } from '../../store/connection/open.ts';
import { planExperiment } from '../experiments/manage.ts';
import { clientOf, openTestStudio, prepareStudio } from '../fixtures/test-studio.ts';
import type { Studio } from '../studio.ts';
import { createHandoff } from './create-handoff.ts';
import { FAKE_ADAPTER, fakeResults } from './testing/fake-results.ts';

const STEPS = 2;
let home: string;
let job: string;
let studio: Studio;
let client: ReturnType<typeof clientOf>;
let request: z.input<typeof ExperimentRequest>;

beforeEach(async () => {
  const ready = await prepareStudio();
  ({ home, studio, client } = ready);
  job = join(mkdtempSync(join(tmpdir(), 'atelier-experiment-job-')), 'job');
  request = {
    kind: 'contest',
    modelId: ready.modelId,
    seeds: [7],
    task: { datasetId: ready.datasetId },
    arms: ['base', 'sft', 'grpo'],
    recipe: {
      steps: STEPS,
      checkpointEvery: 1,
      evalSamples: 0,
      optimiser: { ...DEFAULT_OPTIMISER, warmupSteps: 0 },
      grpo: { ...DEFAULT_GRPO, promptsPerStep: 2, numGenerations: 2 },
      adapter: FAKE_ADAPTER,
    },
  };
});
afterEach(() => studio.close());

/** Writes the job with the studio closed, because the build's rewards are not there. */
async function handOff(what: { experiment: typeof request } | { experimentId: ExperimentId }): Promise<Handoff> {
  await studio.close();
  const store = await openStore(home);
  const judgeBundle = join(home, 'judge.mjs');
  writeFileSync(judgeBundle, '// the rewards\n');
  try {
    const asked = HandoffRequest.parse({ ...what, destination: job, model: 'reference', launcher: 'slurm' });
    return await createHandoff(store, asked, { version: '0.0.0-test', judgeBundle });
  } finally {
    await store.close();
    studio = await openTestStudio(home);
    client = clientOf(studio);
  }
}

const child = (name: string, ...parts: string[]): string => join(job, 'children', name, ...parts);

async function trainElsewhere(name: string, steps: number): Promise<void> {
  const { recipe } = parse(readFileSync(child(name, 'recipe.yaml'), 'utf8')) as { recipe: unknown };
  const { recipeSha256 } = JSON.parse(readFileSync(child(name, 'manifest.json'), 'utf8')) as { recipeSha256: string };
  const parsed = Recipe.parse(recipe);
  const { samples } = await client.datasets.samples({ datasetId: parsed.datasetId, split: 'train', limit: 50 });
  const fake = fakeResults({ results: child(name, 'results'), recipe: parsed, recipeSha256, samples });
  fake.addSteps(1, steps);
  fake.addCheckpoint(steps);
  if (steps === STEPS) fake.status('completed');
}

it('goes out as one folder with a part for each run, and trains nothing here', async () => {
  const { id, children, experimentId, steps } = await handOff({ experiment: request });
  expect(children).toEqual(['001-sft-seed-7', '002-grpo-seed-7']);
  expect(steps).toBe(2 * STEPS);
  expect(readdirSync(join(job, 'data'))).toEqual(['train.parquet']);
  expect(readdirSync(child('002-grpo-seed-7'))).toEqual(['manifest.json', 'plan.json', 'recipe.yaml', 'rewards.json']);
  expect(readFileSync(join(job, 'launch', 'job.sbatch'), 'utf8')).toMatch(
    /#SBATCH --array=0-1\n(.*\n)*srun \.\/run\.sh --child "\$SLURM_ARRAY_TASK_ID"/,
  );
  expect(readFileSync(join(job, 'README.md'), 'utf8')).toContain('| 1 | `002-grpo-seed-7` | GRPO | 2 | 7 |');
  const { summary } = await client.experiments.get({ experimentId: experimentId! });
  expect(summary).toMatchObject({ status: 'interrupted', completed: 0, reason: expect.stringContaining(id) as string });
  expect((await client.runs.list()).length).toBe(0);
  expect((await client.handoffs.list()).map((each) => each.id)).toEqual([id]);
});

it('names the arm that no other machine can train, and writes nothing', async () => {
  const arms = ['grpo', 'grpo-target-kl'] as const;
  const asked = handOff({ experiment: { ...request, arms: [...arms] } as typeof request });
  await expect(asked).rejects.toMatchObject({
    code: 'BAD_INPUT',
    message: expect.stringMatching(/^The arm grpo-target-kl \(.*\) cannot be handed off\. .*target-kl/) as string,
    remedy: expect.stringContaining('Leave the arm grpo-target-kl out') as string,
  });
  expect(existsSync(job)).toBe(false);
  expect(await client.experiments.list()).toEqual([]);
});

it('comes back as one experiment, run by run, with the tests of a run here', { timeout: 120_000 }, async () => {
  const { experimentId } = await handOff({ experiment: request });
  await trainElsewhere('001-sft-seed-7', STEPS);
  await trainElsewhere('002-grpo-seed-7', 1);
  const first = await client.handoffs.takeBack({ path: job });
  expect(first).toMatchObject({ experimentId, of: 2, isComplete: false, runs: [{ step: 2 }, { step: 1 }] });
  for await (const _ of await client.experiments.watch({ experimentId: experimentId! }));
  const half = await client.experiments.get({ experimentId: experimentId! });
  expect(half.summary).toMatchObject({
    status: 'interrupted',
    reason: expect.stringContaining('trained elsewhere') as string,
    elsewhere: true,
  });
  expect(half.children.map(({ status }) => status)).toEqual(['completed', 'completed', 'waiting']);

  await trainElsewhere('002-grpo-seed-7', STEPS);
  const { isComplete } = await client.handoffs.takeBack({ path: job });
  expect(isComplete).toBe(true);
  for await (const _ of await client.experiments.watch({ experimentId: experimentId! }));
  const whole = await client.experiments.get({ experimentId: experimentId! });
  expect(whole.summary).toMatchObject({ status: 'completed', completed: 3 });
  expect(whole.cells.map(({ arm }) => arm)).toEqual(['base', 'sft', 'grpo']);
  expect(whole.children.every(({ tests }) => tests.every(({ accuracy }) => accuracy !== null))).toBe(true);
  const runs = await client.runs.list();
  expect(runs.map(({ status, step }) => [status, step])).toEqual([
    ['completed', STEPS],
    ['completed', STEPS],
  ]);
});

it('is not trained here while it is elsewhere, and counts once', { timeout: 120_000 }, async () => {
  const { experimentId } = await handOff({ experiment: request });
  await client.experiments.resume({ experimentId: experimentId! });
  for await (const _ of await client.experiments.watch({ experimentId: experimentId! }));
  const { children } = await client.experiments.get({ experimentId: experimentId! });
  expect(children.map(({ status }) => status)).toEqual(['completed', 'waiting', 'waiting']);
  expect(children[1]?.reason).toMatch(/handed off as job-/);
  expect(await client.runs.list()).toEqual([]);

  const first = job;
  job = `${job}-again`;
  const again = await handOff({ experimentId: experimentId! });
  expect(again.children).toEqual(['001-sft-seed-7', '002-grpo-seed-7']);
  for (const folder of [first, `${first}-again`]) {
    job = folder;
    await trainElsewhere('001-sft-seed-7', STEPS);
  }
  expect(await client.handoffs.takeBack({ path: first, evaluate: false })).toMatchObject({ runs: [{ step: STEPS }] });
  await expect(client.handoffs.takeBack({ path: job })).rejects.toMatchObject({
    message: expect.stringContaining('has been done since') as string,
  });
});

it('must be at rest, and have a run left', { timeout: 120_000 }, async () => {
  await studio.close();
  const store = await openStore(home);
  const parsed = ExperimentRequest.parse({ ...request, arms: ['base'] });
  const { id } = await store.experiments.create(parsed, 'Base', (await planExperiment({ store }, parsed)).plans);
  await store.close();
  await expect(handOff({ experimentId: id })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: 'The experiment "Base" is queued here.',
  });
  await client.experiments.resume({ experimentId: id });
  for await (const _ of await client.experiments.watch({ experimentId: id }));
  await expect(handOff({ experimentId: id })).rejects.toMatchObject({
    message: 'No run of this experiment is left to train.',
  });
  expect(existsSync(job)).toBe(false);
});

it('names the file of the run that is refused', async () => {
  await handOff({ experiment: request });
  await trainElsewhere('001-sft-seed-7', STEPS);
  await trainElsewhere('002-grpo-seed-7', STEPS);
  writeFileSync(child('002-grpo-seed-7', 'results', 'metrics.jsonl'), '{"step":1}\n');
  await expect(client.handoffs.takeBack({ path: job })).rejects.toMatchObject({
    message: expect.stringMatching(/^children\/002-grpo-seed-7\/results\/metrics\.jsonl has a line/) as string,
    data: { place: { file: 'children/002-grpo-seed-7/results/metrics.jsonl', row: 1 } },
  });
  expect(await client.runs.list()).toEqual([]);
});

it('changes nothing if one run of several is refused', async () => {
  await handOff({ experiment: request });
  await trainElsewhere('001-sft-seed-7', STEPS);
  await trainElsewhere('002-grpo-seed-7', STEPS);
  writeFileSync(child('002-grpo-seed-7', 'results', 'optimizer.pt'), 'x');
  await expect(client.handoffs.takeBack({ path: job })).rejects.toMatchObject({
    message: expect.stringContaining('may be a pickle') as string,
  });
  expect(await client.runs.list()).toEqual([]);
  expect(existsSync(join(home, 'runs')) ? readdirSync(join(home, 'runs')) : []).toEqual([]);
});
