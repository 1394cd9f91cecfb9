/** @file evaluation.json: the base and tuned models' answers, item by item, with counts and intervals. */
import { z } from 'zod';
import { EvaluationItem, EvaluationSummary, type NoLook, type Proportion } from '../../contract/api/index.ts';

export const EvaluationRecord = z.strictObject({ summary: EvaluationSummary, items: z.array(EvaluationItem) });
export type EvaluationRecord = z.infer<typeof EvaluationRecord>;

/** `base` and `tuned` answered the same questions; `others` are further evaluations of the same weights. */
export const EvaluationFile = z.strictObject({
  version: z.literal(1),
  base: EvaluationRecord.nullable(),
  tuned: EvaluationRecord.nullable(),
  others: z.array(EvaluationRecord),
});
export type EvaluationFile = z.infer<typeof EvaluationFile>;

/** Null if the counts follow from the items; otherwise what does not. */
export function faultOfCounts({ summary, items }: EvaluationRecord): string | null {
  const correct = items.filter((item) => item.verdict === 'correct').length;
  const unparsed = items.filter((item) => item.verdict === 'unparsed').length;
  const formatOk = items.filter((item) => item.formatOk).length;
  const { accuracy, format } = summary;
  if (accuracy.n !== items.length || accuracy.correct !== correct) {
    return `it says ${accuracy.correct} of ${accuracy.n} correct, but its items give ${correct} of ${items.length}`;
  }
  if (format.n !== items.length || format.correct !== formatOk) {
    return `it says ${format.correct} of ${format.n} in the required format, but its items give ${formatOk} of ${items.length}`;
  }
  if (summary.unparsed !== unparsed)
    return `it says ${summary.unparsed} unreadable answers, but its items give ${unparsed}`;
  return summary.noLook === null ? null : faultOfNoLook(summary.noLook, accuracy);
}

/** The comparison with guessing must be about these answers and about the better way of guessing. */
function faultOfNoLook(
  { constant, questionOnly, best, comparison }: NoLook,
  { correct, n }: Proportion,
): string | null {
  const guessed = best === 'constant' ? constant.accuracy : questionOnly;
  const { both, gained, lost } = comparison;
  const holds = comparison.n === n && both + gained === correct && both + lost === guessed?.correct && guessed.n === n;
  return holds ? null : 'its comparison with guessing does not follow from the counts';
}
