/** @file What a killed export leaves behind is removed at the next start, and nothing else is. */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { clearUnfinishedExports, noteUnfinished, partialFolder } from './unfinished.ts';

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
  const forget = await noteUnfinished(home, partial);
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
