/** @file A backup restored into a data folder that also holds files of the desktop app: whole, or nothing has changed. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../store/connection/open.ts';
import { startChild } from '../../store/testing/processes.ts';
import { temporaryFolder } from '../fixtures/test-studio.ts';
import { RESOURCES, writeSmallStore } from '../fixtures/small-store.ts';
import { finishRestore, restoreWithin } from './restore-within.ts';
import { writeBackup } from './write-backup.ts';

const CHILD = join(import.meta.dirname, 'testing', 'child.ts');

let folder: string;
let home: string;
let file: string;

beforeEach(async () => {
  folder = temporaryFolder();
  home = join(folder, 'home');
  file = join(folder, 'backup.zip');
  const source = join(folder, 'source');
  await writeSmallStore(source);
  writeFileSync(join(source, 'preferences.json'), '{}');
  const store = await openStore(source);
  await writeBackup(
    { home: source, store, resourcesDir: RESOURCES, version: '0.1.0' },
    { path: file, signingKey: false },
  );
  await store.close();
  mkdirSync(join(home, 'desktop'), { recursive: true });
  mkdirSync(join(home, 'keys'));
  writeFileSync(join(home, 'keys', 'signing.pem'), 'mine');
  writeFileSync(join(home, 'desktop', 'Preferences'), 'the window’s');
  writeFileSync(join(home, 'window.json'), '{}');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function restore(more: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {}) {
  return restoreWithin(file, { home, resourcesDir: RESOURCES, ...more });
}

/** How many datasets and runs the store holds, and whether its images and checkpoints are there. */
async function contents(): Promise<unknown> {
  const store = await openStore(home);
  try {
    const runs = await store.runs.list();
    const checkpoints = await Promise.all(runs.map(({ id }) => store.runs.checkpoints(id)));
    const images = await store.blobs.list();
    for (const sha256 of images) await store.blobs.verify(sha256);
    return {
      datasets: (await store.datasets.list()).length,
      runs: runs.length,
      images: images.length,
      checkpoints: checkpoints.flat().every(({ path }) => path.startsWith(home) && existsSync(path)),
    };
  } finally {
    await store.close();
  }
}
const WHOLE = { datasets: 1, runs: 1, images: 6, checkpoints: true };
const left = (): string[] => readdirSync(home).filter((name) => /restor/.test(name));

describe('a restore beside the files of the desktop app', () => {
  it('replaces a damaged store, keeps it, and leaves everything else where it is', async () => {
    writeFileSync(join(home, 'atelier.sqlite'), 'not a store any more');
    mkdirSync(join(home, 'blobs'));
    writeFileSync(join(home, 'blobs', 'old'), '');
    const told: [number, number][] = [];
    const { previous, manifest } = await restore({ onProgress: (done, total) => told.push([done, total]) });
    expect(await contents()).toEqual(WHOLE);
    expect(readdirSync(previous).sort()).toEqual(['atelier.sqlite', 'blobs']);
    expect(readFileSync(join(previous, 'atelier.sqlite'), 'utf8')).toBe('not a store any more');
    expect(readFileSync(join(home, 'keys', 'signing.pem'), 'utf8')).toBe('mine');
    expect(readFileSync(join(home, 'desktop', 'Preferences'), 'utf8')).toBe('the window’s');
    expect(told).toEqual(manifest.files.map((_, index) => [index, manifest.files.length]));
    expect(left()).toEqual([previous.slice(home.length + 1)]);
  });

  it('changes nothing for a damaged backup, one that is cancelled, or a store that is open', async () => {
    await writeSmallStore(home);
    const before = readFileSync(join(home, 'atelier.sqlite'));
    const unchanged = (): void => {
      expect(readFileSync(join(home, 'atelier.sqlite')).equals(before)).toBe(true);
      expect(left()).toEqual([]);
    };
    const controller = new AbortController();
    await expect(
      restore({ signal: controller.signal, onProgress: (done) => done === 2 && controller.abort() }),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
    unchanged();
    const store = await openStore(home);
    await expect(restore()).rejects.toMatchObject({ code: 'CONFLICT' });
    await store.close();
    unchanged();
    const bytes = readFileSync(file);
    bytes.fill(0, 2000, 2100);
    writeFileSync(file, bytes);
    await expect(restore()).rejects.toMatchObject({ code: 'VERIFICATION_FAILED' });
    unchanged();
    writeFileSync(file, 'no backup');
    await expect(restore()).rejects.toMatchObject({ code: 'BAD_INPUT' });
    unchanged();
  });

  it('is completed at the next start, wherever it was killed among its renames', async () => {
    // Killed before each of its renames in turn, until it gets through.
    for (let renames = 0; ; renames += 1) {
      rmSync(home, { recursive: true });
      mkdirSync(home);
      // The old store has no runs and the backup has some, so what is old cannot be told by its name.
      writeFileSync(join(home, 'atelier.sqlite'), 'not a store any more');
      mkdirSync(join(home, 'blobs'));
      const child = startChild(CHILD, [file, home, RESOURCES, String(renames)]);
      const status = await child.ended;
      const isNoted = existsSync(join(home, 'restoring.json'));
      await finishRestore(home);
      if (isNoted || status === 0) {
        expect(await contents(), `killed after ${renames} renames`).toEqual(WHOLE);
        const [previous] = left();
        expect(readFileSync(join(home, previous ?? '', 'atelier.sqlite'), 'utf8')).toBe('not a store any more');
        expect(left()).toHaveLength(1);
      } else {
        expect(readFileSync(join(home, 'atelier.sqlite'), 'utf8')).toBe('not a store any more');
        expect(left()).toEqual([]);
      }
      if (status === 0) break;
      expect(status).toBe('SIGKILL');
      expect(renames).toBeLessThan(20);
    }
  });

  it('leaves a note that it cannot read where it is, and names it', async () => {
    writeFileSync(join(home, 'restoring.json'), '{}');
    await expect(finishRestore(home)).rejects.toMatchObject({ place: { file: join(home, 'restoring.json') } });
    expect(existsSync(join(home, 'restoring.json'))).toBe(true);
  });
});
