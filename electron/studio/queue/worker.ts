/**
 * @file Works on the queue: one entry at a time, in order, also when another Atelier has the same data folder open.
 * What that one works on is waited for, and never done twice.
 */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { EvaluationEvent, EvaluationSummary } from '../../contract/model/evaluations.ts';
import type { ExperimentId, Progress, QueueEntryId, RunId } from '../../contract/model/primitives.ts';
import type { StoredEntry } from '../../store/queue/queue.ts';
import type { StudioCore } from '../context.ts';
import { evaluate } from '../evaluations/evaluate.ts';
import { planEvaluation } from '../evaluations/plan.ts';
import { executeExperiment } from '../experiments/execute.ts';
import type { Ear } from '../runs/bell.ts';
import { Bell } from '../runs/bell.ts';
import { executeRun } from '../runs/execute.ts';
import { RunControl } from '../runs/run-control.ts';
import { forgetStopRequest, stopRequested } from '../runs/stop-request.ts';

const OTHER_PROCESS_POLL_MS = 1000;
/** How often a studio that works on the whole queue looks for what others left. */
const IDLE_POLL_MS = 5000;

/** Those who wait for an evaluation hear how it goes. */
export type EvaluationListener = (event: EvaluationEvent | { type: 'failed'; error: unknown }) => void;

/** What is worked on now. */
interface Work {
  entry: StoredEntry;
  progress: Progress | null;
  /** The run in work, of its own or as a child. */
  control: RunControl | null;
  /** Fires for an evaluation that is given up. */
  abort: AbortController;
  /** An experiment ends after the child in work. */
  stopRequested: boolean;
  done: Promise<void>;
}

export interface RunManager {
  /** Looks at the queue, where something was put in line or changed its place. */
  wake(): void;
  /** From now on also works on what processes that have ended left in the queue. */
  workOnAll(): void;
  /** The run that this process trains now. */
  activeRun(): RunId | null;
  /** True while this process works on anything. */
  isWorking(): boolean;
  /** True where the run is worked on in this process. */
  holds(runId: RunId): boolean;
  /** Asks the run in work to end, with a checkpoint, and waits until it has. */
  stop(runId: RunId): Promise<void>;
  /** Asks the experiment in work to end after a checkpoint, and waits until it has. False where this process does not hold it. */
  stopExperiment(experimentId: ExperimentId): Promise<boolean>;
  /** Gives an evaluation up, whether it waits or is made. */
  dropEvaluation(entryId: QueueEntryId): Promise<void>;
  hearEvaluation(entryId: QueueEntryId, listener: EvaluationListener): void;
  /** How far a run, or an entry, is at this moment; not stored. */
  progressOf(runId: RunId): Progress | null;
  entryProgress(entryId: QueueEntryId): Progress | null;
  listen(runId: RunId): Ear;
  listenQueue(): Ear;
  listenExperiment(experimentId: ExperimentId): Ear;
  /** Ends what is in work as interrupted; a training run may take `waitMs` to write a checkpoint. What waits stays. */
  close(waitMs: number): Promise<void>;
}

export function createRunManager(studio: StudioCore): RunManager {
  const bell = new Bell<string>();
  const listeners = new Map<QueueEntryId, EvaluationListener>();
  let work: Work | null = null;
  let all = false;
  let closing = false;
  let loop: Promise<void> | null = null;
  /** Something came in since the queue was last looked at. */
  let again = false;
  const dropped = new Set<QueueEntryId>();
  const { store } = studio;

  const ringQueue = (): void => bell.ring('queue');

  function wake(): void {
    again = true;
    ringQueue();
    if (closing) return;
    loop ??= workOn().finally(() => {
      loop = null;
      if (again && !closing) wake();
    });
  }

  async function workOn(): Promise<void> {
    const ear = bell.listen('queue');
    try {
      while (!closing) {
        again = false;
        let turn: Awaited<ReturnType<typeof store.queue.take>>;
        try {
          turn = await store.queue.take(all);
        } catch (error) {
          studio.log.logger.error({ err: error }, 'the queue could not be read');
          turn = { state: 'busy' };
        }
        if (turn.state === 'taken') await perform(turn.entry);
        else if (turn.state === 'nothing' && !all) {
          if (!again) return;
        } else {
          if (turn.state === 'busy') await store.recover().catch(() => undefined);
          await ear.wait(turn.state === 'busy' ? OTHER_PROCESS_POLL_MS : IDLE_POLL_MS);
        }
      }
    } finally {
      ear.close();
    }
  }

  async function perform(entry: StoredEntry): Promise<void> {
    const now: Work = {
      entry,
      progress: null,
      control: null,
      abort: new AbortController(),
      stopRequested: false,
      done: Promise.resolve(),
    };
    work = now;
    now.done = (async () => {
      ringQueue();
      try {
        if (closing) return;
        if (entry.kind === 'run' && entry.runId !== null) await performRun(now, entry.runId);
        else if (entry.kind === 'experiment' && entry.experimentId !== null) {
          await performExperiment(now, entry.experimentId);
        } else await performEvaluation(now);
      } catch (error) {
        studio.log.logger.error({ err: error, entry: entry.id }, 'an entry of the queue could not be worked on');
      }
    })();
    await now.done;
    await store.queue.remove(entry.id).catch((error: unknown) => {
      studio.log.logger.error({ err: error, entry: entry.id }, 'an entry could not be taken out of the queue');
    });
    work = null;
    ringQueue();
    if (entry.runId !== null) bell.ring(entry.runId);
    if (entry.experimentId !== null) bell.ring(entry.experimentId);
  }

  /** Works on a run that is queued. */
  async function performRun(now: Work, runId: RunId): Promise<void> {
    const control = new RunControl(runId, studio.engine);
    now.control = control;
    const changed = (): void => {
      now.progress = control.progress ?? now.progress;
      bell.ring(runId);
      ringQueue();
    };
    await store.runs.begin(runId);
    changed();
    await forgetStopRequest(store, runId).catch(() => undefined);
    const watch = setInterval(() => {
      if (stopRequested(store, runId)) void control.stop();
    }, OTHER_PROCESS_POLL_MS);
    try {
      if (now.stopRequested || closing) await control.stop();
      await executeRun({ studio, control, changed });
    } finally {
      clearInterval(watch);
      now.control = null;
      await forgetStopRequest(store, runId).catch(() => undefined);
      bell.ring(runId);
    }
  }

  async function performExperiment(now: Work, experimentId: ExperimentId): Promise<void> {
    await executeExperiment({
      studio,
      experimentId,
      signal: now.abort.signal,
      isStopping: () => now.stopRequested || closing,
      train: (runId) => performRun(now, runId),
      report: (progress) => {
        now.progress = progress;
        bell.ring(experimentId);
        ringQueue();
      },
    });
  }

  async function performEvaluation(now: Work): Promise<void> {
    const { entry } = now;
    const tell: EvaluationListener = (event) => listeners.get(entry.id)?.(event);
    try {
      if (dropped.has(entry.id)) return;
      if (entry.evaluation === null) throw new Error('An evaluation waits that does not say what to ask.');
      const onProgress = (progress: Progress): void => {
        now.progress = progress;
        ringQueue();
        tell({ type: 'progress', progress });
      };
      const plan = await planEvaluation(studio, entry.evaluation);
      const evaluation: EvaluationSummary = await evaluate(studio, plan, onProgress, now.abort.signal);
      tell({ type: 'done', evaluation });
    } catch (error) {
      if (!listeners.has(entry.id)) studio.log.logger.warn({ err: error }, 'an evaluation ended early');
      tell({ type: 'failed', error });
    }
  }

  return {
    wake,
    workOnAll: () => {
      all = true;
      wake();
    },
    activeRun: () => work?.control?.runId ?? null,
    isWorking: () => work !== null,
    holds: (runId) => work?.control?.runId === runId,
    progressOf: (runId) => (work?.control?.runId === runId ? work.control.progress : null),
    entryProgress: (entryId) => (work?.entry.id === entryId ? work.progress : null),
    listen: (runId) => bell.listen(runId),
    listenQueue: () => bell.listen('queue'),
    listenExperiment: (experimentId) => bell.listen(experimentId),
    stop: async (runId) => {
      const now = work;
      if (now?.control?.runId !== runId) return;
      const ear = bell.listen(runId);
      try {
        await now.control.stop();
        while (work?.control?.runId === runId) await ear.wait(OTHER_PROCESS_POLL_MS);
      } finally {
        ear.close();
      }
    },
    stopExperiment: async (experimentId) => {
      const now = work;
      if (now?.entry.experimentId !== experimentId) return false;
      now.stopRequested = true;
      now.abort.abort();
      await now.control?.stop();
      await now.done;
      return true;
    },
    dropEvaluation: async (entryId) => {
      listeners.delete(entryId);
      dropped.add(entryId);
      if (work?.entry.id === entryId) work.abort.abort();
      else if (await store.queue.remove(entryId, true)) ringQueue();
    },
    hearEvaluation: (entryId, listener) => void listeners.set(entryId, listener),
    close: async (waitMs) => {
      closing = true;
      ringQueue();
      const now = work;
      if (now !== null) {
        now.abort.abort();
        await now.control?.stop();
        let timer: NodeJS.Timeout | undefined;
        const tooLong = new Promise<void>((resolve) => (timer = setTimeout(resolve, waitMs)));
        await Promise.race([now.done, tooLong]);
        clearTimeout(timer);
        // What has not ended by now ends with its engine.
        await studio.engine.close();
      }
      await loop;
      for (const listener of listeners.values()) {
        listener({ type: 'failed', error: new AtelierError('CANCELLED', 'Atelier was closed.') });
      }
      await store.queue.disown();
    },
  };
}
