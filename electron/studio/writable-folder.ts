/** @file Whether a program that must write can use a folder. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { AtelierError } from '../contract/errors/errors.ts';
import { folderError } from '../store/connection/store-errors.ts';

/** Why nothing can be written in a folder; null if something can. Creates the folder if it does not exist. */
export function cannotWrite(path: string): unknown {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    return folderError(error, path);
  }
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return null;
  } catch (cause) {
    return new AtelierError('BAD_INPUT', `The data folder ${path} cannot be written, so its window cannot open.`, {
      place: { file: path },
      remedy: 'Make it writable, or choose another one with --home=FOLDER. The command line can read it as it is.',
      cause,
    });
  }
}
