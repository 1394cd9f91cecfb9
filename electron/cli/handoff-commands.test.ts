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

it('says what a folder lacks that is taken back, and that there is none', async () => {
  expect((await run('handback', 'none')).status).toBe(3);
  const { status, err } = await run('handback', folder);
  expect([status, err]).toEqual([8, expect.stringContaining('manifest.json is missing. Nothing was taken back.')]);
});
