/** @file Resumes an interrupted run from its last checkpoint, bit for bit as if it had never stopped. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { ExperimentId, RunId } from '../../contract/model/primitives.ts';
import type { RunSummary } from '../../contract/model/runs.ts';
import type { StoredEntry } from '../../store/queue/queue.ts';
import type { Fallback } from '../../store/runs/runs.ts';
import { rewardsByPart } from '../../method/mixture.ts';
import type { StudioContext } from '../context.ts';
import { checkRewardVersions } from '../recipes/check-rewards.ts';
import { wholeCheckpoint } from './whole-checkpoint.ts';

const SETTLE_MS = 50;
const SETTLE_TRIES = 100;

/**
 * Queues an interrupted or failed run again. If the run is waiting but its process has ended, this process adopts it.
 * @throws AtelierError CONFLICT if it is waiting, running or complete, or if a reward's code has changed; NOT_FOUND or
 *   VERIFICATION_FAILED if it has checkpoints and none of them is whole
 */
export async function resumeRun(
  studio: Pick<StudioContext, 'store' | 'worker'>,
  { runId }: { runId: RunId },
): Promise<RunSummary> {
  const { runs, queue } = studio.store;
  await studio.store.recover();
  const entry = await settledEntry(studio, { runId });
  if (entry?.status === 'waiting') {
    if (await queue.adopt(entry.id)) {
      studio.worker.wake();
      return runs.summary(runId);
    }
    throw new AtelierError('CONFLICT', `The run "${entry.title}" (${runId}) already waits in the queue.`, {
      place: { field: 'runId' },
      remedy: '`atelier queue` shows what is before it.',
    });
  }
  const fallback = await checkResumable(studio, runId);
  const summary = await studio.store.transaction(async () => {
    const resumed = await runs.resume(runId, fallback);
    await queue.add({ kind: 'run', runId, title: resumed.summary.name });
    return resumed.summary;
  });
  await clearLaterCheckpoints(studio, runId);
  studio.worker.wake();
  return summary;
}

/** The queue entry of a run or an experiment. An entry that just ended lingers briefly; this waits until it is gone. */
export async function settledEntry(
  { store }: Pick<StudioContext, 'store'>,
  where: { runId: RunId } | { experimentId: ExperimentId },
): Promise<StoredEntry | null> {
  for (let tries = 0; ; tries += 1) {
    const entry = await store.queue.find(where);
    if (entry?.status !== 'working' || tries === SETTLE_TRIES) return entry;
    const { status } =
      'runId' in where ? await store.runs.summary(where.runId) : await store.experiments.get(where.experimentId);
    if (status === 'queued' || status === 'running') return entry;
    await pause(SETTLE_MS);
  }
}

/**
 * Changes nothing.
 * @returns the checkpoint to fall back on, as `wholeCheckpoint`
 * @throws AtelierError in the same cases as `resumeRun`
 */
export async function checkResumable(
  studio: Pick<StudioContext, 'store'>,
  runId: RunId,
): Promise<Fallback | undefined> {
  await refuseElsewhere(studio, runId);
  const fallback = await wholeCheckpoint(studio, runId);
  const { recipe } = await studio.store.runs.recipeOf(runId);
  checkRewardVersions([...recipe.rewards, ...rewardsByPart(recipe).flat()]);
  return fallback;
}

/** Removes folders that were written but are no longer recorded; the repeated steps will write them again. */
export async function clearLaterCheckpoints({ store }: Pick<StudioContext, 'store'>, runId: RunId): Promise<void> {
  const root = join(store.runFolder(runId), 'checkpoints');
  const step = (await store.runs.lastCheckpoint(runId))?.step ?? 0;
  const names = await readdir(root).catch(() => []);
  for (const name of names) {
    const written = /^step-(\d+)$/.exec(name)?.[1];
    if (written !== undefined && Number(written) > step) await rm(join(root, name), { recursive: true, force: true });
  }
}

/** A run that was trained elsewhere brings no state of the optimiser: only its own job can go on. */
async function refuseElsewhere({ store }: Pick<StudioContext, 'store'>, runId: RunId): Promise<void> {
  if ((await store.handoffs.ofRun(runId)) === null) return;
  throw new AtelierError('CONFLICT', `The run ${runId} was trained elsewhere, so it cannot be resumed here.`, {
    place: { field: 'runId' },
    remedy: 'Start its job again on the other machine, and take the folder back when it has gone on.',
  });
}
