/** @file A folder that a command writes its results into: outside the data folder, for the user and whoever they share with. */
import { lstat } from 'node:fs/promises';
import { AtelierError } from '../contract/errors/errors.ts';
import { writeError } from '../formats/files.ts';
import { makeFolder } from '../store/connection/make-folder.ts';
import { folderError } from '../store/connection/store-errors.ts';

/** Creates the folder unless it exists. @throws AtelierError saying why no folder can be there */
export async function makeOutputFolder(path: string): Promise<void> {
  try {
    await makeFolder(path, 0o777);
  } catch (error) {
    throw folderError(error, path);
  }
}

/**
 * Refuses a destination that exists.
 * @param what what is written there, as the start of a sentence
 * @throws AtelierError CONFLICT
 */
export async function mustNotExist(destination: string, what: string): Promise<void> {
  try {
    await lstat(destination);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw writeError(destination, cause);
  }
  throw new AtelierError('CONFLICT', `${destination} already exists. ${what} never overwrites anything.`, {
    place: { file: destination },
    remedy: 'Choose a folder that does not exist yet.',
  });
}
