/** @file Checks a checkpoint's files against the hash that the store recorded, before anything uses or signs them. */
import { stat } from 'node:fs/promises';
import { AtelierError } from '../../contract/errors/errors.ts';
import { folderSha256 } from '../../formats/folder-digest.ts';

/** A checkpoint as the store recorded it. */
export interface RecordedCheckpoint {
  step: number;
  path: string;
  sha256: string;
}

/**
 * @throws AtelierError NOT_FOUND if the folder is gone, VERIFICATION_FAILED if files were changed, removed or added
 *   since the run wrote them
 */
export async function mustBeWhole({ step, path, sha256 }: RecordedCheckpoint): Promise<void> {
  if ((await stat(path).catch(() => null))?.isDirectory() !== true) {
    throw new AtelierError('NOT_FOUND', `The checkpoint of step ${step} is missing: ${path}.`, {
      place: { file: path },
      remedy: 'Put the folder back from a copy, or start a new run.',
    });
  }
  if ((await folderSha256(path)) === sha256) return;
  throw new AtelierError(
    'VERIFICATION_FAILED',
    `The checkpoint of step ${step} is not the one that the run wrote: its files have changed since.`,
    {
      place: { file: path },
      remedy: 'Put the original files back from a copy. Atelier does not use, resume from or sign changed weights.',
    },
  );
}
