/** @file Pictures that were brought to the playground, kept by their hash until their questions are forgotten. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '../../contract/errors/errors.ts';
import { existsFile, writeAside, writeError } from '../../formats/files.ts';

/** Stands in the address of such a picture where a dataset's id would. */
export const KEPT_PICTURES = 'playground';

const HASH = /^[0-9a-f]{64}$/;

/** The playground's folder in the data folder: questions as `<id>.json`, pictures by hash. */
export function playgroundFolder(home: string): string {
  return join(home, 'playground');
}

function pathOf(home: string, sha256: string): string {
  return join(playgroundFolder(home), 'pictures', sha256);
}

/** Keeps the bytes, once. @returns their hash */
export async function keepBytes(home: string, bytes: Uint8Array): Promise<string> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const path = pathOf(home, sha256);
  if (await existsFile(path)) return sha256;
  try {
    await mkdir(join(playgroundFolder(home), 'pictures'), { recursive: true });
  } catch (cause) {
    throw writeError(path, cause);
  }
  await writeAside(path, (write) => write(bytes));
  return sha256;
}

/** @throws AtelierError NOT_FOUND */
export async function keptPicture(home: string, sha256: string): Promise<string> {
  if (HASH.test(sha256) && (await existsFile(pathOf(home, sha256)))) return pathOf(home, sha256);
  throw new AtelierError('NOT_FOUND', 'The picture is no longer kept.', {
    place: { field: 'images' },
    remedy: 'Choose it again.',
  });
}

/** Deletes the pictures that none of `used` names. */
export async function dropPictures(home: string, used: ReadonlySet<string>): Promise<void> {
  const names = await readdir(join(playgroundFolder(home), 'pictures')).catch(() => []);
  for (const name of names) if (HASH.test(name) && !used.has(name)) await rm(pathOf(home, name), { force: true });
}
