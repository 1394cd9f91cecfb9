/** @file Commands on a disk that is full or can only be read: those that read work, the others say why not. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXIT_STATUS } from '../contract/errors/errors.ts';
import { addSmallRun } from '../studio/exports/fixtures/small-home.ts';
import { canMountDisks, mountSmallDisk, type SmallDisk } from '../studio/fixtures/small-disk.ts';
import { fakeEngine } from '../studio/fixtures/test-studio.ts';
import { commandRunner, type CommandRunner } from './testing/run-command.ts';

// Only root may mount a disk.
describe.skipIf(!canMountDisks())('a data folder', { timeout: 240_000 }, () => {
  let disk: SmallDisk;
  let run: CommandRunner['run'];
  let runId: string;

  beforeEach(async () => {
    disk = mountSmallDisk(160)!;
    const home = join(disk.path, 'home');
    const made = await addSmallRun(home, disk.path);
    runId = made.runId;
    ({ run } = commandRunner({ home, cwd: disk.path, spawnEngine: fakeEngine }));
    expect((await run('export', runId, '--out', 'bundle')).status).toBe(0);
  });
  afterEach(() => {
    disk.setReadOnly(false);
    disk.remove();
  });

  /** What only reads, with the status it has on any disk. */
  const reading = (): [status: number, argv: string[]][] => [
    [0, ['runs']],
    [0, ['runs', runId]],
    [0, ['datasets']],
    [0, ['models']],
    [0, ['audit']],
    [0, ['ledger', runId]],
    [0, ['queue']],
    [0, ['receipt', 'bundle']],
    [0, ['verify', 'bundle']],
  ];
  const statuses = async (commands: string[][]): Promise<(readonly [string, number])[]> => {
    const found: (readonly [string, number])[] = [];
    for (const argv of commands) found.push([argv.join(' '), (await run(...argv)).status]);
    return found;
  };
  const expected = (): (readonly [string, number])[] => reading().map(([status, argv]) => [argv.join(' '), status]);

  it('on a disk that can only be read is read, and refuses what would change it', async () => {
    disk.setReadOnly(true);
    expect(await statuses(reading().map(([, argv]) => argv))).toEqual(expected());
    const runs = await run('runs');
    expect(runs.err).toContain('can only be read');
    expect(runs.out).toContain(runId);
    for (const argv of [
      ['models', 'add', join(disk.path, 'base')],
      ['export', runId, '--out', 'other'],
    ]) {
      const { status, err } = await run(...argv);
      expect([argv[0], status], err).toEqual([argv[0], 2]);
      expect(err).toMatch(/can only be read|is not allowed to use/);
    }
  });

  it('that cannot be made does not keep a bundle from being checked', async () => {
    disk.setReadOnly(true);
    const { status, err, out } = await run('verify', 'bundle', '--home', join(disk.path, 'elsewhere'));
    expect([status, err, out]).toEqual([
      9,
      expect.stringContaining('checked without your data folder'),
      expect.stringContaining('signature'),
    ]);
  });

  it('on a full disk is read, and whatever needs room ends with status 7', async () => {
    disk.fill();
    expect(await statuses(reading().map(([, argv]) => argv))).toEqual(expected());
    const writing = [
      ['models', 'add', join(disk.path, 'base'), '--name', 'again'],
      ['export', runId, '--out', 'other'],
      ['runs', '--home', join(disk.path, 'another')],
      ['demo', '--out', 'demo', '--quick'],
      ['study', 'paper', '--quick', '--out', 'study'],
    ];
    expect(await statuses(writing)).toEqual(writing.map((argv) => [argv.join(' '), EXIT_STATUS.DISK_FULL]));
  });
});
