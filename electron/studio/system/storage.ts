/** @file Reports what the data folder holds, and deletes files that can be recreated. */
import type { Dirent } from 'node:fs';
import { readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { StorageComponent, StorageReport } from '../../contract/model/system.ts';

type Kind = StorageComponent['kind'];

/** The data folder's subfolders and their kinds; SQLite files are `database`, everything else is `other`. */
const FOLDERS: Readonly<Record<string, Kind>> = {
  blobs: 'images',
  cache: 'thumbnails',
  runs: 'runs',
  models: 'models',
  logs: 'logs',
};
const PLACES: readonly { kind: Kind; path: string }[] = [
  { kind: 'images', path: 'blobs' },
  { kind: 'thumbnails', path: 'cache' },
  { kind: 'runs', path: 'runs' },
  { kind: 'models', path: 'models' },
  { kind: 'database', path: 'atelier.sqlite' },
  { kind: 'logs', path: 'logs' },
  { kind: 'other', path: '' },
];
const CLEANABLE: ReadonlySet<Kind> = new Set(['thumbnails', 'logs']);

/** Adds up every file in the data folder; files that vanish in the meantime do not count. */
export async function storageReport(home: string): Promise<StorageReport> {
  const sums = new Map<Kind, { files: number; sizeBytes: number }>();
  for (const entry of await entriesOf(home)) {
    const kind = kindOf(entry);
    const sum = sums.get(kind) ?? { files: 0, sizeBytes: 0 };
    await addUp(join(home, entry.name), entry, sum);
    sums.set(kind, sum);
  }
  const parts = PLACES.map(({ kind, path }) => ({
    kind,
    path: join(home, path),
    ...(sums.get(kind) ?? { files: 0, sizeBytes: 0 }),
    cleanable: CLEANABLE.has(kind),
  }));
  const { bavail, bsize } = await statfs(home);
  return {
    home,
    totalBytes: parts.reduce((sum, part) => sum + part.sizeBytes, 0),
    freeBytes: bavail * bsize,
    parts,
  };
}

/**
 * Deletes files that can be recreated. A log still in use is not disrupted: a process that has its file open
 * continues writing to it.
 */
export async function cleanStorage(
  home: string,
  kind: 'thumbnails' | 'logs',
): Promise<{ freedBytes: number; storage: StorageReport }> {
  const before = await storageReport(home);
  const folder = join(home, kind === 'thumbnails' ? 'cache' : 'logs');
  // A linked folder leads out of the data folder.
  const own = (await entriesOf(home)).some((entry) => entry.isDirectory() && join(home, entry.name) === folder);
  for (const entry of own ? await entriesOf(folder) : []) {
    await rm(join(folder, entry.name), { recursive: true, force: true });
  }
  const storage = await storageReport(home);
  return { freedBytes: Math.max(0, before.totalBytes - storage.totalBytes), storage };
}

function kindOf(entry: Dirent): Kind {
  if (entry.isFile()) return entry.name.startsWith('atelier.sqlite') ? 'database' : 'other';
  return FOLDERS[entry.name] ?? 'other';
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch(() => []);
}

/** Links are not followed, because their targets are outside the data folder. */
async function addUp(path: string, entry: Dirent, sum: { files: number; sizeBytes: number }): Promise<void> {
  if (entry.isDirectory()) {
    for (const child of await entriesOf(path)) await addUp(join(path, child.name), child, sum);
  } else if (entry.isFile()) {
    const found = await stat(path).catch(() => null);
    if (found === null) return;
    sum.files += 1;
    sum.sizeBytes += found.size;
  }
}
