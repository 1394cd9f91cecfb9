/** @file Creates folders. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Creates a folder and those above it, readable by their owner only unless `mode` says otherwise. Node's recursive
 * `mkdir` never returns where no folder can be created, such as in /proc.
 * @returns the topmost folder that was created, or undefined if all existed
 * @throws the file system's error; `folderError` puts it into words
 */
export async function makeFolder(path: string, mode = 0o700): Promise<string | undefined> {
  try {
    await mkdir(path, { mode });
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return undefined;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    const above = await makeFolder(dirname(path), mode);
    await mkdir(path, { mode }).catch(async (again: unknown) => {
      const taken = (again as NodeJS.ErrnoException).code === 'EEXIST';
      if (!taken || !(await stat(path)).isDirectory()) throw again;
    });
    return above ?? path;
  }
}
