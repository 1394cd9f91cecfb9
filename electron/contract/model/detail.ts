/**
 * @file Detail: how many pixels of each picture the model sees. People choose a level; what is stored and exported is an
 * exact number of pixels, `max_pixels` in transformers.
 */
import { z } from 'zod';
import { DatasetId, ModelId, SampleId } from './primitives.ts';

/** `original`: as many pixels as the checkpoint's own image processor allows. The others: method/detail.ts. */
export const DetailLevel = z.enum(['low', 'medium', 'high', 'very-high', 'original']);
export type DetailLevel = z.infer<typeof DetailLevel>;

/** A level, or the exact largest number of pixels. */
export const Detail = z.union([DetailLevel, z.int().positive().max(1_000_000_000)]);
export type Detail = z.infer<typeof Detail>;

/** How SmolVLM cuts pictures into square tiles. */
export const TileLimits = z.object({
  /** Pixels along a side of a tile. */
  side: z.int().positive(),
  /** The length that every picture gets before it is cut. */
  longestEdge: z.int().positive(),
  /** False = every picture becomes one tile. */
  split: z.boolean(),
});
export type TileLimits = z.infer<typeof TileLimits>;

/** The pixel limits of a checkpoint's own image processor. Of models with tiles, all tiles of a picture count. */
export const PixelLimits = z.object({
  minPixels: z.int().positive(),
  maxPixels: z.int().positive(),
  /** Pixels that become one image token: the square of patch size × merge size. */
  pixelsPerToken: z.int().positive(),
  /** Absent = pictures are not cut. */
  tiles: TileLimits.optional(),
});
export type PixelLimits = z.infer<typeof PixelLimits>;

export const DetailRequest = z.object({
  datasetId: DatasetId,
  modelId: ModelId,
  /** A limit to report besides the levels. */
  maxPixels: z.int().positive().optional(),
});
export type DetailRequest = z.infer<typeof DetailRequest>;

/** What a limit does to the pictures of a dataset. */
export const DetailEffect = z.object({
  /** The levels that mean this limit for this model; empty for an exact number. */
  levels: z.array(DetailLevel),
  maxPixels: z.int().positive(),
  /** Image tokens of the picture with the most, and on average. */
  mostTokens: z.int(),
  meanTokens: z.number(),
  /** Pictures that lose pixels, of `DetailReport.pictures`. */
  shrunk: z.int(),
});
export type DetailEffect = z.infer<typeof DetailEffect>;

export const DetailReport = z.object({
  limits: PixelLimits,
  /** The dataset's own setting; null = the default. */
  detail: Detail.nullable(),
  /** What that means for this model. */
  maxPixels: z.int().positive(),
  pictures: z.int(),
  /** Samples with the largest pictures, each picture once, largest first. */
  largest: z.array(SampleId),
  /** From few pixels to many. */
  effects: z.array(DetailEffect),
});
export type DetailReport = z.infer<typeof DetailReport>;
