/** @file How much a folder of a run takes on the disk. */
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of the files in a folder and everything below it; 0 if it does not exist. Links are not followed. */
export async function sizeOf(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) sum += await sizeOf(path);
    else if (entry.isFile()) sum += (await stat(path).catch(() => null))?.size ?? 0;
  }
  return sum;
}

/** What a folder holds; nothing if it does not exist. */
export async function entriesOf(folder: string): Promise<Dirent[]> {
  return await readdir(folder, { withFileTypes: true }).catch(() => []);
}
