/** @file The parts that work on the queue, as the rest of the studio sees them. studio.ts assembles them. */
import type { AtelierError } from '../../contract/errors/errors.ts';
import type { EvaluationEvent } from '../../contract/model/evaluations.ts';
import type { Progress, QueueEntryId, RunId } from '../../contract/model/primitives.ts';
import type { QueueKind } from '../../contract/model/queue.ts';
import type { StoredEntry } from '../../store/queue/queue.ts';
import type { StopReason } from './stop-reason.ts';

/** One queue entry that this process is working on. */
export interface Work {
  readonly entry: StoredEntry;
  /** Fires when the work must end; the reason is a `StopReason`. */
  readonly signal: AbortSignal;
  /** Reports the progress of the work to watchers of the queue. */
  report(progress: Progress): void;
}

/** Does one kind of work, and records how it ended. */
export type WorkHandler = (work: Work) => Promise<void>;
export type WorkHandlers = Record<QueueKind, WorkHandler>;

/** Takes entries from the queue one at a time and passes each to the handler for its kind. */
export interface QueueWorker {
  /** Looks at the queue again, because an entry was added or moved. */
  wake(): void;
  /** From now on, also takes entries whose process has ended. */
  workOnAll(): void;
  /** From now on, begins nothing: what this process adds waits for another one. */
  standAside(): void;
  /** True if another process does what this one adds. */
  standsAside(): boolean;
  /** True while this process is working on an entry. */
  isWorking(): boolean;
  /** The current progress of an entry; null if this process is not working on it. */
  progressOf(entryId: QueueEntryId): Progress | null;
  /** Ends the work on an entry and waits until it has ended. False if this process is not working on it. */
  stop(entryId: QueueEntryId, reason: StopReason): Promise<boolean>;
  /** Ends the work on an entry without waiting, or removes the entry from the queue if work has not started. */
  abandon(entryId: QueueEntryId): Promise<void>;
  /** What keeps this process from working on the queue, such as a full disk; null if nothing does. */
  fault(): AtelierError | null;
  /** Ends the work; a training run may take `waitMs` to write a checkpoint. Waiting entries stay in the queue. */
  close(waitMs: number): Promise<void>;
}

/** Trains runs, on their own or as parts of an experiment. */
export interface RunTrainer {
  /**
   * Trains a queued run until it ends, whatever the outcome.
   * @throws AtelierError if the run cannot start
   */
  train(runId: RunId, signal: AbortSignal, report: (progress: Progress) => void): Promise<void>;
  /** The run that this process is training now. */
  activeRun(): RunId | null;
  progressOf(runId: RunId): Progress | null;
  /** Ends a run and waits until it has ended; does nothing if this process is not training it. */
  stop(runId: RunId, reason: StopReason): Promise<void>;
}

export type EvaluationListener = (event: EvaluationEvent | { type: 'failed'; error: unknown }) => void;

/** Reports an evaluation's progress to its listeners. */
export interface EvaluationDesk {
  listen(entryId: QueueEntryId, listener: EvaluationListener): void;
  /** Removes the listener. */
  forget(entryId: QueueEntryId): void;
  /** Tells the listener that the evaluation will not run. */
  cancel(entryId: QueueEntryId, message: string): void;
  /** Tells every listener that its evaluation will not run. */
  cancelAll(message: string): void;
}
