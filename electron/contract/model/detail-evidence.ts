/** @file Whether answers depend on detail that a limit loses: the base model's accuracy at two limits, as measured. */
import { z } from 'zod';
import { EvaluationSummary } from './evaluations.ts';
import { PairedComparison } from './paired-comparison.ts';

export const DetailEvidence = z.object({
  lower: EvaluationSummary,
  higher: EvaluationSummary,
  /** The higher limit compared with the lower one, question by question. */
  comparison: PairedComparison,
  /** True if the higher limit is better, so that answers depend on what the lower one loses. */
  lossy: z.boolean(),
  sentence: z.string(),
});
export type DetailEvidence = z.infer<typeof DetailEvidence>;
