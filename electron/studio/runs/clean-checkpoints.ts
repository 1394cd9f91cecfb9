/**
 * @file Removes old checkpoints of finished runs. The last one stays, because exports and evaluations use it, and so does
 * the one that answered most held-out questions. A run that can still be resumed keeps all of its checkpoints.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { RunId } from '../../contract/model/primitives.ts';
import type { CheckpointCleanup } from '../../contract/model/runs.ts';
import type { StudioContext } from '../context.ts';
import { bestStep } from '../../method/held-out-best.ts';
import { entriesOf, sizeOf } from './folder-size.ts';
import { scoresOf } from './held-out.ts';
import { mustBeWhole } from './whole-checkpoint.ts';

type Parts = Pick<StudioContext, 'store'>;

/**
 * A run whose last checkpoint is damaged or missing keeps everything, and the result says so.
 * @param request `runId` absent = every finished run; `dryRun` only adds up what would be freed
 * @throws AtelierError NOT_FOUND for the run, CONFLICT if it is not finished
 */
export async function cleanCheckpoints(
  parts: Parts,
  request: { runId?: RunId | undefined; dryRun: boolean },
): Promise<CheckpointCleanup> {
  const total: CheckpointCleanup = { runs: 0, checkpoints: 0, freedBytes: 0, skipped: [] };
  for (const runId of await finishedRuns(parts, request.runId)) {
    const old = await oldCheckpoints(parts, runId);
    if (old.length === 0) continue;
    if (!request.dryRun) {
      const refusal = await remove(parts, runId, old);
      if (refusal !== null) {
        total.skipped.push({ runId, reason: refusal });
        continue;
      }
    }
    total.runs += 1;
    total.checkpoints += old.length;
    total.freedBytes += old.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }
  return total;
}

async function finishedRuns({ store }: Parts, only: RunId | undefined): Promise<RunId[]> {
  if (only === undefined)
    return (await store.runs.list()).filter(({ status }) => status === 'completed').map(({ id }) => id);
  const { status, name } = await store.runs.summary(only);
  if (status === 'completed') return [only];
  throw new AtelierError('CONFLICT', `The run "${name}" (${only}) is ${status}, so it keeps all of its checkpoints.`, {
    place: { field: 'runId' },
    remedy: 'Only the checkpoints of a completed run can be removed.',
  });
}

type Old = { step: number; path: string; sizeBytes: number };

/** Every checkpoint folder of the run but those of its last and its best step; only what lies in the run's own folder. */
async function oldCheckpoints({ store }: Parts, runId: RunId): Promise<Old[]> {
  const steps = (await store.runs.checkpoints(runId)).map(({ step }) => step);
  const last = steps.at(-1);
  if (last === undefined) return [];
  const best = bestStep(scoresOf(await store.runs.heldOut(runId)), steps);
  const root = join(store.runFolder(runId), 'checkpoints');
  const found: Old[] = [];
  for (const entry of await entriesOf(root)) {
    const step = Number(/^step-(\d+)$/.exec(entry.name)?.[1] ?? NaN);
    if (!entry.isDirectory() || Number.isNaN(step) || step === last || step === best) continue;
    const path = join(root, entry.name);
    found.push({ step, path, sizeBytes: await sizeOf(path) });
  }
  return found;
}

/** The record goes first, so that no step refers to files that are gone. Null, or why nothing was removed. */
async function remove({ store }: Parts, runId: RunId, old: readonly Old[]): Promise<string | null> {
  const last = await store.runs.lastCheckpoint(runId);
  try {
    if (last !== null) await mustBeWhole(last);
  } catch (error) {
    if (error instanceof AtelierError) return error.message;
    throw error;
  }
  await store.runs.forgetCheckpoints(
    runId,
    old.map(({ step }) => step),
  );
  for (const { path } of old) await rm(path, { recursive: true, force: true });
  return null;
}
