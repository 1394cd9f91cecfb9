/**
 * @file Metrics of answers that can be partly right: what each measures, with the version of its formula. Higher is
 * better in all of them, and 1 is best.
 */
import { z } from 'zod';

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
