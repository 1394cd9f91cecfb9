/** @file How many tiles a limit of pixels allows, for models that cut pictures into tiles (SmolVLM). Pure. */
import type { TileLimits } from '../contract/model/detail.ts';

/** No picture becomes longer than this (transformers' MAX_IMAGE_SIZE). */
export const MOST_LENGTH = 4096;

/** The tiles of a square picture of this length, which has the most. */
export function mostTiles(longestEdge: number, { side, split }: Pick<TileLimits, 'side' | 'split'>): number {
  const across = Math.ceil(Math.min(longestEdge, MOST_LENGTH) / side);
  return split && across > 1 ? across ** 2 + 1 : 1;
}

/**
 * The length at which no picture takes more than `maxPixels`, counted in tiles: the model's own, or else whole tiles. The
 * same for all pictures, so that transformers can be told it.
 * @param tilePixels of a tile, as limits count them
 */
export function edgeWithin(tiles: TileLimits, tilePixels: number, maxPixels: number): number {
  if (mostTiles(tiles.longestEdge, tiles) * tilePixels <= maxPixels) return tiles.longestEdge;
  const across = Math.floor(Math.sqrt(Math.max(0, maxPixels / tilePixels - 1)));
  return Math.max(1, across) * tiles.side;
}
