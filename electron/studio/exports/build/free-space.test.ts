/** @file An export that the disk has no room for is refused before anything is written. */
import type * as FileSystem from 'node:fs/promises';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { RunId } from '../../../contract/api/index.ts';
import { openStore, type Store } from '../../../store/connection/open.ts';
import { makeSmallRun } from '../fixtures/small-run.ts';
import { createExport } from './create-export.ts';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof FileSystem>();
  return { ...real, statfs: () => Promise.resolve({ bavail: 10, bsize: 4096 }) };
});

let home: string;
let store: Store;
let runId: RunId;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'atelier-space-'));
  store = await openStore(home);
  runId = await makeSmallRun(store, home);
});
afterAll(async () => {
  await store.close();
  await rm(home, { recursive: true, force: true });
});

it.each(['bundle', 'adapter', 'merged'] as const)('as %s says what it needs and what is left', async (form) => {
  // None of its parents need exist: the disk is that of the nearest folder that does.
  const folder = join(home, form);
  await mkdir(folder);
  const destination = join(folder, 'new', 'place');
  const open = vi.fn(() => {
    throw new Error('The engine is not needed to refuse.');
  });
  await expect(
    createExport(store, { runId, destination, form }, { version: '0.0.0-test', openEngine: open }),
  ).rejects.toMatchObject({
    code: 'DISK_FULL',
    message: expect.stringMatching(
      /^The export needs [\d.]+ .iB, and the disk with \S+ has 40(\.0)? KiB left\.$/,
    ) as string,
    remedy: expect.stringContaining('another disk') as string,
    place: { file: destination },
  });
  expect(open).not.toHaveBeenCalled();
  expect(await readdir(folder)).toEqual([]);
});
