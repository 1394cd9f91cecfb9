/** @file The facts of a demo's report: `report.json` stores them, `report.html` shows them. */
import { z } from 'zod';
import { DatasetSummary } from '../../contract/model/datasets.ts';
import { NoLook, PassComparison, WhatChanged } from '../../contract/model/evaluations.ts';
import { ExportSummary, VerifyReport } from '../../contract/model/exports.ts';
import { ModelSummary } from '../../contract/model/models.ts';
import { PairedComparison } from '../../contract/model/paired-comparison.ts';
import { Sha256, Timestamp } from '../../contract/model/primitives.ts';
import { Recipe } from '../../contract/model/recipe.ts';
import { RunSummary, StepMetrics } from '../../contract/model/runs.ts';
import { Credit, ReportSample, Side } from '../../reporting/report/facts.ts';

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
