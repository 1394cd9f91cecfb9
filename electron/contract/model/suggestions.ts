/** @file Models that a person could start with, before anything is downloaded. */
import { z } from 'zod';
import { MemoryPlan } from '../engine/memory.ts';
import { ModelId } from './primitives.ts';

/** The picture that every question is supposed to have where a suggestion states memory and time. */
export const SUGGESTION_PICTURE = { width: 1024, height: 768 } as const;

/** A known model, and what training it with the first recipe of the Train page takes on this machine. */
export const SuggestedModel = z.object({
  /** `OWNER/NAME` on the hub. */
  name: z.string(),
  title: z.string(),
  parameters: z.int().positive(),
  licence: z.string(),
  /** Of its weights in bfloat16. */
  downloadBytes: z.number().positive(),
  /** The least memory with which it trains; null if nothing is compiled on this machine. */
  plan: MemoryPlan.nullable(),
  /** The model, if it was added already. */
  modelId: ModelId.nullable(),
});
export type SuggestedModel = z.infer<typeof SuggestedModel>;

/** A model that other tools have left in the hub's cache. */
export const CachedModel = z.object({
  name: z.string(),
  revision: z.string(),
  path: z.string(),
  family: z.string(),
  modelId: ModelId.nullable(),
});
export type CachedModel = z.infer<typeof CachedModel>;
