/**
 * @file Where a model looked while it wrote an answer: attention weights, averaged over heads and layers. They say what was
 * read, not why the answer came out as it did.
 */
import { z } from 'zod';
import { GenerateRequest, TokenChoice } from './models.ts';

/** The most tokens of an answer whose attention is told. */
export const MOST_ATTENDED_TOKENS = 256;

/** Shares of one token's attention; together 1. */
export const TokenAttention = z.object({
  /** Of each picture, in the order of the question: a weight for each of its cells, row by row. */
  pictures: z.array(z.array(z.number())),
  /** On all pictures together. */
  picture: z.number(),
  /** On the words of the prompt, those of the template included. */
  prompt: z.number(),
  /** On the answer's earlier tokens. */
  answer: z.number(),
});
export type TokenAttention = z.infer<typeof TokenAttention>;

export const Attention = z.object({
  /** Layers of the language model. */
  layers: z.int().positive(),
  /** Cells of each picture. They cover it evenly. */
  pictures: z.array(z.object({ rows: z.int().positive(), columns: z.int().positive() })),
  /**
   * The mean over all heads and over the layers from `first` to `last` (from 1): of all layers, then of each third. A
   * token's attention is that of the position that wrote it, which is the one before it.
   */
  bands: z.array(z.object({ first: z.int(), last: z.int(), tokens: z.array(TokenAttention) })).min(1),
  /** How likely each token was. */
  tokens: z.array(TokenChoice),
  /** Tokens at the end of the answer that were left out. */
  omitted: z.int().nonnegative(),
});
export type Attention = z.infer<typeof Attention>;

/** The answer's tokens as they were written, or its text, which is divided into tokens again. */
export const GivenAnswer = z.union([
  z.object({ tokenIds: z.array(z.int().nonnegative()).min(1).max(4096) }),
  z.object({ text: z.string().min(1).max(32_000) }),
]);
export type GivenAnswer = z.infer<typeof GivenAnswer>;

/** Where the model of a folder looked while it wrote an answer. */
export const LookRequest = GenerateRequest.pick({
  model: true,
  adapter: true,
  partialAdapter: true,
  images: true,
  detail: true,
  upright: true,
  prompt: true,
  systemPrompt: true,
}).extend({
  answer: GivenAnswer,
  /** How many of the likeliest tokens to return at each position. */
  alternatives: z.int().min(1).max(20).default(5),
});
export type LookRequest = z.input<typeof LookRequest>;
