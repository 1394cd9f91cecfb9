/**
 * @file The pixel limits in a folder's image processor files, in every layout that transformers reads: `min_pixels` and
 * `max_pixels`, or `size.{shortest_edge, longest_edge}`, in preprocessor_config.json or under `image_processor` in
 * processor_config.json. Where both stand, transformers prefers the first (Qwen2VLImageProcessor.__init__). SmolVLM states
 * the length of pictures instead: `size.longest_edge`.
 */
import { join } from 'node:path';
import type { PixelLimits } from '../contract/model/detail.ts';
import { edgeWithin, mostTiles } from '../method/tiles.ts';
import { readJsonObjectIfAny } from './files.ts';

export const PREPROCESSOR_FILE = 'preprocessor_config.json';
export const PROCESSOR_FILE = 'processor_config.json';

type Json = Record<string, unknown>;

/**
 * The limit that a folder states, in pixels as `limits` count them; null if it states none.
 * @param limits of the model that the folder is for
 */
export async function readPixelLimits(folder: string, limits: PixelLimits): Promise<{ maxPixels: number } | null> {
  const nested = (await readJsonObjectIfAny(join(folder, PROCESSOR_FILE)))?.['image_processor'];
  for (const settings of [await readJsonObjectIfAny(join(folder, PREPROCESSOR_FILE)), nested]) {
    if (!isObject(settings)) continue;
    const size = isObject(settings['size']) ? settings['size'] : {};
    const { tiles, minPixels } = limits;
    // Where pictures are cut into tiles, longest_edge is a length.
    const found =
      tiles === undefined
        ? (settings['max_pixels'] ?? size['max_pixels'] ?? size['longest_edge'])
        : size['longest_edge'];
    if (typeof found !== 'number' || !Number.isInteger(found) || found <= 0) continue;
    return { maxPixels: tiles === undefined ? found : mostTiles(found, tiles) * minPixels };
  }
  return null;
}

/** Image processor settings with another limit, wherever they state one. Everything else stays as it is. */
export function withMaxPixels(settings: Json, limits: PixelLimits): Json {
  const { minPixels, maxPixels, tiles } = limits;
  if (tiles !== undefined) return { ...settings, size: { longest_edge: edgeWithin(tiles, minPixels, maxPixels) } };
  return {
    ...settings,
    min_pixels: minPixels,
    max_pixels: maxPixels,
    size: { shortest_edge: minPixels, longest_edge: maxPixels },
  };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
