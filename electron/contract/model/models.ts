/** @file Models: checkpoints on disk, and their answers to single questions. */
import { z } from 'zod';
import { Detail } from './detail.ts';
import { HubOrigin } from './hub.ts';
import { LicenceEvidence } from './licence-evidence.ts';
import { GivenName, ModelId, Sha256, SystemPrompt, Timestamp } from './primitives.ts';

/** A licence that you set yourself; it takes precedence over what the folder says. */
export const StatedLicence = z.object({ licence: z.string(), evidence: z.string(), statedAt: Timestamp });
export type StatedLicence = z.infer<typeof StatedLicence>;

export const ModelSummary = z.object({
  id: ModelId,
  name: z.string(),
  path: z.string(),
  /** Hash over the sorted list of `name sha256` of the checkpoint's files. */
  sha256: Sha256,
  parameters: z.int(),
  /** The licence that counts: the one you set, otherwise the strictest that the folder states; null = unknown. */
  licence: z.string().nullable(),
  /** What the folder said when it was last added. */
  licenceEvidence: z.array(LicenceEvidence).default([]),
  licenceStated: StatedLicence.nullable().default(null),
  promptTemplate: z.string(),
  description: z.string().nullable(),
  starter: z.boolean(),
  /** Where it was downloaded from, if Atelier fetched it. */
  origin: HubOrigin.nullable().default(null),
});
export type ModelSummary = z.infer<typeof ModelSummary>;

const LicenceOfModel = z.object({
  /** Name, address or SPDX expression. */
  licence: z.string().trim().min(1).max(500),
  /** What it rests on: a page, a letter, a contract. Recorded in the audit log. */
  evidence: z.string().trim().max(2000).default(''),
});

export const ModelLicenceRequest = LicenceOfModel.extend({
  modelId: ModelId,
  /** Null = withdraw what you set, so that the folder's statements count again. */
  licence: LicenceOfModel.shape.licence.nullable(),
});
export type ModelLicenceRequest = z.infer<typeof ModelLicenceRequest>;

export const RegisterModelRequest = z.object({
  path: z.string().min(1),
  name: GivenName.optional(),
  /** Sets the licence of its weights, too. A licence that cannot be set is refused before the folder is added. */
  stated: LicenceOfModel.optional(),
});
export type RegisterModelRequest = z.infer<typeof RegisterModelRequest>;

export const GenerateRequest = z.object({
  /** Folder of the checkpoint. */
  model: z.string().min(1),
  adapter: z.string().optional(),
  /** Takes an adapter that lacks tensors of layers it should change, or holds others, as PEFT would; absent = refuse it. */
  partialAdapter: z.boolean().optional(),
  /** Absent = text only. */
  images: z.array(z.string()).default([]),
  /** How much of each picture the model sees; absent = as the adapter's folder says, else the default. */
  detail: Detail.optional(),
  /** Rotates the images according to their EXIF orientation; absent = true. */
  upright: z.boolean().optional(),
  prompt: z.string(),
  /** Absent = as the folder of the adapter, else of the model, says; empty = none. */
  systemPrompt: SystemPrompt.optional(),
  greedy: z.boolean().default(true),
  temperature: z.number().gt(0).max(5).default(1),
  seed: z.int().default(7),
  maxNewTokens: z.int().min(1).max(4096).default(64),
  /** Makes tokens that came before less likely; absent = as the model's generation_config.json says, 1 = off. */
  repetitionPenalty: z.number().gt(0).max(10).optional(),
  /** How many of the likeliest tokens to return at each position of the answer; absent = only the answer. */
  alternatives: z.int().min(1).max(20).optional(),
});
export type GenerateRequest = z.input<typeof GenerateRequest>;

/** One token of an answer. Log-probabilities are the model's own (temperature 1, nothing suppressed). */
export const TokenChoice = z.object({
  id: z.int(),
  /** A partial character appears as U+FFFD. */
  text: z.string(),
  /** An end token or similar, not part of the answer's text. */
  special: z.boolean(),
  logprob: z.number(),
  /** The likeliest tokens at this position, most likely first; may include the chosen one. */
  top: z.array(z.object({ id: z.int(), text: z.string(), logprob: z.number() })),
});
export type TokenChoice = z.infer<typeof TokenChoice>;

export const GenerateResult = z.object({
  text: z.string(),
  tokenIds: z.array(z.int()),
  promptIds: z.array(z.int()),
  finish: z.enum(['stop', 'length']),
  seconds: z.number(),
  /** The penalty that was applied to repeated tokens; 1 = none. */
  repetitionPenalty: z.number().default(1),
  /** Token by token, if alternatives were requested. */
  choices: z.array(TokenChoice).optional(),
});
export type GenerateResult = z.infer<typeof GenerateResult>;

export const ScoreItem = z.object({
  /** Absent = text only. */
  images: z.array(z.string()).default([]),
  prompt: z.string(),
  completion: z.string(),
});
export type ScoreItem = z.input<typeof ScoreItem>;

export const ScoreRequest = z.object({
  /** Folder of the checkpoint. */
  model: z.string().min(1),
  adapter: z.string().optional(),
  /** As for `GenerateRequest`. */
  partialAdapter: z.boolean().optional(),
  items: z.array(ScoreItem).min(1),
  /** As for `GenerateRequest`. */
  systemPrompt: SystemPrompt.optional(),
  /** As for `GenerateRequest`. */
  detail: Detail.optional(),
});
export type ScoreRequest = z.input<typeof ScoreRequest>;

export const ScoreResult = z.object({
  promptIds: z.array(z.int()),
  completionIds: z.array(z.int()),
  logprobs: z.array(z.number()),
  /** Five largest logits at the last position of the prompt, largest first. */
  topLogits: z.array(z.object({ id: z.int(), token: z.string(), logit: z.number() })),
});
export type ScoreResult = z.infer<typeof ScoreResult>;
