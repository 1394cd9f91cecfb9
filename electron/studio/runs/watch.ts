/**
 * @file The events of a run from any point on. A watcher reads the store, waits for the bell, then continues reading
 * where it left off. Replayed and live events take the same path, so none is lost or repeated in between.
 */
import type { Progress, RunId } from '../../contract/model/primitives.ts';
import type { RunEvent, RunStatus } from '../../contract/model/runs.ts';
import type { StudioContext } from '../context.ts';

/** A run in another process does not ring this process's bell. */
const POLL_MS = 1000;
/** At most ten reads per second; faster steps arrive in batches. */
const MIN_INTERVAL_MS = 100;

/**
 * Yields stored events after `after`, then new ones as they are stored, and ends when the run has ended. A `phase` is
 * not stored: it carries the number of the stored event before it, and only the newest one is sent.
 * @throws AtelierError if this process cannot work on the queue, for example because the disk is full
 */
export async function* watchRun(
  studio: Pick<StudioContext, 'store' | 'trainer' | 'worker' | 'bell'>,
  { runId, after, maxPoints }: { runId: RunId; after: number; maxPoints?: number | undefined },
  signal?: AbortSignal,
): AsyncGenerator<RunEvent, void, undefined> {
  const { runs } = studio.store;
  let seq = after;
  let status: RunStatus = (await runs.summary(runId)).status;
  let told: Progress | null = null;
  let replayed = false;
  const ear = studio.bell.listen(runId);
  try {
    while (signal?.aborted !== true) {
      const events = await runs.eventsAfter(runId, seq, replayed ? undefined : maxPoints);
      replayed = true;
      for (const event of events) {
        seq = event.seq;
        if (event.type === 'status') status = event.summary.status;
        yield event;
      }
      const progress = studio.trainer.progressOf(runId);
      if (progress !== null && progress !== told) {
        told = progress;
        yield { seq, type: 'phase', progress };
      }
      // Nothing is stored after a run ends unless it is resumed; the first event read is then a status that says so.
      if (status !== 'running' && status !== 'queued') return;
      const fault = studio.worker.fault();
      if (fault !== null) throw fault;
      await Promise.all([ear.wait(POLL_MS, signal), pause(MIN_INTERVAL_MS, signal)]);
    }
  } finally {
    ear.close();
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}
