/** @file The report of a demo: the facts that `report.json` holds and `report.html` shows. */
import { z } from 'zod';
import { DatasetSummary } from '../../contract/model/datasets.ts';
import type { EvaluationSummary } from '../../contract/model/evaluations.ts';
import { EvaluationItem } from '../../contract/model/evaluations.ts';
import { ExportSummary, VerifyReport } from '../../contract/model/exports.ts';
import { ModelSummary } from '../../contract/model/models.ts';
import { SampleId, Sha256, Timestamp } from '../../contract/model/primitives.ts';
import { Recipe } from '../../contract/model/recipe.ts';
import { RunSummary, StepMetrics } from '../../contract/model/runs.ts';
import type { PairedCounts } from '../../method/statistics.ts';
import { mcnemar, pairedCounts, pairedDifference } from '../../method/statistics.ts';

/** One side of the comparison: counts first, the interval beside them. */
const Side = z.object({
  evaluationId: z.string(),
  correct: z.int(),
  n: z.int(),
  value: z.number(),
  /** Wilson 95% interval of the share. */
  interval: z.tuple([z.number(), z.number()]),
  formatShare: z.number(),
  unparsed: z.int(),
  thinkRate: z.number(),
  meanTokens: z.number(),
});
export type Side = z.infer<typeof Side>;

const Paired = z.object({
  n: z.int(),
  both: z.int(),
  onlyBase: z.int(),
  onlyTuned: z.int(),
  neither: z.int(),
  difference: z.object({ value: z.number(), low: z.number(), high: z.number() }),
  /** McNemar, two-sided. */
  exactP: z.number(),
  midP: z.number(),
});
export type Paired = z.infer<typeof Paired>;

const Answer = EvaluationItem.pick({ text: true, verdict: true, formatOk: true });

export const ReportSample = z.object({
  sampleId: SampleId,
  imageName: z.string(),
  /** `data:` address of the picture (made smaller where it is large); null when it could not be read. */
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

export const DemoReport = z.object({
  format: z.literal('atelier-demo-report/1'),
  createdAt: Timestamp,
  atelierVersion: z.string(),
  device: z.string().nullable(),
  seed: z.int(),
  dataset: DatasetSummary.omit({ cover: true }),
  model: ModelSummary,
  run: RunSummary.pick({ id: true, name: true, method: true, step: true, steps: true }),
  recipe: Recipe,
  recipeSha256: Sha256,
  base: Side,
  tuned: Side,
  paired: Paired,
  /** `better` and `worse` only when the interval of the paired difference leaves 0 out and the exact p is below 0.05. */
  finding: z.enum(['better', 'worse', 'inside-the-noise']),
  sentence: z.string(),
  steps: z.array(StepMetrics),
  seconds: z.record(z.string(), z.number()),
  paths: z.object({
    baseModel: z.string(),
    adapter: z.string(),
    bundle: z.string(),
    home: z.string(),
    reportHtml: z.string(),
    reportJson: z.string(),
  }),
  bundle: ExportSummary,
  verification: VerifyReport,
  credits: z.array(Credit),
  samples: z.array(ReportSample),
});
export type DemoReport = z.infer<typeof DemoReport>;

export function sideOf(evaluation: EvaluationSummary): Side {
  const { accuracy } = evaluation;
  return {
    evaluationId: evaluation.id,
    correct: accuracy.correct,
    n: accuracy.n,
    value: accuracy.value,
    interval: [accuracy.low, accuracy.high],
    formatShare: evaluation.format.value,
    unparsed: evaluation.unparsed,
    thinkRate: evaluation.thinkRate,
    meanTokens: evaluation.meanTokens,
  };
}

/** Compares the two evaluations question by question. */
export function compare(base: readonly EvaluationItem[], tuned: readonly EvaluationItem[]): Paired {
  const correct = (items: readonly EvaluationItem[]): Map<string, boolean> =>
    new Map(items.map((item) => [item.sampleId, item.verdict === 'correct']));
  const counts: PairedCounts = pairedCounts(correct(base), correct(tuned));
  return {
    n: counts.both + counts.onlyFirst + counts.onlySecond + counts.neither,
    both: counts.both,
    onlyBase: counts.onlyFirst,
    onlyTuned: counts.onlySecond,
    neither: counts.neither,
    difference: pairedDifference(counts),
    ...mcnemar(counts),
  };
}

/** What the comparison says, in one word and in one sentence that a newcomer can read. */
export function findingOf(paired: Paired): Pick<DemoReport, 'finding' | 'sentence'> {
  const { difference, exactP, onlyBase, onlyTuned, n } = paired;
  const gain = onlyTuned - onlyBase;
  const changes = `It gained ${onlyTuned} answers and lost ${onlyBase} of ${n} held-out questions`;
  const beyond = exactP < 0.05 && (difference.low > 0 || difference.high < 0);
  if (!beyond) {
    return {
      finding: 'inside-the-noise',
      sentence: `${changes}: a difference this small could be chance (${pText(exactP)}), so this run shows no sure change.`,
    };
  }
  return gain > 0
    ? { finding: 'better', sentence: `${changes}: more than chance explains (${pText(exactP)}).` }
    : { finding: 'worse', sentence: `${changes}: it became worse, and not by chance (${pText(exactP)}).` };
}

export function pText(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`;
}
