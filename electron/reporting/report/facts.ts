/** @file What a report's page shows of evaluations, answers and credits. */
import { z } from 'zod';
import { EvaluationItem, type EvaluationSummary } from '../../contract/model/evaluations.ts';
import { Proportion, SampleId } from '../../contract/model/primitives.ts';

/** One side of the comparison: counts first, the interval beside them. */
export const Side = z.object({
  evaluationId: z.string(),
  correct: z.int(),
  n: z.int(),
  value: z.number(),
  /** Wilson 95% interval of the share. */
  interval: z.tuple([z.number(), z.number()]),
  /** The share with answers without tags read, too; null in a report of earlier versions. */
  lenient: Proportion.nullable().default(null),
  formatShare: z.number(),
  unparsed: z.int(),
  thinkRate: z.number(),
  meanTokens: z.number(),
});
export type Side = z.infer<typeof Side>;

const Answer = EvaluationItem.pick({ text: true, verdict: true, formatOk: true });

export const ReportSample = z.object({
  sampleId: SampleId,
  imageName: z.string(),
  /** `data:` address of the picture (scaled down if large); null if it could not be read. */
  image: z.string().nullable(),
  question: z.string(),
  reference: z.string(),
  licence: z.string().nullable(),
  authors: z.array(z.string()),
  base: Answer,
  tuned: Answer,
});
export type ReportSample = z.infer<typeof ReportSample>;

export const Credit = z.object({
  licence: z.string().nullable(),
  pictures: z.int(),
  authors: z.array(z.string()),
});
export type Credit = z.infer<typeof Credit>;

export function sideOf(evaluation: EvaluationSummary): Side {
  const { accuracy } = evaluation;
  return {
    evaluationId: evaluation.id,
    correct: accuracy.correct,
    n: accuracy.n,
    value: accuracy.value,
    interval: [accuracy.low, accuracy.high],
    lenient: evaluation.lenient,
    formatShare: evaluation.format.value,
    unparsed: evaluation.unparsed,
    thinkRate: evaluation.thinkRate,
    meanTokens: evaluation.meanTokens,
  };
}
