/** @file Stopping a run after the step in work, wherever it is worked on. */
import { setTimeout as pause } from 'node:timers/promises';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { RunId } from '../../contract/model/primitives.ts';
import type { RunSummary } from '../../contract/model/runs.ts';
import type { StudioContext } from '../context.ts';
import { leave } from '../queue/queue.ts';
import { requestStop } from './stop-request.ts';

const POLL_MS = 300;

/** Resolves when the run has ended. One that waits leaves the queue. @throws AtelierError CONFLICT where it neither runs nor waits */
export async function stopRun(
  studio: StudioContext,
  { runId }: { runId: RunId },
  signal?: AbortSignal,
): Promise<RunSummary> {
  const { runs, queue } = studio.store;
  const summary = await runs.summary(runId);
  const entry = await queue.find({ runId });
  if (entry?.status === 'waiting' && (await leave(studio, entry))) return runs.summary(runId);
  if (studio.runs.holds(runId)) {
    await studio.runs.stop(runId);
    return runs.summary(runId);
  }
  if (!isActive(summary)) {
    throw new AtelierError(
      'CONFLICT',
      `The run "${summary.name}" (${runId}) is ${summary.status}, so there is nothing to stop.`,
      {
        place: { field: 'runId' },
      },
    );
  }
  await requestStop(studio.store, runId);
  while (signal?.aborted !== true) {
    // Its process may die before it hears, and it may be on its way to this one.
    await studio.store.recover();
    if (studio.runs.holds(runId)) await studio.runs.stop(runId);
    const now = await runs.summary(runId);
    if (!isActive(now)) return now;
    await pause(POLL_MS);
  }
  throw new AtelierError('CANCELLED', `The run ${runId} was asked to stop and will end after the step in work.`);
}

function isActive(summary: RunSummary): boolean {
  return summary.status === 'running' || summary.status === 'queued';
}
