/** @file Checks a checkpoint's files against the hash that the store recorded, before anything uses or signs them. */
import { stat } from 'node:fs/promises';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { RunId } from '../../contract/model/primitives.ts';
import { folderSha256 } from '../../formats/folder-digest.ts';
import type { Fallback } from '../../store/runs/runs.ts';
import type { StudioContext } from '../context.ts';

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

/**
 * What a run continues from: undefined = its last checkpoint, which is whole (or it has none). If that one is missing or
 * damaged, the newest whole one before it, with the warning that says so. The steps after it are taken again.
 * @throws AtelierError as `mustBeWhole` if there are checkpoints and none is whole
 */
export async function wholeCheckpoint(
  { store }: Pick<StudioContext, 'store'>,
  runId: RunId,
): Promise<Fallback | undefined> {
  const checkpoints = (await store.runs.checkpoints(runId)).reverse();
  const failures: AtelierError[] = [];
  for (const checkpoint of checkpoints) {
    const failure = await mustBeWhole(checkpoint).then(
      () => null,
      (error: unknown) => {
        if (error instanceof AtelierError) return error;
        throw error;
      },
    );
    const [first] = failures;
    if (failure !== null) failures.push(failure);
    else if (first === undefined) return undefined;
    else {
      const { step } = checkpoint;
      const message = `${first.message} The run goes on from its checkpoint of step ${step} instead and takes the steps after it again.`;
      return { step, warning: { step, code: 'CHECKPOINT_DAMAGED', message } };
    }
  }
  if (failures[0] !== undefined) throw failures[0];
  return undefined;
}
