/** @file What a killed export or hand-off leaves behind is removed at the next start, and nothing else is. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../../store/connection/open.ts';
import { startChild } from '../../../store/testing/processes.ts';
import { verifyBundle } from '../verify/verify.ts';
import { clearUnfinishedExports, noteUnfinished, partialFolder, recordPlaced } from './unfinished.ts';

let home: string;
let partial: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'atelier-unfinished-'));
  partial = partialFolder(join(home, 'out', 'mein Modell'));
  await mkdir(partial, { recursive: true });
  await writeFile(join(partial, 'model.safetensors'), 'half');
});

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** A note as another process would have left it. */
async function note(change: Record<string, unknown>): Promise<void> {
  await mkdir(join(home, 'unfinished-exports'), { recursive: true });
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const text = JSON.stringify({ path: partial, pid, host: hostname(), ...change });
  await writeFile(join(home, 'unfinished-exports', 'other.json'), text);
}

it('removes what a dead process left, with its note', async () => {
  await note({});
  expect(await clearUnfinishedExports(home)).toEqual([partial]);
  expect(await exists(partial)).toBe(false);
  expect(await readdir(join(home, 'unfinished-exports'))).toEqual([]);
});

it("removes an earlier process's with our number, and never our own", async () => {
  const { forget } = await noteUnfinished(home, partial);
  expect(await clearUnfinishedExports(home)).toEqual([]);
  const [own] = await readdir(join(home, 'unfinished-exports'));
  expect(JSON.parse(await readFile(join(home, 'unfinished-exports', own!), 'utf8'))).toMatchObject({ path: partial });
  await forget();
  expect(await readdir(join(home, 'unfinished-exports'))).toEqual([]);
  await note({ pid: process.pid });
  expect(await clearUnfinishedExports(home)).toEqual([partial]);
});

it.each<[string, () => Record<string, unknown>]>([
  ['a live process', () => ({ pid: process.ppid })],
  ['a process of another machine', () => ({ host: 'elsewhere' })],
])('leaves what belongs to %s', async (_, change) => {
  await note(change());
  expect(await clearUnfinishedExports(home)).toEqual([]);
  expect(await exists(partial)).toBe(true);
});

it('removes nothing under another name, whatever a note says', async () => {
  const kept = join(home, 'out', 'photos');
  await mkdir(kept);
  await note({ path: kept });
  expect(await clearUnfinishedExports(home)).toEqual([]);
  expect(await exists(kept)).toBe(true);
});

describe('a bundle in its place, whose process was killed', () => {
  it.each(['before', 'after'])('%s it was recorded, is recorded once, and said', { timeout: 60_000 }, async (when) => {
    const folder = join(home, 'work');
    await mkdir(folder);
    const child = startChild(join(import.meta.dirname, '..', 'fixtures', 'killed-export.ts'), [
      home,
      folder,
      when,
      'export',
    ]);
    expect(await child.ended).toBe('SIGKILL');
    expect(await readdir(folder)).toContain('bundle');

    const store = await openStore(home);
    try {
      const sentences = await recordPlaced(store);
      expect(sentences).toEqual(when === 'before' ? [expect.stringContaining(join(folder, 'bundle'))] : []);
      const [recorded, ...more] = await store.exports.list();
      expect(recorded).toMatchObject({ path: join(folder, 'bundle'), step: 2 });
      expect(more).toEqual([]);
      expect((await store.audit.all()).filter(({ action }) => action === 'export.recorded')).toHaveLength(1);
      expect(await recordPlaced(store)).toEqual([]);
      expect(await clearUnfinishedExports(home)).toEqual([]);
      expect(await readdir(join(home, 'unfinished-exports'))).toEqual([]);
      expect((await verifyBundle(join(folder, 'bundle'))).checks.filter(({ outcome }) => outcome === 'fail')).toEqual(
        [],
      );
    } finally {
      await store.close();
    }
  });
});

describe('a job folder in its place, whose process was killed', () => {
  it.each(['before', 'after'])('%s it was recorded, is recorded once, and said', { timeout: 60_000 }, async (when) => {
    const folder = join(home, 'work');
    await mkdir(folder);
    const args = [home, folder, when, 'handoff'];
    const child = startChild(join(import.meta.dirname, '..', 'fixtures', 'killed-export.ts'), args);
    expect(await child.ended).toBe('SIGKILL');
    const store = await openStore(home);
    try {
      const sentences = await recordPlaced(store);
      expect(sentences).toEqual(when === 'before' ? [expect.stringContaining(join(folder, 'bundle'))] : []);
      const [recorded, ...more] = await store.handoffs.list();
      expect(recorded).toMatchObject({ path: join(folder, 'bundle') });
      expect(more).toEqual([]);
      const manifest = await readFile(join(folder, 'bundle', 'manifest.json'));
      const sha256 = createHash('sha256').update(manifest).digest('hex');
      expect((await store.handoffs.byManifest(sha256))?.handoff.id).toBe(recorded?.id);
      expect((await store.audit.all()).filter(({ action }) => action === 'handoff.created')).toHaveLength(1);
      expect(await recordPlaced(store)).toEqual([]);
      expect(await clearUnfinishedExports(home)).toEqual([]);
    } finally {
      await store.close();
    }
  });
});
