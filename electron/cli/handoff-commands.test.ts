/** @file `handoff` and `handback` in a terminal; what they write is tested beside the studio's own code. */
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { addSmallRun } from '../studio/exports/fixtures/small-home.ts';
import { fakeEngine, temporaryFolder } from '../studio/fixtures/test-studio.ts';
import { commandRunner, type CommandRunner } from './testing/run-command.ts';

let run: CommandRunner['run'];
let runId: string;
let folder: string;

beforeAll(async () => {
  folder = temporaryFolder();
  const home = join(folder, 'home');
  ({ run } = commandRunner({ home, cwd: folder, spawnEngine: fakeEngine }));
  ({ runId } = await addSmallRun(home, folder));
});

it('asks for a folder to write to, before anything is read', async () => {
  const { status, err } = await run('handoff', runId);
  expect([status, err]).toEqual([2, expect.stringContaining('--out')]);
});

it('takes a run or a dataset, not both, and only known launchers', async () => {
  expect((await run('handoff', runId, '--dataset', 'counting', '--out', 'job')).err).toContain('not both');
  const { status, err } = await run('handoff', runId, '--out', 'job', '--launcher', 'pbs');
  expect([status, err]).toEqual([2, expect.stringContaining('shell, ray, slurm, skypilot')]);
});

it.each([
  ['--steps', ['handoff', 'RUN', '--out', 'job', '--steps', '5'], 'the recipe of'],
  ['--set', ['handoff', 'RUN', '--out', 'job', '--set', 'seed=5'], 'the recipe of'],
  ['--workers', ['handoff', 'RUN', '--out', 'job', '--workers', '2'], 'Add --submit ADDRESS'],
  ['--launcher', ['sweep', '--dataset', 'DATASET', '--kl', '0,1', '--launcher', 'slurm'], 'Add --handoff DIR'],
  ['--submit', ['exam', 'DATASET', 'DATASET', '--submit', 'http://127.0.0.1:1'], 'Add --handoff DIR'],
  [
    '--enqueue',
    ['sweep', '--dataset', 'DATASET', '--kl', '0,1', '--handoff', 'job', '--enqueue'],
    'Leave --handoff out',
  ],
])('refuses %s where it would have no effect', async (option, argv, words) => {
  const { datasetId } = (await run('runs', runId, '--json')).json()['summary'] as { datasetId: string };
  const { status, err } = await run(...argv.map((word) => word.replace('RUN', runId).replace('DATASET', datasetId)));
  expect([status, err]).toEqual([2, expect.stringContaining(`where: "${option}"`)]);
  expect(err).toContain(words);
});

it('refuses a job without workers before anything is sent', async () => {
  const { status, err } = await run('submit', folder, 'http://127.0.0.1:1', '--storage', '/s', '--workers', '0');
  expect([status, err]).toEqual([2, expect.stringContaining('--workers must be at least 1')]);
});

it('sends nothing to a cluster until the setting allows it', async () => {
  const home = join(folder, 'fresh');
  const settings = async (...argv: string[]) => (await run('settings', ...argv, '--home', home, '--json')).json();
  expect(await settings()).toMatchObject({ clusterJobs: false, modelDownloads: true });
  expect(await settings('--cluster-jobs', 'on')).toMatchObject({ clusterJobs: true, modelDownloads: true });
  expect(await settings('--gpu', 'never')).toMatchObject({ gpu: 'never', clusterJobs: true });
  expect(await settings('--model-downloads', 'off')).toMatchObject({ clusterJobs: true, modelDownloads: false });
  expect((await run('settings', '--home', home)).out).toMatch(/Ray cluster +on\n.*hub +off/);
  expect((await run('settings', '--cluster-jobs', 'maybe')).err).toContain('must be one of on, off');
});

it('says what a folder lacks that is taken back, and that there is none', async () => {
  expect((await run('handback', 'none')).status).toBe(3);
  const { status, err } = await run('handback', folder);
  expect([status, err]).toEqual([8, expect.stringContaining('manifest.json is missing. Nothing was taken back.')]);
});
