/**
 * @file Which run is worked on, and which wait. One run trains at a time, also when another Atelier has the
 * same data folder open: what that one trains is waited for, and never trained twice.
 */
import type { Progress, RunId } from '../../contract/primitives.ts';
import type { StudioCore } from '../context.ts';
import type { Ear } from './bell.ts';
import { Bell } from './bell.ts';
import { executeRun } from './execute.ts';
import { RunControl } from './run-control.ts';
import { forgetStopRequest, stopRequested } from './stop-request.ts';

const OTHER_PROCESS_POLL_MS = 1000;

interface Job {
  control: RunControl;
  /** Settles when this process has nothing more to do for the run. Never rejects. */
  done: Promise<void>;
}

export interface RunManager {
  /** Puts a queued run in line. */
  enqueue(runId: RunId): void;
  /** Works on a run that was taken by a resume. */
  goOn(runId: RunId): void;
  /** The run that this process works on now. */
  activeRun(): RunId | null;
  /** True where the run waits or is worked on in this process. */
  holds(runId: RunId): boolean;
  /** Asks a held run to end and waits until it has. */
  stop(runId: RunId): Promise<void>;
  /** How far the run is at this moment; not stored. */
  progressOf(runId: RunId): Progress | null;
  listen(runId: RunId): Ear;
  /** Ends all runs as interrupted; a training one may take `waitMs` to write a checkpoint. */
  close(waitMs: number): Promise<void>;
}

export function createRunManager(studio: StudioCore): RunManager {
  const bell = new Bell<RunId>();
  const jobs = new Map<RunId, Job>();
  /** The tail of the line: each job starts when the one before has settled. */
  let line: Promise<void> = Promise.resolve();
  let active: RunId | null = null;

  function add(runId: RunId, isTaken: boolean): void {
    const control = new RunControl(runId, studio.engine);
    const before = line;
    const done = (async () => {
      try {
        if (isTaken) await before;
        if (isTaken || (await takeTurn(control, before))) await perform(control);
      } catch (error) {
        studio.log.logger.error({ err: error, runId }, 'a run could not be started');
      }
      // It may have been resumed in the meantime.
      if (jobs.get(runId)?.control === control) jobs.delete(runId);
      bell.ring(runId);
    })();
    // A run that leaves the line early does not let the ones behind it pass the ones before it.
    line = Promise.all([before, done]).then(() => undefined);
    jobs.set(runId, { control, done });
  }

  /** Waits for the runs before it and for those of other processes, then takes the run. False where it was stopped meanwhile. */
  async function takeTurn(control: RunControl, before: Promise<void>): Promise<boolean> {
    const { runs } = studio.store;
    const ear = bell.listen(control.runId);
    let isNext = false;
    void before.then(() => {
      isNext = true;
      bell.ring(control.runId);
    });
    await Promise.resolve();
    try {
      while (!control.stopRequested && (!isNext || (await othersTrain()))) {
        if (isNext) control.progress = { phase: 'wait for the run of another Atelier', done: 0 };
        await ear.wait(OTHER_PROCESS_POLL_MS, control.abort.signal);
        if (stopRequested(studio.store, control.runId)) await control.stop();
      }
    } finally {
      ear.close();
    }
    if (control.stopRequested) {
      await runs.end(control.runId, { status: 'interrupted', reason: 'Stopped on request before it began.' });
      return false;
    }
    await runs.begin(control.runId);
    bell.ring(control.runId);
    return true;
  }

  async function othersTrain(): Promise<boolean> {
    const running = (await studio.store.runs.list()).filter((run) => run.status === 'running' && !jobs.has(run.id));
    if (running.length === 0) return false;
    // One whose process died without a word would be waited for in vain.
    const orphans = await studio.store.runs.interruptOrphans();
    return running.some((run) => !orphans.some((orphan) => orphan.id === run.id));
  }

  async function perform(control: RunControl): Promise<void> {
    active = control.runId;
    await forgetStopRequest(studio.store, control.runId).catch(() => undefined);
    const watch = setInterval(() => {
      if (stopRequested(studio.store, control.runId)) void control.stop();
    }, OTHER_PROCESS_POLL_MS);
    try {
      await executeRun({ studio, control, changed: () => bell.ring(control.runId) });
    } finally {
      clearInterval(watch);
      active = null;
      await forgetStopRequest(studio.store, control.runId).catch(() => undefined);
    }
  }

  return {
    enqueue: (runId) => add(runId, false),
    goOn: (runId) => add(runId, true),
    activeRun: () => active,
    holds: (runId) => jobs.has(runId),
    progressOf: (runId) => jobs.get(runId)?.control.progress ?? null,
    listen: (runId) => bell.listen(runId),
    stop: async (runId) => {
      const job = jobs.get(runId);
      if (job === undefined) return;
      await job.control.stop();
      await job.done;
    },
    close: async (waitMs) => {
      const all = [...jobs.values()];
      if (all.length === 0) return;
      const settled = Promise.all(all.map((job) => job.done));
      await Promise.all(all.map((job) => job.control.stop()));
      let timer: NodeJS.Timeout | undefined;
      const tooLong = new Promise<void>((resolve) => (timer = setTimeout(resolve, waitMs)));
      await Promise.race([settled, tooLong]);
      clearTimeout(timer);
      // What has not ended by now ends with its engine.
      await studio.engine.close();
      await settled;
    },
  };
}
