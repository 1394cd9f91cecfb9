/** @file What works on the queue, as the rest of the studio sees it. The parts are put together in studio.ts. */
import type { AtelierError } from '../../contract/errors/errors.ts';
import type { EvaluationEvent } from '../../contract/model/evaluations.ts';
import type { Progress, QueueEntryId, RunId } from '../../contract/model/primitives.ts';
import type { QueueKind } from '../../contract/model/queue.ts';
import type { StoredEntry } from '../../store/queue/queue.ts';
import type { StopReason } from './stop-reason.ts';

/** One entry of the queue that this process works on. */
export interface Work {
  readonly entry: StoredEntry;
  /** Fires when the work must end; the reason is a `StopReason`. */
  readonly signal: AbortSignal;
  /** Tells those who watch the queue how far the work is. */
  report(progress: Progress): void;
}

/** Does one kind of work, and records how it ended. */
export type WorkHandler = (work: Work) => Promise<void>;
export type WorkHandlers = Record<QueueKind, WorkHandler>;

/** Takes one entry after the other from the queue, and hands each to the handler of its kind. */
export interface QueueWorker {
  /** Looks at the queue again, because an entry was added or moved. */
  wake(): void;
  /** From now on also takes entries whose process has ended. */
  workOnAll(): void;
  /** True while this process works on an entry. */
  isWorking(): boolean;
  /** How far an entry is at this moment; null if this process does not work on it. */
  progressOf(entryId: QueueEntryId): Progress | null;
  /** Ends the work on an entry and waits until it has ended. False if this process does not work on it. */
  stop(entryId: QueueEntryId, reason: StopReason): Promise<boolean>;
  /** Ends the work on an entry without waiting, or takes it out of the queue if it has not begun. */
  abandon(entryId: QueueEntryId): Promise<void>;
  /** What keeps this process from working on the queue, such as a full disk; null if nothing does. */
  fault(): AtelierError | null;
  /** Ends the work; a training run may take `waitMs` to write a checkpoint. What waits stays in the queue. */
  close(waitMs: number): Promise<void>;
}

/** Trains runs, on their own or as parts of an experiment. */
export interface RunTrainer {
  /**
   * Trains a queued run until it has ended, however it ends.
   * @throws AtelierError if the run cannot begin
   */
  train(runId: RunId, signal: AbortSignal, report: (progress: Progress) => void): Promise<void>;
  /** The run that this process trains now. */
  activeRun(): RunId | null;
  progressOf(runId: RunId): Progress | null;
  /** Ends a run and waits until it has ended; does nothing if this process does not train it. */
  stop(runId: RunId, reason: StopReason): Promise<void>;
}

export type EvaluationListener = (event: EvaluationEvent | { type: 'failed'; error: unknown }) => void;

/** Tells those who wait for an evaluation how it goes. */
export interface EvaluationDesk {
  listen(entryId: QueueEntryId, listener: EvaluationListener): void;
  /** The listener hears nothing more. */
  forget(entryId: QueueEntryId): void;
  /** Tells the listener that the evaluation will not be made. */
  cancel(entryId: QueueEntryId, message: string): void;
  /** Tells every listener that the evaluations will not be made. */
  cancelAll(message: string): void;
}
