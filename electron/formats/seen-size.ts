/** @file The size at which a model sees a picture, and how many image tokens it takes, whatever the family. Pure. */
import type { PixelLimits } from '../contract/model/detail.ts';
import { edgeWithin } from '../method/tiles.ts';
import { planTiles, tileCount, type TilePlan } from './picture-tiles.ts';
import { smartResize, type Size } from './smart-resize.ts';

export interface SeenSize extends Size {
  /** Image tokens, without what a family writes around them. */
  readonly tokens: number;
  /** How the picture is cut; absent = it is not. */
  readonly tiles?: TilePlan;
}

/** Image tokens of a tile: whole merged patches; what remains at its edges is left out. */
export function tileTokens(side: number, pixelsPerToken: number): number {
  return Math.floor(side / Math.sqrt(pixelsPerToken)) ** 2;
}

/** @throws AtelierError BAD_INPUT if one side is more than 200 times the other */
export function seenSize(size: Size, { minPixels, maxPixels, pixelsPerToken, tiles }: PixelLimits): SeenSize {
  if (tiles === undefined) {
    const seen = smartResize(size, { factor: Math.sqrt(pixelsPerToken), minPixels, maxPixels });
    return { ...seen, tokens: (seen.width * seen.height) / pixelsPerToken };
  }
  const tokens = tileTokens(tiles.side, pixelsPerToken);
  const plan = planTiles(size, tiles, edgeWithin(tiles, tokens * pixelsPerToken, maxPixels));
  return { ...plan.fitted, tokens: tokens * tileCount(plan), tiles: plan };
}
