/** @file Stops a run after the current step, whichever process is training it. */
import { setTimeout as pause } from 'node:timers/promises';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { RunId } from '../../contract/model/primitives.ts';
import type { RunSummary } from '../../contract/model/runs.ts';
import type { StudioContext } from '../context.ts';
import { leave } from '../queue/queue.ts';
import { StopReason } from '../queue/stop-reason.ts';
import { requestStop } from './stop-request.ts';

const POLL_MS = 300;

/**
 * Resolves once the run has ended. A waiting run leaves the queue.
 * @throws AtelierError CONFLICT if it is neither running nor waiting
 */
export async function stopRun(
  studio: Pick<StudioContext, 'store' | 'worker' | 'trainer' | 'evaluations'>,
  { runId }: { runId: RunId },
  signal?: AbortSignal,
): Promise<RunSummary> {
  const { runs, queue } = studio.store;
  const summary = await runs.summary(runId);
  const entry = await queue.find({ runId });
  if (entry?.status === 'waiting' && (await leave(studio, entry))) return runs.summary(runId);
  if (studio.trainer.activeRun() === runId) {
    await studio.trainer.stop(runId, new StopReason('requested'));
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
    // Its process may end before reading the request, or this process may be about to start the run.
    await studio.store.recover();
    await studio.trainer.stop(runId, new StopReason('requested'));
    const now = await runs.summary(runId);
    if (!isActive(now)) return now;
    await pause(POLL_MS);
  }
  throw new AtelierError('CANCELLED', `The run ${runId} was asked to stop and will end after the current step.`);
}

function isActive(summary: RunSummary): boolean {
  return summary.status === 'running' || summary.status === 'queued';
}
