/** @file A folder's files as a bundle sees them: relative POSIX names, hashes, and entries a bundle must not have. */
import { createHash } from 'node:crypto';
import { lstat, opendir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { openRegular } from '../../../formats/regular-file.ts';
import { GIT_PATHS, compareModelPaths } from '../../../provenance/signing/model-signing.ts';

export interface FolderContent {
  /** Regular files, in Model Signing order. */
  files: { name: string; sizeBytes: number }[];
  symlinks: string[];
  /** Devices, sockets, pipes. */
  special: string[];
  /** Root-level git paths, which the format excludes from signatures. */
  unsigned: string[];
  /** True if the folder holds more than `MOST_ENTRIES` entries; the rest are not listed. */
  tooMany: boolean;
}

/** No genuine bundle has more entries: even a large sharded model has only about a hundred files. */
export const MOST_ENTRIES = 10_000;

/** Lists a folder without following links. Names are relative, with `/` between parts. */
export async function listFolder(root: string): Promise<FolderContent> {
  const content: FolderContent = { files: [], symlinks: [], special: [], unsigned: [], tooMany: false };
  await walk(root, '', content, { left: MOST_ENTRIES });
  content.files.sort((a, b) => compareModelPaths(a.name, b.name));
  return content;
}

async function walk(root: string, folder: string, content: FolderContent, budget: { left: number }): Promise<void> {
  // Read incrementally, so a folder of a million files is abandoned after the first ten thousand.
  for await (const entry of await opendir(join(root, folder))) {
    budget.left -= 1;
    if (budget.left < 0) {
      content.tooMany = true;
      return;
    }
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (GIT_PATHS.includes(name)) content.unsigned.push(name);
    else if (entry.isSymbolicLink()) content.symlinks.push(name);
    else if (entry.isDirectory()) await walk(root, name, content, budget);
    else if (entry.isFile()) content.files.push({ name, sizeBytes: (await lstat(join(root, name))).size });
    else content.special.push(name);
  }
}

/**
 * SHA-256 (hex) of a regular file's bytes from `start` onwards, read as a stream.
 * @throws RefusedFile for a link, a pipe or a device
 */
export async function hashFileFrom(path: string, start: number, signal?: AbortSignal): Promise<string> {
  const { handle } = await openRegular(dirname(path), basename(path));
  const hash = createHash('sha256');
  const options = { start, highWaterMark: 1024 * 1024, ...(signal === undefined ? {} : { signal }) };
  for await (const piece of handle.createReadStream(options)) hash.update(piece as Uint8Array);
  return hash.digest('hex');
}

/** Hashes of files by name that need not be read again. A file whose size has changed is. */
export type Digests = Map<string, { sha256: string; sizeBytes: number }>;

/**
 * Name, hash and size of every regular file except `leaveOut`, in Model Signing order.
 * @param known hashes of finished files; new ones are added
 */
export async function digestFolder(
  root: string,
  leaveOut: readonly string[] = [],
  signal?: AbortSignal,
  known: Digests = new Map(),
): Promise<{ name: string; sha256: string; sizeBytes: number }[]> {
  const { files } = await listFolder(root);
  const digests: { name: string; sha256: string; sizeBytes: number }[] = [];
  for (const { name, sizeBytes } of files) {
    if (leaveOut.includes(name)) continue;
    const before = known.get(name);
    const sha256 = before?.sizeBytes === sizeBytes ? before.sha256 : await hashFileFrom(join(root, name), 0, signal);
    known.set(name, { sha256, sizeBytes });
    digests.push({ name, sha256, sizeBytes });
  }
  return digests;
}
