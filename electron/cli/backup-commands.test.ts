/** @file `atelier backup` and `atelier restore` in a terminal: what they print, and their exit statuses. */
import { appendFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fakeEngine, temporaryFolder } from '../studio/fixtures/test-studio.ts';
import { writeSmallStore } from '../studio/fixtures/small-store.ts';
import { commandRunner, type CommandRunner } from './testing/run-command.ts';

let folder: string;
let home: string;
let cli: CommandRunner;

beforeEach(async () => {
  folder = temporaryFolder();
  home = join(folder, 'home');
  cli = commandRunner({ home, cwd: folder, spawnEngine: fakeEngine });
  await writeSmallStore(home);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('backs up, checks and restores, and says what is not in the file', async () => {
  const made = await cli.run('backup', 'backup.zip');
  expect(made).toMatchObject({ status: 0 });
  expect(made.out).toContain('The signing key is not in it (--with-key).');
  expect(made.out).toContain(`outside the data folder: ${join(home, 'small-run', 'base')}`);
  expect(await cli.run('backup', 'backup.zip')).toMatchObject({ status: 4 });
  const nowhere = await cli.run('backup', join('nowhere', 'backup.zip'));
  expect(nowhere).toMatchObject({ status: 2 });
  expect(nowhere.err).toContain('cannot be written: its folder does not exist.');
  expect((await cli.run('restore', 'backup.zip', '--check')).out).toMatch(/^✓ \d+ files/);

  const refused = await cli.run('restore', 'backup.zip');
  expect(refused).toMatchObject({ status: 4 });
  expect(refused.err).toContain('--replace');
  const restored = await cli.run('restore', 'backup.zip', '--home', 'other', '--json');
  expect(restored.json()).toMatchObject({ home: join(folder, 'other'), previous: null, problems: [] });
  expect((await cli.run('runs', '--home', 'other')).out).toContain('A small run');
});

it('ends with status 8 and the names of damaged files, and the file holds the rest', async () => {
  const [first = ''] = readdirSync(join(home, 'blobs')).filter((name) => name !== 'incoming');
  const [image = ''] = readdirSync(join(home, 'blobs', first));
  appendFileSync(join(home, 'blobs', first, image), '!');
  const made = await cli.run('backup', 'backup.zip');
  expect(made).toMatchObject({ status: 8 });
  expect(made.out).toContain(`✗ ${join(home, 'blobs', first, image)}: The image is damaged`);
  expect(await cli.run('restore', 'backup.zip', '--home', 'other')).toMatchObject({ status: 0 });
});
