/** @file Data readiness: what you should know about the chosen datasets before starting a run. */
import { z } from 'zod';
import { DatasetId } from './primitives.ts';

export const ReadinessRequest = z.object({
  /** The dataset to train on. */
  datasetId: DatasetId,
  /** Datasets to test on besides its own held-out samples; absent = every other visible dataset. */
  testOn: z.array(DatasetId).max(200).optional(),
});
export type ReadinessRequest = z.infer<typeof ReadinessRequest>;

/** A dataset whose held-out samples ask about training images or images that resemble them. */
export const TestLeakage = z.object({
  datasetId: DatasetId,
  name: z.string(),
  /** Distinct test images that are identical to a training image, and those that only resemble one. */
  same: z.int(),
  near: z.int(),
  /** Test samples that ask about these images, and all available test samples. */
  samples: z.int(),
  of: z.int(),
});
export type TestLeakage = z.infer<typeof TestLeakage>;

export const Readiness = z.object({
  datasetId: DatasetId,
  /** Notable skews, including those that let a model guess without looking. */
  balance: z.array(z.string()),
  /** Datasets that were compared, this one first. */
  compared: z.array(z.object({ datasetId: DatasetId, name: z.string() })),
  /** Only those that leak; this dataset first. */
  leakage: z.array(TestLeakage),
});
export type Readiness = z.infer<typeof Readiness>;
