/** @file Trains one run at a time and tracks its progress. */
import type { Progress, RunId } from '../../contract/model/primitives.ts';
import type { Bell } from '../queue/bell.ts';
import type { LateWrites } from '../queue/late-writes.ts';
import { StopReason } from '../queue/stop-reason.ts';
import type { RunTrainer, WorkHandler } from '../queue/work.ts';
import { executeRun } from './execute.ts';
import type { RunParts } from './execution.ts';
import { forgetStopRequest, stopRequested } from './stop-request.ts';

const STOP_REQUEST_POLL_MS = 1000;

interface RunInWork {
  runId: RunId;
  /** Ends only this run; an experiment continues with its next part. */
  own: AbortController;
  progress: Progress | null;
  done: Promise<void>;
}

export function createRunTrainer(parts: RunParts & { bell: Bell<string>; lateWrites: LateWrites }): RunTrainer {
  const { store, bell } = parts;
  let inWork: RunInWork | null = null;

  async function train(runId: RunId, signal: AbortSignal, report: (progress: Progress) => void): Promise<void> {
    const now: RunInWork = { runId, own: new AbortController(), progress: null, done: Promise.resolve() };
    inWork = now;
    now.done = execute(now, signal, report);
    await now.done;
  }

  async function execute(now: RunInWork, outer: AbortSignal, report: (progress: Progress) => void): Promise<void> {
    const { runId, own } = now;
    const changed = (): void => {
      bell.ring(runId);
      if (now.progress === null) bell.ring('queue');
      else report(now.progress);
    };
    let poll: NodeJS.Timeout | undefined;
    try {
      await store.runs.begin(runId);
      changed();
      await forgetStopRequest(store, runId).catch(() => undefined);
      poll = setInterval(() => {
        if (stopRequested(store, runId)) own.abort(new StopReason('requested'));
      }, STOP_REQUEST_POLL_MS);
      await executeRun({
        parts,
        runId,
        signal: AbortSignal.any([outer, own.signal]),
        stop: (reason) => own.abort(reason),
        setProgress: (progress) => (now.progress = progress),
        changed,
        recordEnd: (write) => parts.lateWrites.write(write),
      });
    } finally {
      clearInterval(poll);
      inWork = null;
      await forgetStopRequest(store, runId).catch(() => undefined);
      bell.ring(runId);
    }
  }

  return {
    train,
    activeRun: () => inWork?.runId ?? null,
    progressOf: (runId) => (inWork?.runId === runId ? inWork.progress : null),
    async stop(runId, reason) {
      const now = inWork;
      if (now?.runId !== runId) return;
      now.own.abort(reason);
      // The worker reports why a run could not start.
      await now.done.catch(() => undefined);
    },
  };
}

/** Handles queue entries that are runs. */
export function runHandler(trainer: RunTrainer): WorkHandler {
  return async ({ entry, signal, report }) => {
    if (entry.runId === null) throw new Error(`The entry ${entry.id} of the queue does not name its run.`);
    await trainer.train(entry.runId, signal, report);
  };
}
