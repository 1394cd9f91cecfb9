/** @file Datasets and samples, and what an import reports about each row. */
import { z } from 'zod';
import { Detail } from './detail.ts';
import {
  DatasetId,
  GivenName,
  LARGEST_UPLOAD_BYTES,
  Progress,
  SampleId,
  Sha256,
  Split,
  Task,
  TaskStarter,
  Timestamp,
} from './primitives.ts';
import {
  Exclusion,
  Override,
  RightsSource,
  Signal,
  SignalKind,
  SignalValue,
  SignalVerdict,
  UnknownUse,
} from './signals.ts';

/** One artwork or picture that an image was made from. An original image has a single source: itself. */
export const Source = z.object({
  /** The file's name for an image without a title; empty for another work that was named without one. */
  title: z.string(),
  author: z.string().nullable(),
  /** SPDX id or expression, or `LicenseRef-…`; null means that it is not known, never that it is free. */
  licence: z.string().nullable(),
  url: z.string().nullable(),
  /** Where the work came from, in words, if the source that was stated is no web address. */
  place: z.string().optional(),
  /** The work's own copyright notice. */
  notice: z.string().optional(),
  /** How the work asks to be credited. */
  creditLine: z.string().optional(),
  /** The address to which the work asks its credit to lead. */
  creditUrl: z.string().optional(),
});
export type Source = z.infer<typeof Source>;

export const Sample = z.object({
  id: SampleId,
  datasetId: DatasetId,
  /** Position in the import file; screens use this order. */
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
  /** User-defined tags, in order. The model never sees them, and they are not part of the snapshot. */
  tags: z.array(z.string()).default([]),
  licenceSource: RightsSource.nullable().default(null),
  authorsSource: RightsSource.nullable().default(null),
  /** What the image says about its own use, with the resulting verdict. None found = unknown, never consent. */
  signals: z.array(Signal).default([]),
  verdict: SignalVerdict.default('unknown'),
  /** Why training and evaluation exclude it; null = they use it. */
  excluded: Exclusion.nullable().default(null),
  /** The user's recorded decision to use it despite its opt-out. */
  override: Override.nullable().default(null),
});
export type Sample = z.infer<typeof Sample>;

/** A sample's fields for rights, signals and tags if nothing was stated. */
export const NOTHING_SAID = {
  tags: [],
  licenceSource: null,
  authorsSource: null,
  signals: [],
  verdict: 'unknown',
  excluded: null,
  override: null,
} satisfies Partial<Sample>;

/**
 * How photographs with an EXIF orientation are shown: `upright` rotates them as viewers and transformers' `load_image`
 * do, `as-stored` keeps the pixels as they are in the file.
 */
export const ImageOrientation = z.enum(['upright', 'as-stored']);
export type ImageOrientation = z.infer<typeof ImageOrientation>;

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
  /** Samples that training and evaluation currently exclude because their images opted out. */
  excluded: z.object({ train: z.int(), test: z.int() }).default({ train: 0, test: 0 }),
  /** Images on both sides of the split, identical or similar; null = not checked yet (older imports). */
  leakage: z.object({ same: z.int(), near: z.int() }).nullable().default(null),
  /** Changes since the import that are still in effect. */
  edits: z.int().default(0),
  /** Chosen at import, for model and screen alike. Imports from before this choice existed are as stored. */
  orientation: ImageOrientation.default('as-stored'),
  /** What its import did with images that give no permission and refuse none. */
  unknownUse: UnknownUse.default('use'),
  /** How much of each picture a model sees unless a run says otherwise; null = the default. */
  detail: Detail.nullable().default(null),
  /** The learning task of which it is the drawn example. */
  example: TaskStarter.optional(),
});
export type DatasetSummary = z.infer<typeof DatasetSummary>;

export const RowProblem = z.object({
  row: z.int().nullable(),
  file: z.string().nullable(),
  field: z.string().nullable(),
  reason: z.string(),
});
export type RowProblem = z.infer<typeof RowProblem>;

/** Recognised columns; each field holds the name of the column in the user's file. */
export const ColumnMapping = z.object({
  image: z.string(),
  prompt: z.string(),
  answer: z.string(),
  task: z.string().optional(),
  split: z.string().optional(),
  licence: z.string().optional(),
  author: z.string().optional(),
  source: z.string().optional(),
  title: z.string().optional(),
});
export type ColumnMapping = z.infer<typeof ColumnMapping>;

/** Where the rows came from: the kind of file or folder. */
export const SourceFormat = z.enum(['jsonl', 'json', 'csv', 'parquet', 'folder']);
export type SourceFormat = z.infer<typeof SourceFormat>;

/** A file's contents before the import, for mapping its columns. */
export const TablePeek = z.object({
  /** The table, or the folder where there is none; inside a zip as `archive.zip/table`. */
  table: z.string(),
  format: SourceFormat,
  /** Such as `utf-8`, `utf-16le`, `windows-1252`; null if it has none (Parquet, folders). */
  encoding: z.string().nullable(),
  /** What separates the values of a CSV. */
  delimiter: z.enum([',', ';', '\t', '|']).nullable(),
  columns: z.array(z.object({ name: z.string(), example: z.string() })),
  /** The first rows as text, long values cut. */
  rows: z.array(z.record(z.string(), z.string())),
  /** Recognised fields; those absent were not recognised. */
  detected: z.object({
    image: z.string().optional(),
    prompt: z.string().optional(),
    answer: z.string().optional(),
    task: z.string().optional(),
    split: z.string().optional(),
    licence: z.string().optional(),
    author: z.string().optional(),
    source: z.string().optional(),
    title: z.string().optional(),
  }),
  /** Fields an import needs that neither a column nor a fixed value provides yet. */
  missing: z.array(z.enum(['image', 'prompt', 'answer'])),
  /** All tables in the folder or archive, if there is a choice (`ImportRequest.table`). */
  tables: z.array(z.string()),
});
export type TablePeek = z.infer<typeof TablePeek>;

/** Encodings of text tables that you may state where the guess is wrong. */
export const TextEncoding = z.enum([
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1250',
  'windows-1251',
  'windows-1252',
  'windows-1253',
  'windows-1254',
  'koi8-r',
  'gb18030',
  'big5',
  'shift_jis',
  'euc-jp',
  'euc-kr',
]);
export type TextEncoding = z.infer<typeof TextEncoding>;

/** `decimal-comma`: “1,234” is one and a bit and is stored with a point. `as-written`: it is one thousand and a bit. */
export const WrittenNumbers = z.enum(['as-written', 'decimal-comma']);
export type WrittenNumbers = z.infer<typeof WrittenNumbers>;

export const ImportRequest = z.object({
  /** A table (JSONL, JSON, CSV, Parquet), a folder with one, a folder tree of images, or a zip of any of these. */
  path: z.string().min(1),
  /** Which of several tables, as `TablePeek.tables` names it. */
  table: z.string().min(1).optional(),
  name: GivenName.optional(),
  /** The encoding of text tables; by default it is detected. */
  encoding: TextEncoding.optional(),
  mapping: ColumnMapping.partial().optional(),
  /** Defaults for rows that lack a value: a question for a folder tree, your own name and licence. */
  fixed: z
    .object({
      prompt: z.string().trim().min(1).max(20_000).optional(),
      licence: z.string().trim().min(1).max(500).optional(),
      author: z.string().trim().min(1).max(500).optional(),
    })
    .optional(),
  task: Task.optional(),
  /** Share of rows assigned to the test split if the file names none. */
  testShare: z.number().min(0).max(0.9).default(0.2),
  seed: z.int().default(7),
  /** Rows with an equal value here stay on one side: `author`, `source`, `folder`, or any column of the table. */
  splitBy: z.string().min(1).optional(),
  /** How photographs with an EXIF orientation are shown to the model and on the screen. */
  orientation: ImageOrientation.default('upright'),
  /** How numbers in the answers are written; absent: as the table shows, and if it does not, it is asked. */
  numbers: WrittenNumbers.optional(),
  /** What to do with images that give no permission to train and refuse none. */
  unknownUse: UnknownUse.default('use'),
  /** What to do with unusable rows: stop (nothing is imported), or skip and list them. */
  onProblem: z.enum(['stop', 'skip']).default('stop'),
});
export type ImportRequest = z.infer<typeof ImportRequest>;

/** A dry run can bring small pictures of what it found. */
export const InspectRequest = ImportRequest.extend({
  /** How many of each group to draw; absent = none. */
  thumbnails: z.int().min(0).max(24).optional(),
});
export type InspectRequest = z.infer<typeof InspectRequest>;

/** The longer side of such a picture. */
export const GLIMPSE_PX = 160;

/** A small picture of an image that nothing has imported yet. */
export const ImportGlimpse = z.object({
  /** The first usable images; those that opt out of training; those that look like another. */
  group: z.enum(['first', 'opted-out', 'alike']),
  name: z.string(),
  webp: z.base64(),
});
export type ImportGlimpse = z.infer<typeof ImportGlimpse>;

/** What an import did or would do. A dry run writes nothing. */
export const ImportReport = z.object({
  table: z.string(),
  mapping: ColumnMapping,
  rowsRead: z.int(),
  rowsUsable: z.int(),
  /** How many of the usable rows are held out for the test. */
  heldOut: z.int().default(0),
  /** The first problems, in file order; `problemsTotal` counts all of them. */
  problems: z.array(RowProblem),
  problemsTotal: z.int().default(0),
  warnings: z.array(z.string()),
  /** That exactly this data is here, so nothing was imported; absent = it was imported, or would be. */
  alreadyHere: z.string().optional(),
  /** What an import was added beside: earlier data of the same place, the same rows, or the same name. */
  standsBeside: z.array(z.string()).default([]),
  /** Why nothing can be trained on it as it is, where every training sample is left out. */
  stopsTraining: z.string().nullable().default(null),
  imagesFound: z.int(),
  imagesMissing: z.int(),
  duplicates: z.int(),
  licences: z.array(LicenceCount),
  preview: z.array(
    z.object({
      imageName: z.string(),
      prompt: z.string(),
      answer: z.string(),
      split: Split,
      /** Where the image was found, as shown to the user. */
      path: z.string().default(''),
    }),
  ),
  format: SourceFormat.default('jsonl'),
  columns: z.array(z.string()).default([]),
  /** Folders that relative paths were resolved against, with the images found in each; most first. */
  resolved: z.array(z.object({ folder: z.string(), images: z.int() })).default([]),
  /** Images that resemble an earlier one in this import, and those on both sides of its split. */
  nearDuplicates: z.int().default(0),
  leakage: z.object({ same: z.int(), near: z.int() }).default({ same: 0, near: 0 }),
  /** Usable rows whose images opted out of training: imported, but excluded from training. */
  optedOut: z.int().default(0),
  /** Usable rows left out of training and of tests, as their images say or until you decide. */
  excluded: z.object({ train: z.int(), test: z.int() }).default({ train: 0, test: 0 }),
  /** What the images say about their use, by kind and value. */
  signals: z.array(z.object({ kind: SignalKind, value: SignalValue, images: z.int() })).default([]),
  /** Answers with commas in their numbers: one of them and what it may be; null if there are none. */
  numbers: z
    .object({
      /** True while rows are refused until `ImportRequest.numbers` says how they are meant. */
      asks: z.boolean(),
      /** How many answers can be read in two ways. */
      answers: z.int(),
      example: z.string(),
      asWritten: z.number(),
      decimalComma: z.number(),
    })
    .nullable()
    .default(null),
  /** Only of a dry run that asked for them. */
  glimpses: z.array(ImportGlimpse).default([]),
});
export type ImportReport = z.infer<typeof ImportReport>;

export const ImportEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: Progress }),
  z.object({ type: z.literal('done'), dataset: DatasetSummary, report: ImportReport }),
]);
export type ImportEvent = z.infer<typeof ImportEvent>;

export const SamplePage = z.object({ total: z.int(), samples: z.array(Sample) });

/** One picture of a dataset with those of its questions that a filter selects. */
export const PictureTile = z.object({
  /** The first of the questions. */
  sample: Sample,
  /** In the order of the import file, this one included; at most `MOST_QUESTIONS_OF_A_TILE`. */
  questions: z.array(z.object({ id: SampleId, prompt: z.string(), answer: z.string() })),
  /** The samples of all of them. */
  ids: z.array(SampleId),
});
export type PictureTile = z.infer<typeof PictureTile>;

export const MOST_QUESTIONS_OF_A_TILE = 200;

/** Pictures in the order of their first question. */
export const PicturePage = z.object({
  /** Pictures that the filter selects, and their samples. */
  total: z.int(),
  samples: z.int(),
  pictures: z.array(PictureTile),
  /** Where the picture of the sample asked for is; null = none was asked for, or the filter leaves it out. */
  found: z.int().nullable(),
});
export type PicturePage = z.infer<typeof PicturePage>;

/** A folder of pasted pictures inside the data folder: the day and a number. */
const PastedFolderName = z.string().regex(/^\d{4}-\d\d-\d\d-\d{1,4}$/);

/** A picture from the clipboard, kept as a file so that it can be imported. */
export const PastedPicture = z.object({
  base64: z.base64().max(Math.ceil(LARGEST_UPLOAD_BYTES / 3) * 4),
  /** The name of the folder that an earlier call created, to add to it; absent = a new folder. */
  folder: PastedFolderName.optional(),
});
export type PastedPicture = z.infer<typeof PastedPicture>;

/** Where a pasted picture was kept. */
export const KeptPicture = z.object({ folder: PastedFolderName, folderPath: z.string(), file: z.string() });
export type KeptPicture = z.infer<typeof KeptPicture>;
