/** @file One hash over the files of a folder: what the store keeps of a checkpoint, and checks before it is used. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpointHashOf, hashFile } from './checkpoint.ts';

/**
 * SHA-256 (hex) over the lines `name sha256`, sorted by name, of the files directly in `folder`. Hidden files are left
 * out: file managers write theirs wherever somebody looks.
 * @throws AtelierError if a file cannot be read
 */
export async function folderSha256(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
  const digests: { name: string; sha256: string }[] = [];
  for (const name of names) digests.push({ name, sha256: await hashFile(join(folder, name)) });
  return checkpointHashOf(digests);
}
