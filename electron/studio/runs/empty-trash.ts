/**
 * @file Deletes the files of runs in the trash: their checkpoints. What the store and the audit log record of them stays,
 * so that the receipt of an earlier export is still complete. Exported folders are not touched.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { RunId } from '../../contract/model/primitives.ts';
import type { EmptiedTrash, RunSummary } from '../../contract/model/runs.ts';
import type { StudioContext } from '../context.ts';
import { sizeOf } from './folder-size.ts';

/**
 * @param request `runId` absent = every run in the trash; `dryRun` only adds up what would be freed
 * @throws AtelierError NOT_FOUND for the run, CONFLICT if it is not in the trash
 */
export async function emptyTrash(
  { store }: Pick<StudioContext, 'store'>,
  request: { runId?: RunId | undefined; dryRun: boolean },
): Promise<EmptiedTrash> {
  const total: EmptiedTrash = { runs: [], freedBytes: 0, skipped: [] };
  const asked =
    request.runId === undefined ? await store.runs.list({ removed: true }) : [await store.runs.summary(request.runId)];
  for (const run of asked) {
    mustBeRemoved(run);
    const folder = join(store.runFolder(run.id), 'checkpoints');
    const checkpoints = (await store.runs.checkpoints(run.id)).length;
    const sizeBytes = await sizeOf(folder);
    if (checkpoints === 0 && sizeBytes === 0) continue;
    if (!request.dryRun) {
      // The record goes first, so that no step refers to files that are gone.
      const reason = await store.runs.discard(run.id);
      if (reason !== null) {
        total.skipped.push({ runId: run.id, reason });
        continue;
      }
      await rm(folder, { recursive: true, force: true });
    }
    total.runs.push({ runId: run.id, name: run.name, checkpoints });
    total.freedBytes += sizeBytes;
  }
  return total;
}

function mustBeRemoved({ id, name, removedAt }: RunSummary): void {
  if (removedAt !== undefined) return;
  throw new AtelierError('CONFLICT', `The run "${name}" (${id}) is not in the trash.`, {
    place: { field: 'runId' },
    remedy: 'Only checkpoints of removed runs are deleted. Remove the run first.',
  });
}
