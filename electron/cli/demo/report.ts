/** @file The facts of a demo's report: `report.json` stores them, `report.html` shows them. */
import { z } from 'zod';
import { DatasetSummary } from '../../contract/model/datasets.ts';
import type { EvaluationSummary } from '../../contract/model/evaluations.ts';
import { EvaluationItem, NoLook, PassComparison, WhatChanged } from '../../contract/model/evaluations.ts';
import { ExportSummary, VerifyReport } from '../../contract/model/exports.ts';
import { ModelSummary } from '../../contract/model/models.ts';
import { PairedComparison } from '../../contract/model/paired-comparison.ts';
import { Proportion, SampleId, Sha256, Timestamp } from '../../contract/model/primitives.ts';
import { Recipe } from '../../contract/model/recipe.ts';
import { RunSummary, StepMetrics } from '../../contract/model/runs.ts';

/** One side of the comparison: counts first, the interval beside them. */
const Side = z.object({
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

export const DemoReport = z.object({
  format: z.literal('atelier-demo-report/2'),
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
  /** The run's own comparison of tuned with base. */
  comparison: PairedComparison,
  /** What can be answered without looking; null in a report of earlier versions. */
  noLook: NoLook.nullable().default(null),
  /** The comparison in a sentence for newcomers. */
  sentence: z.string(),
  /** Why answers were gained and lost; null, and no sentences, in a report of earlier versions. */
  change: WhatChanged.nullable().default(null),
  /** What both models get right in some of several sampled answers. */
  passAtK: PassComparison.nullable().default(null),
  changeSentences: z.array(z.string()).default([]),
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
    lenient: evaluation.lenient,
    formatShare: evaluation.format.value,
    unparsed: evaluation.unparsed,
    thinkRate: evaluation.thinkRate,
    meanTokens: evaluation.meanTokens,
  };
}
