/** @file Datasets and samples, and what import tells about each row. */
import { z } from 'zod';
import { DatasetId, Progress, SampleId, Sha256, Split, Task, Timestamp } from './primitives.ts';
import { Exclusion, Override, RightsSource, Signal, SignalKind, SignalValue, SignalVerdict } from './signals.ts';

/** One artwork or picture that an image was made from. An image of one's own has a single source: itself. */
export const Source = z.object({
  title: z.string(),
  author: z.string().nullable(),
  /** SPDX id or expression, or `LicenseRef-…`; null means that it is not known, never that it is free. */
  licence: z.string().nullable(),
  url: z.string().nullable(),
});
export type Source = z.infer<typeof Source>;

export const Sample = z.object({
  id: SampleId,
  datasetId: DatasetId,
  /** Position in the import file; the order that screens show. */
  position: z.int().nonnegative(),
  imageSha256: Sha256,
  imageName: z.string(),
  width: z.int().positive(),
  height: z.int().positive(),
  task: Task,
  prompt: z.string(),
  answer: z.string(),
  split: Split,
  /** SPDX expression for the whole image; null = unknown. */
  licence: z.string().nullable(),
  authors: z.array(z.string()),
  sources: z.array(Source),
  /** Other columns of the row, kept verbatim. */
  extra: z.record(z.string(), z.unknown()),
  licenceSource: RightsSource.nullable().default(null),
  authorsSource: RightsSource.nullable().default(null),
  /** What the image says about its own use, and what that comes to. None found = unknown, never consent. */
  signals: z.array(Signal).default([]),
  verdict: SignalVerdict.default('unknown'),
  /** Why training and evaluation leave it out; null = they use it. */
  excluded: Exclusion.nullable().default(null),
  /** A person's recorded decision to use it in spite of its opt-out. */
  override: Override.nullable().default(null),
});
export type Sample = z.infer<typeof Sample>;

/** A sample's part about rights and signals where nothing was said. */
export const NOTHING_SAID = {
  licenceSource: null,
  authorsSource: null,
  signals: [],
  verdict: 'unknown',
  excluded: null,
  override: null,
} satisfies Partial<Sample>;

export const LicenceCount = z.object({ licence: z.string().nullable(), samples: z.int() });

export const DatasetSummary = z.object({
  id: DatasetId,
  name: z.string(),
  createdAt: Timestamp,
  origin: z.string(),
  samples: z.int(),
  train: z.int(),
  test: z.int(),
  tasks: z.array(z.object({ task: Task, samples: z.int() })),
  licences: z.array(LicenceCount),
  authors: z.int(),
  /** Hash over the sorted sample records; changes when any of them changes. */
  snapshotSha256: Sha256,
  /** Images for the cover mosaic, spread over the dataset. */
  cover: z.array(SampleId),
  warnings: z.array(z.string()),
  /** Samples that training and evaluation leave out for now: their images opted out. */
  excluded: z.object({ train: z.int(), test: z.int() }).default({ train: 0, test: 0 }),
});
export type DatasetSummary = z.infer<typeof DatasetSummary>;

export const RowProblem = z.object({
  row: z.int().nullable(),
  file: z.string().nullable(),
  field: z.string().nullable(),
  reason: z.string(),
});
export type RowProblem = z.infer<typeof RowProblem>;

/** Columns that are recognised; each holds the name of the column in the person's file. */
export const ColumnMapping = z.object({
  image: z.string(),
  prompt: z.string(),
  answer: z.string(),
  task: z.string().optional(),
  split: z.string().optional(),
  licence: z.string().optional(),
  author: z.string().optional(),
  source: z.string().optional(),
});
export type ColumnMapping = z.infer<typeof ColumnMapping>;

export const ImportRequest = z.object({
  /** A folder with `metadata.jsonl`/`.csv` (or one other table), or the table itself. */
  path: z.string().min(1),
  name: z.string().min(1).max(200).optional(),
  mapping: ColumnMapping.partial().optional(),
  task: Task.optional(),
  /** Share of rows that go to the test split where the file names none. */
  testShare: z.number().min(0).max(0.9).default(0.2),
  seed: z.int().default(7),
  /** What to do with rows that cannot be used: stop (nothing is imported) or leave them out, listed. */
  onProblem: z.enum(['stop', 'skip']).default('stop'),
});
export type ImportRequest = z.infer<typeof ImportRequest>;

/** What an import would do or did. Nothing is written by a dry run. */
export const ImportReport = z.object({
  table: z.string(),
  mapping: ColumnMapping,
  rowsRead: z.int(),
  rowsUsable: z.int(),
  problems: z.array(RowProblem),
  warnings: z.array(z.string()),
  imagesFound: z.int(),
  imagesMissing: z.int(),
  duplicates: z.int(),
  licences: z.array(LicenceCount),
  preview: z.array(z.object({ imageName: z.string(), prompt: z.string(), answer: z.string(), split: Split })),
  /** Usable rows whose images opted out of training: imported, but left out of it. */
  optedOut: z.int().default(0),
  /** What the images say about their use, by kind and value. */
  signals: z.array(z.object({ kind: SignalKind, value: SignalValue, images: z.int() })).default([]),
});
export type ImportReport = z.infer<typeof ImportReport>;

export const ImportEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: Progress }),
  z.object({ type: z.literal('done'), dataset: DatasetSummary, report: ImportReport }),
]);
export type ImportEvent = z.infer<typeof ImportEvent>;

export const SamplePage = z.object({ total: z.int(), samples: z.array(Sample) });
