/** @file Two sets of answers to the same questions: how often they differ, and what that shows. */
import { z } from 'zod';

/** How the second set of answers compares with the first. */
export const PairedVerdict = z.enum(['better', 'worse', 'undecided']);
export type PairedVerdict = z.infer<typeof PairedVerdict>;

export const PairedComparison = z.object({
  /** Questions both answered. */
  n: z.int().positive(),
  both: z.int().nonnegative(),
  /** Right in the first only. */
  lost: z.int().nonnegative(),
  /** Right in the second only. */
  gained: z.int().nonnegative(),
  neither: z.int().nonnegative(),
  /** Share of right answers, second − first, with Newcombe's paired 95% interval. */
  difference: z.object({ value: z.number(), low: z.number(), high: z.number() }),
  /** McNemar's test, two-sided: `exact` (binomial) below 25 changed answers, else `chi-squared` with Edwards' correction. */
  mcnemar: z.object({ method: z.enum(['exact', 'chi-squared']), p: z.number() }),
  /** `undecided` unless the interval excludes 0 and p < 0.05. */
  verdict: PairedVerdict,
});
export type PairedComparison = z.infer<typeof PairedComparison>;
