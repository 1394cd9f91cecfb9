/** @file The small schemas from which the rest of the contract is built. */
import { z } from 'zod';

/** Lower-case hex SHA-256 of some exact bytes. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Larger pictures are refused: they would not fit in one message of the loopback host. */
export const LARGEST_UPLOAD_BYTES = 10 * 1024 * 1024;

/** UTC time, ISO 8601, as written by `Date.prototype.toISOString`. */
export const Timestamp = z.iso.datetime();

export const DatasetId = z.string().min(1).brand<'DatasetId'>();
export const SampleId = z.string().min(1).brand<'SampleId'>();
export const ModelId = z.string().min(1).brand<'ModelId'>();
export const RunId = z.string().min(1).brand<'RunId'>();
export const EvaluationId = z.string().min(1).brand<'EvaluationId'>();
export const ExportId = z.string().min(1).brand<'ExportId'>();
export const ExperimentId = z.string().min(1).brand<'ExperimentId'>();
export const QueueEntryId = z.string().min(1).brand<'QueueEntryId'>();
export const HandoffId = z.string().min(1).brand<'HandoffId'>();
export type DatasetId = z.infer<typeof DatasetId>;
export type SampleId = z.infer<typeof SampleId>;
export type ModelId = z.infer<typeof ModelId>;
export type RunId = z.infer<typeof RunId>;
export type EvaluationId = z.infer<typeof EvaluationId>;
export type ExportId = z.infer<typeof ExportId>;
export type ExperimentId = z.infer<typeof ExperimentId>;
export type QueueEntryId = z.infer<typeof QueueEntryId>;
export type HandoffId = z.infer<typeof HandoffId>;

/** A name that a person gives. Blanks around it do not count, so that no name is invisible. */
export const GivenName = z.string().trim().min(1).max(200);

/** A kind of question; each task names the verifier that grades its answers. */
export const Task = z.enum(['counting', 'geometry', 'other']);
export type Task = z.infer<typeof Task>;

/** The datasets that ship with Atelier, by the name of their folder. */
export const StarterData = z.enum(['counting', 'geometry', 'two-step-counting', 'two-step-geometry']);
export type StarterData = z.infer<typeof StarterData>;

/** Small examples of learning tasks, drawn at the moment when they are asked for. */
export const TaskStarter = z.enum([
  'choose-one',
  'yes-no',
  'short-answer',
  'tags',
  'transcribe',
  'extract-fields',
  'order',
  'describe',
  'find-box',
  'find-point',
]);
export type TaskStarter = z.infer<typeof TaskStarter>;

export const Split = z.enum(['train', 'test']);
export type Split = z.infer<typeof Split>;

/** Progress of any long action. `total` is absent until known; seconds are an estimate. */
export const Progress = z.object({
  phase: z.string(),
  done: z.number().nonnegative(),
  total: z.number().positive().optional(),
  /** What is counted; absent = things, such as questions or files. */
  unit: z.literal('bytes').optional(),
  secondsLeft: z.number().nonnegative().optional(),
});
export type Progress = z.infer<typeof Progress>;

/** A proportion with its counts and Wilson 95% interval, so no screen can show one without the other. */
export const Proportion = z.object({
  correct: z.int().nonnegative(),
  n: z.int().nonnegative(),
  value: z.number(),
  low: z.number(),
  high: z.number(),
});
export type Proportion = z.infer<typeof Proportion>;

/** What stands before the conversation, in the chat template's role `system`. Empty in a request = none. */
export const SystemPrompt = z.string().max(20_000);
