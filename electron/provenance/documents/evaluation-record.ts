/** @file evaluation.json: the base and tuned models' answers, item by item, with counts and intervals. */
import { z } from 'zod';
import {
  EvaluationItem,
  EvaluationSummary,
  SampleId,
  type NoLook,
  type Proportion,
  type WhatChanged,
} from '../../contract/api/index.ts';
import { metricMeans } from '../../method/metric-comparison.ts';
import { areRead, whatChanged } from '../../method/what-changed.ts';
import { METRIC_NAMES } from '../../reporting/metric-text.ts';

export const EvaluationRecord = z.strictObject({ summary: EvaluationSummary, items: z.array(EvaluationItem) });
export type EvaluationRecord = z.infer<typeof EvaluationRecord>;

/** How often the base model was right in several sampled answers to each question, read leniently. */
export const BaseSamples = z.strictObject({
  perQuestion: z.int().positive(),
  temperature: z.number(),
  seed: z.int(),
  right: z.array(z.strictObject({ sampleId: SampleId, right: z.int().nonnegative() })),
});
export type BaseSamples = z.infer<typeof BaseSamples>;

/**
 * `base` and `tuned` answered the same questions; `others` are further evaluations of the same weights. `baseSamples`:
 * absent if the base's answers were not sampled, and in bundles of earlier versions.
 */
export const EvaluationFile = z.strictObject({
  version: z.literal(1),
  base: EvaluationRecord.nullable(),
  tuned: EvaluationRecord.nullable(),
  others: z.array(EvaluationRecord),
  baseSamples: BaseSamples.optional(),
});
export type EvaluationFile = z.infer<typeof EvaluationFile>;

/** Why answers were gained and lost; null if nothing was compared, or in bundles of earlier versions. */
export function changeOf({ base, tuned, baseSamples }: EvaluationFile): WhatChanged | null {
  if (base === null || tuned === null || !areRead(base.items) || !areRead(tuned.items)) return null;
  const samples = new Map(
    baseSamples?.right.map(({ sampleId, right }) => [
      String(sampleId),
      Array.from({ length: baseSamples.perQuestion }, (_, draw) => draw < right),
    ]),
  );
  return whatChanged(base.items, tuned.items, samples);
}

/** Null if the sampled answers can be what they say; otherwise what cannot. */
export function faultOfSamples({ base, baseSamples }: EvaluationFile): string | null {
  if (baseSamples === undefined) return null;
  const asked = new Set(base?.items.map(({ sampleId }) => sampleId));
  const stray = baseSamples.right.filter(({ sampleId }) => !asked.has(sampleId)).length;
  if (stray > 0) return `${stray} of the questions with sampled answers were not asked`;
  const many = baseSamples.right.find(({ right }) => right > baseSamples.perQuestion);
  return many === undefined
    ? null
    : `${many.right} of ${baseSamples.perQuestion} sampled answers to ${many.sampleId} cannot be right`;
}

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
  // Summaries of earlier versions say nothing about the lenient reading.
  const lenient = (summary.lenient as Proportion | null | undefined) ?? null;
  const isLenient = items.filter((item) => item.lenient).length;
  if (lenient !== null && (lenient.n !== items.length || lenient.correct !== isLenient)) {
    return `it says ${lenient.correct} of ${lenient.n} correct when read leniently, but its items give ${isLenient} of ${items.length}`;
  }
  if (summary.unparsed !== unparsed)
    return `it says ${summary.unparsed} unreadable answers, but its items give ${unparsed}`;
  return faultOfMetrics(summary, items) ?? (summary.noLook === null ? null : faultOfNoLook(summary.noLook, accuracy));
}

/** Smaller differences come from adding up in another order. */
const ROUNDING = 1e-9;

function faultOfMetrics({ metrics = [] }: EvaluationSummary, items: readonly EvaluationItem[]): string | null {
  const means = metricMeans(items);
  const wrong = metrics.find(({ name, n, mean }) => {
    const own = means.get(name);
    return own?.n !== n || Math.abs(own.mean - mean) > ROUNDING;
  });
  return wrong === undefined ? null : `its mean of ${METRIC_NAMES[wrong.name]} does not follow from its items`;
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
