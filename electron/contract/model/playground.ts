/** @file The playground: one question about one image, answered by a base model or by a run's adapter, token by token. */
import { z } from 'zod';
import { Detail } from './detail.ts';
import { TokenChoice } from './models.ts';
import { LARGEST_UPLOAD_BYTES, ModelId, RunId, SampleId, SystemPrompt, Task } from './primitives.ts';
import { RewardSpec } from './rewards.ts';

export const PlaygroundImage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sample'), sampleId: SampleId }),
  /** A dropped or picked picture, kept only until the answer arrives. */
  z.object({
    kind: z.literal('upload'),
    name: z.string().min(1).max(255),
    base64: z.base64().max(Math.ceil(LARGEST_UPLOAD_BYTES / 3) * 4),
  }),
]);
export type PlaygroundImage = z.infer<typeof PlaygroundImage>;

export const PlaygroundRequest = z.object({
  modelId: ModelId,
  /** The run whose newest checkpoint answers; absent = the base model. */
  runId: RunId.optional(),
  /** Null asks without a picture. */
  image: PlaygroundImage.nullable(),
  question: z.string().trim().min(1).max(8000),
  /** How much of the picture the model sees; absent = the run's, else the dataset's, else the default. */
  detail: Detail.optional(),
  /** Absent = the run's, else the model's own. */
  promptTemplate: z.string().includes('{question}').optional(),
  /** Absent = the run's, else the model's own; empty = none. */
  systemPrompt: SystemPrompt.optional(),
  greedy: z.boolean().default(true),
  temperature: z.number().gt(0).max(5).default(1),
  seed: z.int().min(0).max(0x7fffffff).default(7),
  maxNewTokens: z.int().min(1).max(1024).default(64),
  /** As for `GenerateRequest`. */
  repetitionPenalty: z.number().gt(0).max(10).optional(),
  /** How many of the likeliest tokens to return at each position. */
  alternatives: z.int().min(1).max(20).default(5),
  /** The right answer, if known; without it, only rewards that judge the form are computed. */
  reference: z.object({ answer: z.string().min(1), task: Task }).optional(),
  /** Absent = the run's, else the defaults. */
  rewards: z.array(RewardSpec).optional(),
});
export type PlaygroundRequest = z.input<typeof PlaygroundRequest>;

export const PlaygroundAnswer = z.object({
  text: z.string(),
  tokens: z.array(TokenChoice),
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
