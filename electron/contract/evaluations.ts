/** @file Evaluations: greedy answers on held-out samples, item by item, with counts and intervals. */
import { z } from 'zod';
import {
  DatasetId,
  EvaluationId,
  ModelId,
  Progress,
  Proportion,
  RunId,
  SampleId,
  Split,
  Task,
  Timestamp,
} from './primitives.ts';

export const EvaluationItem = z.object({
  sampleId: SampleId,
  text: z.string(),
  verdict: z.enum(['correct', 'wrong', 'unparsed']),
  formatOk: z.boolean(),
  tokens: z.int(),
});
export type EvaluationItem = z.infer<typeof EvaluationItem>;

export const EvaluationSummary = z.object({
  id: EvaluationId,
  modelId: ModelId,
  /** Null for the base model; else the run whose adapter was on, at `step`. */
  runId: RunId.nullable(),
  step: z.int().nullable(),
  datasetId: DatasetId,
  split: Split,
  createdAt: Timestamp,
  accuracy: Proportion,
  format: Proportion,
  unparsed: z.int(),
  thinkRate: z.number(),
  meanTokens: z.number(),
  byTask: z.array(z.object({ task: Task, accuracy: Proportion })),
});
export type EvaluationSummary = z.infer<typeof EvaluationSummary>;

export const EvaluationRequest = z.object({
  modelId: ModelId,
  runId: RunId.optional(),
  datasetId: DatasetId,
  split: Split.default('test'),
  /** 0 = every sample of the split. */
  limit: z.int().min(0).default(0),
});
export type EvaluationRequest = z.input<typeof EvaluationRequest>;

export const EvaluationEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: Progress }),
  z.object({ type: z.literal('done'), evaluation: EvaluationSummary }),
]);
export type EvaluationEvent = z.infer<typeof EvaluationEvent>;
