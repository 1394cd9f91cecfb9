/** @file Readiness of data: what a person should know of the chosen datasets before a run is started. */
import { z } from 'zod';
import { DatasetId } from './primitives.ts';

export const ReadinessRequest = z.object({
  /** What would train. */
  datasetId: DatasetId,
  /** What would test, besides its own held-out samples; absent = every other dataset in sight. */
  testOn: z.array(DatasetId).max(200).optional(),
});
export type ReadinessRequest = z.infer<typeof ReadinessRequest>;

/** A dataset whose held-out samples ask about images that train, or that look like one that trains. */
export const TestLeakage = z.object({
  datasetId: DatasetId,
  name: z.string(),
  /** Distinct test images that train with the very same bytes, and those that only look like one that trains. */
  same: z.int(),
  near: z.int(),
  /** Test samples that ask about these images, and all test samples that may be asked. */
  samples: z.int(),
  of: z.int(),
});
export type TestLeakage = z.infer<typeof TestLeakage>;

export const Readiness = z.object({
  datasetId: DatasetId,
  /** Skews that stand out, those included that let a model guess without looking. */
  balance: z.array(z.string()),
  /** Datasets that were compared, this one first. */
  compared: z.array(z.object({ datasetId: DatasetId, name: z.string() })),
  /** Only those that leak; this dataset first. */
  leakage: z.array(TestLeakage),
});
export type Readiness = z.infer<typeof Readiness>;
