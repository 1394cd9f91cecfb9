/** @file A folder that a command writes its results into: outside the data folder, for the user and whoever they share with. */
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
