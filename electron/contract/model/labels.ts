/**
 * @file Pictures that are being labelled: a sheet holds the pictures of a folder with the answers given so far. A sheet
 * is no dataset: what it holds is never trained on. A dataset is made from its answered pictures.
 */
import { z } from 'zod';
import { DatasetSummary, ImageOrientation, ImportReport } from './datasets.ts';
import { DatasetId, GivenName, ModelId, Progress, RunId, Sha256, Timestamp } from './primitives.ts';
import { UnknownUse } from './signals.ts';

export const SheetId = z.string().min(1).brand<'SheetId'>();
export type SheetId = z.infer<typeof SheetId>;

const Answer = z.string().max(20_000);
const Question = z.string().trim().min(1).max(20_000);
/** The id of a learning task (`LEARNING_TASKS`). */
const TaskId = z.string().min(1).max(60);

/** Who proposed an answer: a model, or a run's adapter on it, at a step. */
export const Proposal = z.object({
  answer: z.string(),
  model: z.string(),
  modelSha256: Sha256,
  runId: RunId.nullable(),
  runName: z.string().nullable(),
  step: z.int().nullable(),
  at: Timestamp,
});
export type Proposal = z.infer<typeof Proposal>;

/**
 * Where a sample's answer came from: the column `answer_origin` of its row, kept verbatim in `Sample.extra`. Absent for
 * answers that were not given in Atelier.
 */
export const AnswerOrigin = z.discriminatedUnion('by', [
  z.object({ by: z.literal('person'), at: Timestamp }),
  /** A model proposed `answer`; a person confirmed it, or corrected it to what the sample says. */
  Proposal.extend({ by: z.literal('model'), decidedAt: Timestamp }),
]);
export type AnswerOrigin = z.infer<typeof AnswerOrigin>;

/** One picture of a sheet. */
export const LabelItem = z.object({
  position: z.int().nonnegative(),
  imageSha256: Sha256,
  /** Relative to the folder. */
  name: z.string(),
  width: z.int().positive(),
  height: z.int().positive(),
  /** Its own question; null = the sheet's. */
  question: z.string().nullable(),
  /** Empty = no answer yet. */
  answer: z.string(),
  /** A person decided that it does not belong into the dataset. */
  leftOut: z.boolean(),
  /** What a model proposed. It counts for nothing until a person confirms or corrects it. */
  proposal: Proposal.nullable(),
  /** What an answer should be instead, in words, where the task cannot read this one; null = it can. */
  problem: z.string().nullable(),
  /** Why the picture itself says no to training; null = it does not. */
  optedOut: z.string().nullable(),
  answeredAt: Timestamp.nullable(),
});
export type LabelItem = z.infer<typeof LabelItem>;

export const LabelCounts = z.object({
  pictures: z.int(),
  /** With an answer that the task can read. */
  answered: z.int(),
  /** With a proposal that nobody has confirmed or corrected. */
  proposed: z.int(),
  leftOut: z.int(),
  /** With an answer that the task cannot read. */
  unreadable: z.int(),
});
export type LabelCounts = z.infer<typeof LabelCounts>;

export const LabelSheet = z.object({
  id: SheetId,
  name: z.string(),
  folder: z.string(),
  createdAt: Timestamp,
  task: TaskId,
  question: z.string(),
  /** Changes that can still be undone. */
  undoable: z.int(),
  counts: LabelCounts,
  /** The newest dataset that was made from it. */
  datasetId: DatasetId.nullable(),
  /** Set while it is removed: it is not in the list, and its answers wait for `restore`. */
  removedAt: Timestamp.optional(),
});
export type LabelSheet = z.infer<typeof LabelSheet>;

/** Absent = the sheets that are not removed. */
export const SheetFilter = z.object({ removed: z.boolean().default(false) }).optional();
export type SheetFilter = z.input<typeof SheetFilter>;

export const SheetRequest = z.object({
  /** A folder of pictures; folders in it are read too. */
  path: z.string().min(1),
  name: GivenName.optional(),
  task: TaskId,
  /** Absent = the task's example. */
  question: Question.optional(),
  orientation: ImageOrientation.default('upright'),
});
export type SheetRequest = z.infer<typeof SheetRequest>;

export const SheetMade = z.object({
  sheet: LabelSheet,
  /** Files that cannot be read as pictures, the first of them; `skipped` counts all. */
  problems: z.array(z.object({ file: z.string(), reason: z.string() })),
  skipped: z.int(),
});
export type SheetMade = z.infer<typeof SheetMade>;

/** Which pictures to show. */
export const LabelShow = z.enum(['all', 'waiting', 'proposed', 'answered', 'left-out', 'unreadable']);
export type LabelShow = z.infer<typeof LabelShow>;

export const LabelItems = z.object({ total: z.int(), items: z.array(LabelItem) });
export type LabelItems = z.infer<typeof LabelItems>;

export const AnswerRequest = z.object({
  sheetId: SheetId,
  positions: z.array(z.int().nonnegative()).min(1).max(100_000),
  /** Absent fields stay as they are. */
  set: z.object({
    answer: Answer.optional(),
    /** Takes over what the model proposed. */
    confirm: z.literal(true).optional(),
    /** Null = the sheet's question again. */
    question: Question.nullable().optional(),
    leftOut: z.boolean().optional(),
  }),
  /** Saves of one stroke, such as the letters of one answer, are undone together. */
  stroke: z.string().max(60).optional(),
});
export type AnswerRequest = z.infer<typeof AnswerRequest>;

/** The pictures that changed, as they are now. */
export const LabelChange = z.object({ sheet: LabelSheet, items: z.array(LabelItem) });
export type LabelChange = z.infer<typeof LabelChange>;

export const ProposeRequest = z.object({
  sheetId: SheetId,
  modelId: ModelId,
  /** The run whose result answers; absent = the model itself. */
  runId: RunId.optional(),
  /** Absent = every picture that has neither an answer nor a proposal. */
  positions: z.array(z.int().nonnegative()).min(1).max(100_000).optional(),
  maxNewTokens: z.int().min(1).max(1024).default(128),
});
export type ProposeRequest = z.input<typeof ProposeRequest>;

export const ProposeEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: Progress }),
  /** A picture with its new proposal; it is stored already. */
  z.object({ type: z.literal('item'), item: LabelItem }),
  z.object({
    type: z.literal('done'),
    sheet: LabelSheet,
    proposed: z.int(),
    /** Answers that the task cannot read; they are no proposals. */
    unreadable: z.int(),
  }),
]);
export type ProposeEvent = z.infer<typeof ProposeEvent>;

export const FinishRequest = z.object({
  sheetId: SheetId,
  name: GivenName.optional(),
  /** Share of the pictures held out for the test. What an earlier dataset of this sheet held out stays held out. */
  testShare: z.number().min(0).max(0.9).default(0.2),
  seed: z.int().default(7),
  author: z.string().trim().min(1).max(500).optional(),
  licence: z.string().trim().min(1).max(500).optional(),
  unknownUse: UnknownUse.default('use'),
});
export type FinishRequest = z.infer<typeof FinishRequest>;

export const FinishResult = z.object({
  dataset: DatasetSummary,
  report: ImportReport,
  /** Pictures that stay on the sheet: without an answer, with an unconfirmed proposal, or left out. */
  waiting: z.int(),
});
export type FinishResult = z.infer<typeof FinishResult>;

/** `jsonl` and `parquet` write a folder of pictures with a table that names them; both are read by HF datasets too. */
export const AnswersFormat = z.enum(['jsonl', 'parquet']);
export type AnswersFormat = z.infer<typeof AnswersFormat>;

export const WriteAnswersRequest = z.object({
  from: z.union([z.object({ datasetId: DatasetId }), z.object({ sheetId: SheetId })]),
  /** A folder that does not exist or is empty. */
  destination: z.string().min(1),
  format: AnswersFormat.default('jsonl'),
});
export type WriteAnswersRequest = z.infer<typeof WriteAnswersRequest>;

export const WrittenAnswers = z.object({
  path: z.string(),
  /** The tables, relative to the folder. */
  tables: z.array(z.string()),
  pictures: z.int(),
  rows: z.int(),
});
export type WrittenAnswers = z.infer<typeof WrittenAnswers>;
