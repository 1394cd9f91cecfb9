/** @file The queue, in which runs, evaluations and experiments wait their turn, in an order you can change. */
import { z } from 'zod';
import { EvaluationRequest } from './evaluations.ts';
import { ExperimentId, Progress, QueueEntryId, RunId, Timestamp } from './primitives.ts';

export const QueueKind = z.enum(['run', 'evaluation', 'experiment']);
export type QueueKind = z.infer<typeof QueueKind>;

/** One entry, waiting or in progress. An experiment is one entry, however many runs it has. */
export const QueueEntry = z.object({
  id: QueueEntryId,
  kind: QueueKind,
  status: z.enum(['waiting', 'working']),
  /** 0 for the first in line; the entry in progress comes first. */
  position: z.int().nonnegative(),
  title: z.string(),
  /** Set for a run, and for an evaluation of a run's adapter. */
  runId: RunId.nullable(),
  experimentId: ExperimentId.nullable(),
  /** What an evaluation was asked to do; null for the other kinds. */
  evaluation: EvaluationRequest.nullable(),
  createdAt: Timestamp,
  startedAt: Timestamp.nullable(),
  /**
   * True for an entry that is left alone until you ask for it: Atelier ended unexpectedly, several times, while it
   * worked on it, so it may be the cause.
   */
  held: z.boolean(),
  /** Known only for the entry this process is working on. */
  progress: Progress.nullable(),
});
export type QueueEntry = z.output<typeof QueueEntry>;

/** `to`: the new position among the waiting entries, 0 = next. A number beyond the last entry means the end. */
export const MoveRequest = z.object({ entryId: QueueEntryId, to: z.int().nonnegative() });
