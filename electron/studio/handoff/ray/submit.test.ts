/** @file Sending a job to a cluster: against a small server that answers as Ray's dashboard does, and as it should not. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterRequest, HandoffRequest, type ClusterEvent, type Handoff } from '../../../contract/model/handoffs.ts';
import { DEFAULT_OPTIMISER } from '../../../method/defaults.ts';
import { openStore } from '../../../store/connection/open.ts';
import { makeSmallRun } from '../../exports/fixtures/small-run.ts';
import { clientOf, openTestStudio, temporaryFolder } from '../../fixtures/test-studio.ts';
import type { Studio } from '../../studio.ts';
import { createHandoff } from '../create-handoff.ts';
import { startFakeRay, type FakeRay } from '../testing/fake-ray.ts';
import { fakeResults } from '../testing/fake-results.ts';
import { openRayDoor } from './door.ts';

const STEPS = 2;
let folder: string;
let home: string;
let job: string;
let studio: Studio;
let client: ReturnType<typeof clientOf>;
let handoff: Handoff;
let ray: FakeRay;

beforeEach(async () => {
  folder = temporaryFolder();
  home = join(folder, 'home');
  job = join(folder, 'job');
  const store = await openStore(home);
  const runId = await makeSmallRun(store, folder, {
    recipe: { optimiser: { ...DEFAULT_OPTIMISER, warmupSteps: 0 }, steps: STEPS },
  });
  const judgeBundle = join(folder, 'judge.mjs');
  writeFileSync(judgeBundle, '');
  const request = HandoffRequest.parse({ runId, destination: job, model: 'reference', launcher: 'ray' });
  handoff = await createHandoff(store, request, { version: '0.0.0-test', judgeBundle });
  const { recipe } = await store.runs.recipeOf(runId);
  const samples = await store.datasets.allSamples(recipe.datasetId, 'train');
  await store.close();
  const results = join(folder, 'cluster', 'results');
  const fake = fakeResults({ results, recipe, recipeSha256: handoff.recipeSha256, samples });
  fake.addSteps(1, STEPS);
  fake.addCheckpoint(STEPS);
  fake.status('completed');
  const step = `checkpoints/step-00000${STEPS}`;
  const names = ['metrics.jsonl', 'completions.jsonl', 'environment.json', 'status.json'].concat(
    ['adapter_config.json', 'adapter_model.safetensors', 'checkpoint.json'].map((name) => `${step}/${name}`),
  );
  ray = await startFakeRay();
  for (const name of names) ray.stored.set(`results/${name}`, readFileSync(join(results, name)));
  studio = await openTestStudio(home);
  client = clientOf(studio);
  await client.system.setPreferences({ clusterJobs: true });
});

afterEach(async () => {
  await studio.close();
  await ray.close();
});

async function submit(change: Partial<ClusterRequest> = {}): Promise<ClusterEvent[]> {
  const events: ClusterEvent[] = [];
  const request = ClusterRequest.parse({
    path: job,
    address: ray.address,
    storage: "/mnt/o'ne",
    evaluate: false,
    ...change,
  });
  for await (const event of await client.handoffs.submit(request)) events.push(event);
  return events;
}

const LONG_MS = 60_000;

describe('a job that is sent to a cluster', () => {
  it('is uploaded without its results, followed, fetched and taken back', { timeout: LONG_MS }, async () => {
    const events = await submit({ workers: 2, options: ['--accumulate=2'] });
    expect(events[0]).toEqual({ type: 'submitted', submissionId: handoff.id });
    expect(events.filter(({ type }) => type === 'log')).toEqual([{ type: 'log', text: 'Running …\n' }]);
    expect(events.at(-2)).toMatchObject({ type: 'returned', handback: { step: STEPS, isComplete: true } });
    expect(events.at(-1)).toEqual({ type: 'done', status: 'succeeded', message: 'so it is' });
    expect(ray.submitted[0]?.entrypoint).toBe(
      String.raw`python launch/ray_train.py '--storage' '/mnt/o'\''ne' '--workers' '2' '--cpu' '--accumulate=2'`,
    );
    // A zip names its files in the clear.
    for (const name of ['manifest.json', 'launch/ray_train.py', 'launch/fetch.py'])
      expect(ray.zip?.includes(name)).toBe(true);
    expect(ray.zip?.includes('results/')).toBe(false);
    expect(ray.asked.every(({ headers }) => headers['sec-fetch-mode'] === undefined)).toBe(true);
    expect((await client.runs.list()).map(({ elsewhere }) => elsewhere)).toContain(true);
  });

  it('is sent again if it died, and what is there is not fetched twice', { timeout: LONG_MS }, async () => {
    ray.statuses = ['FAILED'];
    expect((await submit()).at(-1)).toMatchObject({ type: 'done', status: 'failed' });
    ray.statuses = ['SUCCEEDED'];
    const events = await submit();
    expect(events[0]).toEqual({ type: 'submitted', submissionId: `${handoff.id}-again-1` });
    expect(events.some(({ type }) => type === 'returned')).toBe(false);
    expect(readFileSync(join(job, 'results', 'metrics.jsonl'))).toEqual(ray.stored.get('results/metrics.jsonl'));
  });
});

describe('is refused with the reason', () => {
  it.each<[string, () => void, RegExp]>([
    ['a wrong token', () => (ray.instead = () => ({ status: 403, text: 'no' })), /does not accept the token \(403\)/],
    ['another server', () => (ray.instead = () => ({ status: 200, text: '<html>' })), /is not a Ray dashboard/],
    [
      'a folder that is too large',
      () => (ray.instead = (method) => (method === 'PUT' ? { status: 413, text: '' } : undefined)),
      /refuses a job folder of this size/,
    ],
    [
      'a submission that Ray refuses',
      () =>
        (ray.instead = (method) =>
          method === 'POST' ? { status: 500, text: 'Traceback\nValueError: no' } : undefined),
      /answers with status 500: ValueError: no/,
    ],
    [
      'a result with a path that leads out',
      () => ray.stored.set('results/../../../evil', Buffer.from('x')),
      /something that is no result of this job/,
    ],
    [
      'an absolute path',
      () => ray.stored.set('/etc/passwd', Buffer.from('x')),
      /something that is no result of this job/,
    ],
    [
      'a pickle',
      () => ray.stored.set('results/optimizer.pt', Buffer.from('x')),
      /something that is no result of this job/,
    ],
  ])('%s', { timeout: LONG_MS }, async (_, prepare, reason) => {
    prepare();
    await expect(submit()).rejects.toMatchObject({ message: expect.stringMatching(reason) as string });
    expect((await client.runs.list()).some(({ elsewhere }) => elsewhere === true)).toBe(false);
  });

  it('a cluster that is not there', async () => {
    await expect(submit({ address: 'http://127.0.0.1:9' })).rejects.toMatchObject({
      message: expect.stringContaining('nothing answers there') as string,
    });
  });

  it('everything while it is switched off, as it is by default, before a connection is opened', async () => {
    await client.system.setPreferences({ clusterJobs: false });
    await expect(submit()).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(ray.asked).toEqual([]);
  });

  it.each([
    ['file:///etc/passwd', {}],
    ['http://me:secret@cluster:8265', {}],
    // A token never goes to another machine in the clear.
    ['http://cluster:8265', { RAY_AUTH_TOKEN: 'secret' }],
    ['http://127.0.0.1:8265', { RAY_JOB_HEADERS: 'no json' }],
  ])('the address %s with %j', async (typed, env) => {
    await expect(openRayDoor(home, typed, { env }, undefined)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('knows when what is sent could be read on the way', async () => {
    for (const [typed, isInClear] of [
      ['http://cluster:8265', true],
      ['https://cluster:8265', false],
      ['http://127.0.0.1:8265', false],
    ] as const)
      expect(await openRayDoor(home, typed, { env: {} }, undefined)).toMatchObject({ isInClear });
  });

  it('a storage that is not a whole path, before a connection is opened', async () => {
    await expect(submit({ storage: 'jobs' })).rejects.toMatchObject({
      message: expect.stringContaining('is not a whole path') as string,
    });
    expect(ray.asked).toEqual([]);
  });

  it('sends the token and headers that the environment names', async () => {
    const env = { RAY_AUTH_TOKEN: 'secret', RAY_JOB_HEADERS: '{"x-team":"red"}' };
    await (await openRayDoor(home, ray.address, { env }, undefined)).send('GET', '/api/version');
    expect(ray.asked[0]?.headers).toMatchObject({ authorization: 'Bearer secret', 'x-team': 'red' });
  });
});
