/** @file `--enqueue` in a terminal: what a command leaves in the queue when it ends. */
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { copyTinyModel, fakeEngine, temporaryFolder, writeDataset } from '../studio/fixtures/test-studio.ts';
import { commandRunner, type CommandRunner } from './testing/run-command.ts';

let run: CommandRunner['run'];
let subject: string[];

beforeAll(async () => {
  const folder = temporaryFolder();
  ({ run } = commandRunner({ home: join(folder, 'home'), cwd: folder, spawnEngine: fakeEngine }));
  await writeDataset(folder);
  subject = ['--dataset', 'images', '--model', copyTinyModel(folder)];
  await run('import', 'images');
});

async function waiting(): Promise<string[]> {
  const entries = (await run('queue', '--json')).json() as unknown as { kind: string; evaluation: { limit: number } }[];
  return entries.map(({ kind, evaluation }) => (kind === 'evaluation' ? `evaluation of ${evaluation.limit}` : kind));
}

it('leaves evaluations and experiments in the order of asking, not begun, for whoever works on the queue', async () => {
  for (const limit of ['1', '2']) {
    const { status, err } = await run('eval', ...subject, '--limit', limit, '--enqueue');
    expect([status, err]).toEqual([0, '']);
  }
  const sweep = ['sweep', ...subject, '--kl', '0,0.1', '--steps', '1'];
  const { id } = (await run(...sweep, '--enqueue', '--json')).json();
  expect(await waiting()).toEqual(['evaluation of 1', 'evaluation of 2', 'experiment']);
  const experiments = (await run('experiments', '--json')).json() as unknown as { id: string; status: string }[];
  expect(experiments).toMatchObject([{ id, status: 'queued' }]);

  expect((await run('queue', 'work')).status).toBe(0);
  expect(await waiting()).toEqual([]);
  const after = (await run('experiments', '--json')).json() as unknown as { status: string }[];
  expect(after).toMatchObject([{ status: 'completed' }]);
});
