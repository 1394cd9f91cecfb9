/** @file The queue as users see it, and what they can do with it. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { QueueEntryId, RunId } from '../../contract/model/primitives.ts';
import type { QueueEntry } from '../../contract/model/queue.ts';
import type { RunSummary } from '../../contract/model/runs.ts';
import type { StoredEntry } from '../../store/queue/queue.ts';
import type { StudioContext } from '../context.ts';

/** The parts needed to remove an entry from the queue. */
type QueueParts = Pick<StudioContext, 'store' | 'worker' | 'evaluations'>;

/** An entry in another process does not ring this process's bell. */
const POLL_MS = 1000;
const MIN_INTERVAL_MS = 200;

/** Why a waiting run did not start. */
export const LEFT_THE_LINE = 'Stopped on request before it began.';

/** The running entry, then the waiting ones in order. */
export async function listQueue({ store, worker }: Pick<StudioContext, 'store' | 'worker'>): Promise<QueueEntry[]> {
  return (await store.queue.list()).map(({ isOwn: _own, awaited: _awaited, ...entry }, position) => ({
    ...entry,
    position,
    progress: worker.progressOf(entry.id),
  }));
}

/** Yields the list now and after every change. Ends only with `signal`. */
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

/** Lets an entry that is held be worked on again, by this process if the one that queued it has ended. */
export async function retryEntry(studio: QueueParts, { entryId }: { entryId: QueueEntryId }): Promise<QueueEntry[]> {
  await studio.store.queue.release(entryId);
  await studio.store.queue.adopt(entryId);
  studio.worker.wake();
  return listQueue(studio);
}

export async function moveRun(studio: QueueParts, { runId, to }: { runId: RunId; to: number }): Promise<QueueEntry[]> {
  const { id } = await entryOfRun(studio, runId);
  return moveEntry(studio, { entryId: id, to });
}

/** Removes a waiting entry from the queue. @throws AtelierError CONFLICT if it has started; NOT_FOUND */
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

/** Removes a waiting run from the queue. @throws AtelierError CONFLICT if it is not waiting */
export async function cancelRun(studio: QueueParts, { runId }: { runId: RunId }): Promise<RunSummary> {
  const entry = await entryOfRun(studio, runId);
  if (!(await leave(studio, entry))) throw notWaiting(await studio.store.runs.summary(runId));
  return studio.store.runs.summary(runId);
}

/** Removes a waiting entry and marks its run or experiment as interrupted. False if it is no longer waiting. */
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
