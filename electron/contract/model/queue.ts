/** @file The queue: runs, evaluations and experiments wait here for their turn, in an order that a person can change. */
import { z } from 'zod';
import { EvaluationRequest } from './evaluations.ts';
import { ExperimentId, Progress, QueueEntryId, RunId, Timestamp } from './primitives.ts';

export const QueueKind = z.enum(['run', 'evaluation', 'experiment']);
export type QueueKind = z.infer<typeof QueueKind>;

/** One thing that waits or is worked on. An experiment is one entry, however many runs it has. */
export const QueueEntry = z.object({
  id: QueueEntryId,
  kind: QueueKind,
  status: z.enum(['waiting', 'working']),
  /** 0 for the first of the line; what is worked on comes first. */
  position: z.int().nonnegative(),
  title: z.string(),
  /** Named for a run, and for the run whose adapter an evaluation examines. */
  runId: RunId.nullable(),
  experimentId: ExperimentId.nullable(),
  /** What an evaluation was asked to do; null for the other kinds. */
  evaluation: EvaluationRequest.nullable(),
  createdAt: Timestamp,
  startedAt: Timestamp.nullable(),
  /** Known only for what this process works on. */
  progress: Progress.nullable(),
});
export type QueueEntry = z.output<typeof QueueEntry>;

/** `to`: the new place among the waiting entries, 0 = next. A larger number than there are entries means the end. */
export const MoveRequest = z.object({ entryId: QueueEntryId, to: z.int().nonnegative() });
