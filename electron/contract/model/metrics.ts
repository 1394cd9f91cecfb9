/**
 * @file Metrics of answers that can be partly right: what each measures, with the version of its formula. Higher is
 * better in all of them, and 1 is best.
 */
import { z } from 'zod';
import { PairedVerdict } from './paired-comparison.ts';

export const MetricName = z.enum([
  'tag-f1',
  'character-match',
  'word-match',
  'field-f1',
  'order-agreement',
  'facts',
  'chrf',
  'rouge-l',
  'box-overlap',
  'box-f1',
  'point-hits',
]);
export type MetricName = z.infer<typeof MetricName>;

/** How much of one answer is right, by metric, from 0 to 1. */
export const AnswerMetrics = z.partialRecord(MetricName, z.number().min(0).max(1));
export type AnswerMetrics = z.infer<typeof AnswerMetrics>;

/** The mean of a metric over answers, with Student's 95% interval; null with one answer. */
export const MetricMean = z.object({
  n: z.int().positive(),
  mean: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});
export type MetricMean = z.infer<typeof MetricMean>;

/** How a metric of the second set of answers differs from that of the first, question by question. */
export const MetricDifference = z.object({
  /** Questions both answered, and those whose answers differ in the metric. */
  n: z.int().positive(),
  changed: z.int().nonnegative(),
  /** Mean of second − first, with Student's 95% interval. */
  value: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** Student's t-test of paired answers, two-sided; null with one question. */
  p: z.number().nullable(),
  /** `undecided` unless the interval excludes 0, p < 0.05 and at least six answers changed. */
  verdict: PairedVerdict,
});
export type MetricDifference = z.infer<typeof MetricDifference>;

/** A metric of one evaluation. */
export const MetricFigure = MetricMean.extend({
  name: MetricName,
  /** Always the same answer: the one that scores best of the likely ones, against the model. Null if none was tried. */
  noLook: z.object({ answer: z.string(), mean: z.number(), difference: MetricDifference }).nullable(),
});
export type MetricFigure = z.infer<typeof MetricFigure>;

/** A metric of two sets of answers to the same questions. */
export const MetricComparison = z.object({
  name: MetricName,
  first: MetricMean,
  second: MetricMean,
  difference: MetricDifference,
});
export type MetricComparison = z.infer<typeof MetricComparison>;
