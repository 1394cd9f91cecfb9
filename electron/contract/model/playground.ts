/**
 * @file The playground: a question about pictures, answered by a base model or by a run's adapter, token by token; where it
 * looked; what was asked before; and one question for a whole folder.
 */
import { z } from 'zod';
import { GivenAnswer } from './attention.ts';
import { Detail } from './detail.ts';
import { TokenChoice } from './models.ts';
import {
  DatasetId,
  LARGEST_UPLOAD_BYTES,
  ModelId,
  Progress,
  RunId,
  SampleId,
  Sha256,
  SystemPrompt,
  Task,
  Timestamp,
} from './primitives.ts';
import { RewardSpec } from './rewards.ts';

/** The most pictures in one question. */
export const MOST_PICTURES = 8;

const PictureName = z.string().min(1).max(255);

/** A picture as a page sends it. */
export const UploadedPicture = z.object({
  name: PictureName,
  base64: z.base64().max(Math.ceil(LARGEST_UPLOAD_BYTES / 3) * 4),
});
export type UploadedPicture = z.infer<typeof UploadedPicture>;

export const PlaygroundImage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sample'), sampleId: SampleId }),
  /** Of your own, kept for the history. */
  z.object({ kind: z.literal('kept'), sha256: Sha256, name: PictureName }),
  /** Of your own, kept only until the answer arrives. */
  UploadedPicture.extend({ kind: z.literal('upload') }),
]);
export type PlaygroundImage = z.infer<typeof PlaygroundImage>;

/** Who answers. */
const Speaker = z.object({
  modelId: ModelId,
  /** The run whose checkpoint answers; absent = the base model. */
  runId: RunId.optional(),
  /** With `runId`: the step of the checkpoint; absent = the one that stands for the run. */
  step: z.int().positive().optional(),
  /**
   * With a run of several datasets: the one in whose words it is asked, and by whose rewards the answer is scored. Absent =
   * that of the first picture, if the run learned from it, else the one with the greatest weight.
   */
  datasetId: DatasetId.optional(),
});

const Asked = Speaker.extend({
  /** In the order in which the model sees them; empty asks without a picture. */
  images: z.array(PlaygroundImage).max(MOST_PICTURES).default([]),
  question: z.string().trim().min(1).max(8000),
  /** How much of the pictures the model sees; absent = the run's, else the dataset's, else the default. */
  detail: Detail.optional(),
  /**
   * Only without `runId`: the run as which the base model is asked and scored, to compare the two, and its dataset as above.
   * Absent = in the model's own words.
   */
  wordsOf: Speaker.pick({ datasetId: true }).extend({ runId: RunId }).optional(),
  /** Absent = the run's, else the model's own. */
  promptTemplate: z.string().includes('{question}').optional(),
  /** Absent = the run's, else the model's own; empty = none. */
  systemPrompt: SystemPrompt.optional(),
});

export const PlaygroundRequest = Asked.extend({
  greedy: z.boolean().default(true),
  temperature: z.number().gt(0).max(5).default(1),
  seed: z.int().min(0).max(0x7fffffff).default(7),
  maxNewTokens: z.int().min(1).max(1024).default(64),
  /** As for `GenerateRequest`. */
  repetitionPenalty: z.number().gt(0).max(10).optional(),
  /** How many of the likeliest tokens to return at each position; 0 = only the answer, which is faster. */
  alternatives: z.int().min(0).max(20).default(5),
  /** The right answer, if known; without it, only rewards that judge the form are computed. */
  reference: z.object({ answer: z.string().min(1), task: Task }).optional(),
  /** Absent = the run's, else the defaults. */
  rewards: z.array(RewardSpec).optional(),
  /** Keeps question and answer in the history: answers with the same id belong to one question. Absent = keep nothing. */
  remember: z.object({ id: z.uuid(), side: z.int().min(0).max(1) }).optional(),
});
export type PlaygroundRequest = z.input<typeof PlaygroundRequest>;

export const PlaygroundAnswer = z.object({
  text: z.string(),
  /** Empty if no alternatives were asked for. */
  tokens: z.array(TokenChoice),
  tokenIds: z.array(z.int()),
  promptTokens: z.int(),
  finish: z.enum(['stop', 'length']),
  seconds: z.number(),
  /** The penalty that was applied to repeated tokens; 1 = none. Training never applies one. */
  repetitionPenalty: z.number().default(1),
  /** The checkpoint that answered; null = the base model. */
  step: z.int().nullable(),
  promptTemplate: z.string(),
  /** Null = none. */
  systemPrompt: z.string().nullable().default(null),
  /** Pixels that the picture was limited to; null = the checkpoint's own limit. */
  maxPixels: z.int().positive().nullable(),
  /** Null if no right answer was given. */
  verdict: z.enum(['correct', 'wrong', 'unparsed']).nullable(),
  /** Null = the reward has no opinion on this answer. */
  rewards: z.array(z.object({ key: z.string(), weight: z.number(), score: z.number().nullable() })),
});
export type PlaygroundAnswer = z.infer<typeof PlaygroundAnswer>;

/** Where somebody looked while writing an answer. */
export const AttentionRequest = Asked.extend({
  answer: GivenAnswer,
  /** How many of the likeliest tokens to return at each position. */
  alternatives: z.int().min(1).max(20).default(5),
});
export type AttentionRequest = z.input<typeof AttentionRequest>;

/** A question of the history, with its answers. */
export const PlaygroundEntry = z.object({
  id: z.uuid(),
  askedAt: Timestamp,
  question: z.string(),
  images: z.array(PlaygroundImage),
  detail: Detail.optional(),
  greedy: z.boolean(),
  temperature: z.number(),
  seed: z.int(),
  maxNewTokens: z.int(),
  reference: z.object({ answer: z.string(), task: Task }).optional(),
  answers: z.array(z.object({ side: z.int(), ...Speaker.shape, answer: PlaygroundAnswer })),
});
export type PlaygroundEntry = z.infer<typeof PlaygroundEntry>;

export const PlaygroundHistory = z.object({ total: z.int(), entries: z.array(PlaygroundEntry) });
export type PlaygroundHistory = z.infer<typeof PlaygroundHistory>;

/** The same question about every picture of a folder, into a table. */
export const CaptionRequest = Speaker.extend({
  folder: z.string().min(1),
  /** The CSV file to write, or to continue; absent = captions.csv in the folder. */
  out: z.string().min(1).optional(),
  question: z.string().trim().min(1).max(8000),
  maxNewTokens: z.int().min(1).max(1024).default(64),
  detail: Detail.optional(),
});
export type CaptionRequest = z.input<typeof CaptionRequest>;

export const CaptionResult = z.object({
  path: z.string(),
  /** In the folder and below it. */
  pictures: z.int(),
  answered: z.int(),
  failed: z.int(),
  /** Answered by an earlier start. */
  earlier: z.int(),
});
export type CaptionResult = z.infer<typeof CaptionResult>;

export const CaptionEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: Progress }),
  /** A row that was written. */
  z.object({ type: z.literal('row'), name: z.string(), answer: z.string(), error: z.string().nullable() }),
  z.object({ type: z.literal('done'), result: CaptionResult }),
]);
export type CaptionEvent = z.infer<typeof CaptionEvent>;
