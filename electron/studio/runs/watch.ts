/**
 * @file The events of a run from any point on. A watcher reads the store, then waits to be woken and reads again
 * from where it was: replay and live are one path, so there is no seam for a gap or a duplicate.
 */
import type { Progress, RunId } from '../../contract/model/primitives.ts';
import type { RunEvent, RunStatus } from '../../contract/model/runs.ts';
import type { StudioContext } from '../context.ts';

/** Runs of another process ring no bell here. */
const POLL_MS = 1000;
/** At most ten readings a second: faster steps arrive together. */
const MIN_INTERVAL_MS = 100;

/**
 * Yields stored events after `after`, then new ones as they are stored, and ends when the run has. A `phase` is
 * not stored: it carries the number of the stored event before it, and only the newest one is told.
 */
export async function* watchRun(
  studio: Pick<StudioContext, 'store' | 'runs'>,
  { runId, after, maxPoints }: { runId: RunId; after: number; maxPoints?: number | undefined },
  signal?: AbortSignal,
): AsyncGenerator<RunEvent, void, undefined> {
  const { runs } = studio.store;
  let seq = after;
  let status: RunStatus = (await runs.summary(runId)).status;
  let told: Progress | null = null;
  let replayed = false;
  const ear = studio.runs.listen(runId);
  try {
    while (signal?.aborted !== true) {
      const events = await runs.eventsAfter(runId, seq, replayed ? undefined : maxPoints);
      replayed = true;
      for (const event of events) {
        seq = event.seq;
        if (event.type === 'status') status = event.summary.status;
        yield event;
      }
      const progress = studio.runs.progressOf(runId);
      if (progress !== null && progress !== told) {
        told = progress;
        yield { seq, type: 'phase', progress };
      }
      // Nothing is stored after the end of a run, unless it is resumed: then a status says so, and is read first.
      if (status !== 'running' && status !== 'queued') return;
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
