/** @file The memory a run will need, by component, estimated before it starts. */
import { z } from 'zod';

export const MemoryComponent = z.object({
  name: z.enum([
    /** The engine process itself: Node, TensorFlow, and the graphs of this run. */
    'program',
    /** The model's weights, plus a copy for the reference model in full fine-tuning. */
    'weights',
    /** Adapter, accumulated gradients and the optimiser's running means. */
    'optimiser',
    /** Keys and values of prompts and rollouts, and weights laid out for decoding. */
    'caches',
    /** Encoded images, kept for the whole run. */
    'images',
    /** Intermediate results of the largest call: images, rollout, reference or update. */
    'work',
  ]),
  bytes: z.number(),
});
export type MemoryComponent = z.infer<typeof MemoryComponent>;

/** A picture as it is and as the model sees it. */
export const SeenPicture = z.object({
  name: z.string(),
  width: z.int(),
  height: z.int(),
  seenWidth: z.int(),
  seenHeight: z.int(),
  /** Image tokens in the prompt. */
  tokens: z.int(),
});
export type SeenPicture = z.infer<typeof SeenPicture>;

export const MemoryPlan = z.object({
  parts: z.array(MemoryComponent),
  predictedBytes: z.number(),
  limitBytes: z.number(),
  fits: z.boolean(),
  /** Bytes of intermediate results of each kind of call. */
  calls: z.record(z.string(), z.number()),
  /** Prompts in a micro-batch. */
  microBatchPrompts: z.int().positive(),
  /** True: processed in blocks of layers whose activations are recomputed. */
  byLayer: z.boolean(),
  /** How the frozen weights are kept; `nf4`: those of linear layers, and the others as they would be otherwise. */
  precision: z.enum(['float32', 'bfloat16', 'nf4']),
  /** The picture with the most image tokens; absent without pictures. */
  largestPicture: SeenPicture.optional(),
  /** The highest lower limit of pixels with which it would fit; absent if it fits, or if none would do. */
  fittingMaxPixels: z.int().positive().optional(),
  /** Seconds that a training step will take, roughly; absent if that was not asked for. */
  secondsPerStep: z.number().positive().optional(),
});
export type MemoryPlan = z.infer<typeof MemoryPlan>;
