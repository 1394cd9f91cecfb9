/** @file Looking after a dataset: duplicates, leakage between train and test, splits, edits and their undo. */
import { z } from 'zod';
import { DatasetSummary } from './datasets.ts';
import { DatasetId, SampleId, Sha256, Split, Task, Timestamp } from './primitives.ts';
import { SignalVerdict } from './signals.ts';

/** Selects samples of a dataset; every given condition must hold. No conditions = all of them. */
export const SampleFilter = z.object({
  split: Split.optional(),
  /** Null selects the samples whose licence is not known. */
  licence: z.string().nullable().optional(),
  task: Task.optional(),
  tag: z.string().min(1).optional(),
  author: z.string().min(1).optional(),
  /** The verdict from the image's signals. */
  verdict: SignalVerdict.optional(),
  /** Part of the question, the answer or the image's name; case does not matter. */
  search: z.string().min(1).max(200).optional(),
});
export type SampleFilter = z.infer<typeof SampleFilter>;

/** One image of a group of duplicates, represented by one sample that shows it. */
export const DuplicateMember = z.object({
  sampleId: SampleId,
  datasetId: DatasetId,
  datasetName: z.string(),
  imageSha256: Sha256,
  imageName: z.string(),
  width: z.int(),
  height: z.int(),
  split: Split,
  verdict: SignalVerdict,
  /** Samples of that dataset that ask about this image. */
  samples: z.int(),
  /** Bits of the perceptual hash in which it differs from the most similar other image of the group, of 64. */
  distance: z.int().min(0).max(64),
});
export type DuplicateMember = z.infer<typeof DuplicateMember>;

/**
 * `same` = identical bytes under several names or in several datasets; `near` = different bytes that look alike. Near
 * is a hint to check, never a fact.
 */
export const DuplicateKind = z.enum(['same', 'near']);
export type DuplicateKind = z.infer<typeof DuplicateKind>;

export const DuplicateGroup = z.object({
  kind: DuplicateKind,
  members: z.array(DuplicateMember).min(2),
  /** Largest distance between two members that links the group. */
  distance: z.int().min(0).max(64),
  /** True if one member is used for training and another for testing. */
  leaks: z.boolean(),
  /** True if one member's image opts out of training while another, very similar one says nothing. */
  optOutNearby: z.boolean(),
});
export type DuplicateGroup = z.infer<typeof DuplicateGroup>;

export const DuplicatesRequest = z.object({
  datasetId: DatasetId,
  /** Bits that may differ, of 64; absent = the documented threshold. At most 7: the index finds no more. */
  maxDistance: z.int().min(0).max(7).optional(),
  /** Also searches the other datasets. */
  across: z.boolean().default(false),
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(500).default(100),
});
export type DuplicatesRequest = z.infer<typeof DuplicatesRequest>;

export const DuplicatesReport = z.object({
  datasetId: DatasetId,
  maxDistance: z.int(),
  /** Distinct images that were compared, and those that were not because they are too plain to tell apart by hash. */
  images: z.int(),
  plainImages: z.int(),
  total: z.int(),
  groups: z.array(DuplicateGroup),
});
export type DuplicatesReport = z.infer<typeof DuplicatesReport>;

export const LeakageRequest = z.object({
  datasetId: DatasetId,
  /** Other datasets to compare with; absent = every visible dataset. Empty = only this one. */
  against: z.array(DatasetId).max(200).optional(),
  maxDistance: z.int().min(0).max(7).optional(),
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(500).default(100),
});
export type LeakageRequest = z.infer<typeof LeakageRequest>;

/** A training image and an identical or very similar test image. */
export const LeakagePair = z.object({
  kind: DuplicateKind,
  distance: z.int().min(0).max(64),
  train: DuplicateMember,
  test: DuplicateMember,
});
export type LeakagePair = z.infer<typeof LeakagePair>;

export const LeakageReport = z.object({
  datasetId: DatasetId,
  maxDistance: z.int(),
  /** Datasets that were compared, this one first. */
  compared: z.array(z.object({ datasetId: DatasetId, name: z.string() })),
  total: z.int(),
  /** Test samples, in any dataset, whose answer may have been seen in training. */
  testSamples: z.int(),
  pairs: z.array(LeakagePair),
});
export type LeakageReport = z.infer<typeof LeakageReport>;

/** Values to filter and group by, with counts; most frequent first, at most 200 each. */
export const DatasetFacets = z.object({
  tasks: z.array(z.object({ value: Task, samples: z.int() })),
  tags: z.array(z.object({ value: z.string(), samples: z.int() })),
  authors: z.array(z.object({ value: z.string(), samples: z.int() })),
  licences: z.array(z.object({ value: z.string().nullable(), samples: z.int() })),
  verdicts: z.array(z.object({ value: SignalVerdict, samples: z.int() })),
  /** Columns to split by: `author`, `source`, `folder` and the table's other columns. `groups` = distinct values. */
  columns: z.array(z.object({ name: z.string(), groups: z.int(), empty: z.int() })),
});
export type DatasetFacets = z.infer<typeof DatasetFacets>;

const Tag = z.string().trim().min(1).max(60);

/** What an edit sets; absent fields stay unchanged. */
export const SampleChange = z.object({
  addTags: z.array(Tag).max(50).optional(),
  removeTags: z.array(Tag).max(50).optional(),
  /** SPDX expression; null = not known. */
  licence: z.string().trim().max(500).nullable().optional(),
  authors: z.array(z.string().trim().min(1).max(200)).max(50).optional(),
  split: Split.optional(),
  answer: z.string().trim().min(1).max(20_000).optional(),
  task: Task.optional(),
});
export type SampleChange = z.infer<typeof SampleChange>;

export const EditRequest = z.object({
  datasetId: DatasetId,
  /** These samples, or all that match a filter. */
  select: z.union([z.object({ sampleIds: z.array(SampleId).min(1).max(100_000) }), z.object({ filter: SampleFilter })]),
  set: SampleChange,
  /** Why; kept with the edit and in the audit log. */
  note: z.string().trim().max(500).optional(),
});
export type EditRequest = z.infer<typeof EditRequest>;

export const SplitRequest = z.object({
  datasetId: DatasetId,
  by: z.discriminatedUnion('kind', [
    /** By a hash of seed and image: the same image always lands on the same side. */
    z.object({ kind: z.literal('seed') }),
    /** Samples with an equal value of the column stay on one side; see `datasets.facets` for the columns. */
    z.object({ kind: z.literal('group'), column: z.string().min(1) }),
  ]),
  testShare: z.number().min(0).max(0.9).default(0.2),
  seed: z.int().default(7),
  /** Very similar images stay on one side too. */
  keepSimilarTogether: z.boolean().default(true),
  /** Only report what would happen. */
  dryRun: z.boolean().default(false),
});
export type SplitRequest = z.infer<typeof SplitRequest>;

/** One change to a dataset. It can be undone as long as no later edit has changed any of its samples. */
export const DatasetEdit = z.object({
  id: z.string(),
  datasetId: DatasetId,
  at: Timestamp,
  kind: z.enum(['edit', 'split', 'undo']),
  /** In words: what was changed, and on how many samples. */
  summary: z.string(),
  note: z.string().nullable(),
  samples: z.int(),
  snapshotBefore: Sha256,
  snapshotAfter: Sha256,
  /** The undo that reverted it; null = still in effect. */
  undoneBy: z.string().nullable(),
  undoable: z.boolean(),
});
export type DatasetEdit = z.infer<typeof DatasetEdit>;

export const EditResult = z.object({
  /** Null if nothing had to change, or in a dry run. */
  edit: DatasetEdit.nullable(),
  changed: z.int(),
  dataset: DatasetSummary,
});
export type EditResult = z.infer<typeof EditResult>;

export const SplitResult = EditResult.extend({
  train: z.int(),
  test: z.int(),
  groups: z.int(),
  warnings: z.array(z.string()),
});
export type SplitResult = z.infer<typeof SplitResult>;
