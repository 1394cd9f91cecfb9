/** @file What the levels of detail mean, and the one rule by which a choice becomes a number of pixels. Pure. */
import { AtelierError } from '../contract/errors/errors.ts';
import { DetailLevel, type Detail, type PixelLimits } from '../contract/model/detail.ts';
import { edgeWithin, mostTiles } from './tiles.ts';

/** Image tokens of the largest picture at each level; null = as many as the checkpoint allows. */
export const DETAIL_TOKENS: Record<DetailLevel, number | null> = {
  low: 256,
  medium: 640,
  high: 1280,
  'very-high': 4096,
  original: null,
};

/**
 * The largest number of pixels (transformers' `max_pixels`) that a choice means for a model. A level never exceeds the
 * checkpoint's own limit and never falls below its minimum.
 * @throws AtelierError BAD_INPUT for an exact number outside of the checkpoint's limits
 */
export function maxPixelsOf(detail: Detail, { minPixels, maxPixels, pixelsPerToken, tiles }: PixelLimits): number {
  if (typeof detail === 'number') {
    if (detail < minPixels || detail > maxPixels) {
      throw new AtelierError(
        'BAD_INPUT',
        `The model takes between ${minPixels} and ${maxPixels} pixels of a picture, but the detail is set to ${detail}.`,
        { place: { field: 'detail' }, remedy: `Use a number in between, or one of ${DetailLevel.options.join(', ')}.` },
      );
    }
    return detail;
  }
  const tokens = DETAIL_TOKENS[detail];
  if (tokens === null) return maxPixels;
  const most = Math.max(minPixels, Math.min(maxPixels, tokens * pixelsPerToken));
  // The smallest picture is one tile, and a limit between two numbers of tiles is the smaller one.
  return tiles === undefined ? most : mostTiles(edgeWithin(tiles, minPixels, most), tiles) * minPixels;
}

/** The lowest level that means this limit for the model; null if none does. */
export function levelOf(pixels: number, limits: PixelLimits): DetailLevel | null {
  return DetailLevel.options.find((level) => maxPixelsOf(level, limits) === pixels) ?? null;
}

/** The levels from few pixels to many, each limit once, with every level that means it for the model. */
export function distinctLimits(limits: PixelLimits): { maxPixels: number; levels: DetailLevel[] }[] {
  const byPixels = new Map<number, DetailLevel[]>();
  for (const level of DetailLevel.options) {
    const pixels = maxPixelsOf(level, limits);
    byPixels.set(pixels, [...(byPixels.get(pixels) ?? []), level]);
  }
  return [...byPixels].map(([maxPixels, levels]) => ({ maxPixels, levels })).sort((a, b) => a.maxPixels - b.maxPixels);
}
