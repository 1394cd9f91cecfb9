/** @file Balance: who and what a dataset over-represents, and what a model could guess without looking. */
import { z } from 'zod';
import { DatasetId, Proportion, Task } from './primitives.ts';

export const BalanceLevel = z.enum(['fine', 'notice', 'warning']);
export type BalanceLevel = z.infer<typeof BalanceLevel>;

export const BalanceDimensionKind = z.enum(['author', 'source', 'licence', 'task', 'answer', 'subject', 'tag']);

export const BalanceDimension = z.object({
  kind: BalanceDimensionKind,
  /** For `tag` and `subject`: the column it was read from; for `answer`: the task; else empty. */
  of: z.string(),
  /** Most frequent first, at most 24; `null` = not known. */
  values: z.array(z.object({ value: z.string().nullable(), samples: z.int(), share: z.number() })),
  distinct: z.int(),
  /** How many equally frequent values would be as diverse: exp of the entropy. */
  effective: z.number(),
  /** Gini coefficient of the counts: 0 = all equally often, near 1 = nearly everything is one value. */
  gini: z.number(),
  level: BalanceLevel,
  /** What the figures mean, in plain words. */
  sentence: z.string(),
});
export type BalanceDimension = z.infer<typeof BalanceDimension>;

export const AnswerPrior = z.object({
  task: Task,
  /** The answer that is right most often in training. */
  answer: z.string(),
  /** Accuracy of always giving it, on the held-out samples (or the training samples if there are none). */
  accuracy: Proportion,
  measuredOn: z.enum(['test', 'train']),
});
export type AnswerPrior = z.infer<typeof AnswerPrior>;

export const BlindBaseline = z.object({
  task: Task,
  /** Cross-validated accuracy of a model that reads the question's words but never the image. */
  accuracy: Proportion,
  /** Accuracy of always giving the most frequent answer, in the same folds. */
  prior: Proportion,
  /** The method in a sentence. */
  method: z.string(),
  level: BalanceLevel,
  /** "Without looking at an image, the words of the question alone give 41% of the right answers to counting questions …" */
  sentence: z.string(),
});
export type BlindBaseline = z.infer<typeof BlindBaseline>;

export const BalanceReport = z.object({
  datasetId: DatasetId,
  /** Samples that training may use, and held-out ones. */
  train: z.int(),
  test: z.int(),
  dimensions: z.array(BalanceDimension),
  priors: z.array(AnswerPrior),
  blind: z.array(BlindBaseline),
  /** What you should know before starting a run; empty if nothing stands out. */
  warnings: z.array(z.string()),
});
export type BalanceReport = z.infer<typeof BalanceReport>;
