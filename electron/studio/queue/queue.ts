/** @file The queue as people see it, and what they can do to it. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { QueueEntryId, RunId } from '../../contract/model/primitives.ts';
import type { QueueEntry } from '../../contract/model/queue.ts';
import type { RunSummary } from '../../contract/model/runs.ts';
import type { StoredEntry } from '../../store/queue/queue.ts';
import type { StudioContext } from '../context.ts';

/** What an entry needs to leave the queue. */
type QueueParts = Pick<StudioContext, 'store' | 'worker' | 'evaluations'>;

/** An entry of another process does not ring the bell of this one. */
const POLL_MS = 1000;
const MIN_INTERVAL_MS = 200;

/** Why a run that waited did not begin. */
export const LEFT_THE_LINE = 'Stopped on request before it began.';

/** The entry in work, then those that wait, in order. */
export async function listQueue({ store, worker }: Pick<StudioContext, 'store' | 'worker'>): Promise<QueueEntry[]> {
  return (await store.queue.list()).map(({ isOwn: _, ...entry }, position) => ({
    ...entry,
    position,
    progress: worker.progressOf(entry.id),
  }));
}

/** The list now, and again whenever it has changed. Ends only with `signal`. */
export async function* watchQueue(
  studio: Pick<StudioContext, 'store' | 'worker' | 'bell'>,
  signal?: AbortSignal,
): AsyncGenerator<QueueEntry[], void, undefined> {
  const ear = studio.bell.listen('queue');
  let told = '';
  try {
    while (signal?.aborted !== true) {
      const list = await listQueue(studio);
      const text = JSON.stringify(list);
      if (text !== told) yield list;
      told = text;
      await new Promise((resolve) => setTimeout(resolve, MIN_INTERVAL_MS));
      await ear.wait(POLL_MS, signal);
    }
  } finally {
    ear.close();
  }
}

export async function moveEntry(
  studio: QueueParts,
  { entryId, to }: { entryId: QueueEntryId; to: number },
): Promise<QueueEntry[]> {
  await studio.store.queue.move(entryId, to);
  studio.worker.wake();
  return listQueue(studio);
}

export async function moveRun(studio: QueueParts, { runId, to }: { runId: RunId; to: number }): Promise<QueueEntry[]> {
  const { id } = await entryOfRun(studio, runId);
  return moveEntry(studio, { entryId: id, to });
}

/** Takes a waiting entry out of the queue. @throws AtelierError CONFLICT if it has begun; NOT_FOUND */
export async function cancelEntry(studio: QueueParts, { entryId }: { entryId: QueueEntryId }): Promise<QueueEntry[]> {
  const entry = await studio.store.queue.find({ id: entryId });
  if (entry === null) {
    throw new AtelierError('NOT_FOUND', `The queue has no entry "${entryId}".`, {
      place: { field: 'entryId' },
      remedy: 'The queue shows what waits now.',
    });
  }
  if (!(await leave(studio, entry))) {
    throw new AtelierError('CONFLICT', `"${entry.title}" has begun, so it no longer waits.`, {
      place: { field: 'entryId' },
      remedy: 'Stop it instead.',
    });
  }
  return listQueue(studio);
}

/** Takes a waiting run out of the queue. @throws AtelierError CONFLICT if it does not wait */
export async function cancelRun(studio: QueueParts, { runId }: { runId: RunId }): Promise<RunSummary> {
  const entry = await entryOfRun(studio, runId);
  if (!(await leave(studio, entry))) throw notWaiting(await studio.store.runs.summary(runId));
  return studio.store.runs.summary(runId);
}

/** Takes a waiting entry out and marks its run or experiment as interrupted. False if it does not wait any more. */
export async function leave(studio: QueueParts, entry: StoredEntry): Promise<boolean> {
  const { store } = studio;
  if (entry.kind === 'evaluation') {
    if (entry.status === 'working') return false;
    await studio.worker.abandon(entry.id);
    studio.evaluations.cancel(entry.id, 'The evaluation was taken out of the queue; nothing of it is stored.');
    return true;
  }
  const left = await store.transaction(async () => {
    if (!(await store.queue.remove(entry.id, true))) return false;
    if (entry.kind === 'run' && entry.runId !== null) await store.runs.leaveLine(entry.runId, LEFT_THE_LINE);
    if (entry.experimentId !== null) {
      await store.experiments.setStatus(entry.experimentId, 'interrupted', LEFT_THE_LINE);
    }
    return true;
  });
  studio.worker.wake();
  return left;
}

async function entryOfRun(studio: QueueParts, runId: RunId): Promise<StoredEntry> {
  const summary = await studio.store.runs.summary(runId);
  const entry = await studio.store.queue.find({ runId });
  if (entry === null) throw notWaiting(summary);
  return entry;
}

function notWaiting(run: RunSummary): AtelierError {
  return new AtelierError('CONFLICT', `The run "${run.name}" (${run.id}) is ${run.status}; it does not wait.`, {
    place: { field: 'runId' },
    remedy: 'Only a waiting run can be moved or taken out of the queue.',
  });
}
