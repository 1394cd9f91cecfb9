/**
 * @file Opens files in an untrusted folder. Only regular files inside the folder are opened, never a link, pipe or
 * device, which could lead elsewhere, never end, or block for ever.
 */
import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

// Windows has neither flag: it has no such pipes, and creating links there requires a privilege.
const FLAGS =
  constants.O_RDONLY |
  ((constants.O_NOFOLLOW as number | undefined) ?? 0) |
  ((constants.O_NONBLOCK as number | undefined) ?? 0);

/** Why a file in a folder was not read. */
export type Refusal = 'missing' | 'not an ordinary file' | 'too large';

export class RefusedFile extends Error {
  override readonly name = 'RefusedFile';
  readonly refusal: Refusal;

  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(`The file is refused: ${refusal}.`, options);
    this.refusal = refusal;
  }
}

/**
 * Opens `name` inside `folder`; the caller closes it.
 * @param name relative, with "/" between its parts
 * @throws RefusedFile if there is no such regular file
 */
export async function openRegular(folder: string, name: string): Promise<{ handle: FileHandle; sizeBytes: number }> {
  const path = join(folder, ...name.split('/'));
  let handle: FileHandle;
  try {
    const [root, parent] = await Promise.all([realpath(folder), realpath(dirname(path))]);
    if (parent !== dirname(join(root, ...name.split('/')))) throw new RefusedFile('not an ordinary file');
    handle = await open(path, FLAGS);
  } catch (cause) {
    if (cause instanceof RefusedFile) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    throw new RefusedFile(missing ? 'missing' : 'not an ordinary file', { cause });
  }
  try {
    // Query the open file, so that nothing can be swapped in between.
    const found = await handle.stat();
    if (!found.isFile()) throw new RefusedFile('not an ordinary file');
    return { handle, sizeBytes: found.size };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * The bytes of a regular file of at most `mostBytes`.
 * @throws RefusedFile
 */
export async function readRegular(folder: string, name: string, mostBytes: number): Promise<Uint8Array> {
  const { handle, sizeBytes } = await openRegular(folder, name);
  try {
    if (sizeBytes > mostBytes) throw new RefusedFile('too large');
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
