/** @file One hash over a folder's files: the store records it for each checkpoint and checks it before use. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * SHA-256 (hex) over the lines `name sha256`, sorted by name, of the files directly in `folder`. Hidden files are left
 * out because file managers create them in any folder you open.
 */
export async function folderSha256(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).filter((entry) => !entry.startsWith('.')).sort()) {
    const file = createHash('sha256');
    for await (const piece of createReadStream(join(folder, name), { highWaterMark: 1024 * 1024 })) {
      file.update(piece as Uint8Array);
    }
    hash.update(`${name} ${file.digest('hex')}\n`);
  }
  return hash.digest('hex');
}
