/**
 * @file How pictures become patches, as a model's folder says: under `image_processor` in processor_config.json (as
 * transformers 5 saves it, and prefers), otherwise in preprocessor_config.json. What Atelier does not compute is refused.
 */
import { join } from 'node:path';
import { AtelierError } from '../contract/errors/errors.ts';
import type { TileLimits } from '../contract/model/detail.ts';
import { mostTiles } from '../method/tiles.ts';
import { readJsonObjectIfAny } from './files.ts';
import { fieldsOf, type Fields } from './json-fields.ts';
import { PREPROCESSOR_FILE, PROCESSOR_FILE } from './pixel-limits.ts';
import { tileTokens } from './seen-size.ts';
import type { ModelConfig } from './model-config.ts';

export interface PreprocessorConfig {
  readonly minPixels: number;
  readonly maxPixels: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** Pictures are cut into tiles; absent = they are not. */
  readonly tiles?: TileLimits;
}

/** The class defaults. Published preprocessor files allow 12,845,056 pixels and state so explicitly. */
const DEFAULT_MIN_PIXELS = 3136;
const DEFAULT_MAX_PIXELS = 1_003_520;
/** Smaller pictures are enlarged to min_pixels, so it bounds their memory. Published files stay far below. */
const MOST_MIN_PIXELS = 16 * 1024 * 1024;
const CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073] as const;
const CLIP_STD = [0.26862954, 0.26130258, 0.27577711] as const;
/** SmolVLM's class defaults. */
const PLAIN = [0.5, 0.5, 0.5] as const;
const DEFAULT_TILE = 364;
const DEFAULT_IMAGE_TOKENS = 169;
/** Every picture is enlarged to its length, so it bounds their memory. Published files stay at 2048. */
const MOST_EDGE = 4096;

/** Pillow's numbers for resampling. */
const BICUBIC = { number: 3, name: 'bicubic' };
const LANCZOS = { number: 1, name: 'Lanczos' };
/** What transformers calls them. Those with a suffix compute the same; the fast one differs from Pillow by a level here and there. */
const QWEN = ['Qwen2VLImageProcessor'];
const SMOLVLM = ['SmolVLMImageProcessor', 'Idefics3ImageProcessor'];
const SUFFIXES = ['', 'Fast', 'Pil'];

/** @throws AtelierError NOT_FOUND if no file says how, BAD_INPUT naming the file and the field */
export async function readPreprocessor(dir: string, config: ModelConfig): Promise<PreprocessorConfig> {
  const json = await imageProcessorOf(dir);
  if (isTiled(config)) return readTiles(dir, json, config);
  refuseOtherSteps(json, QWEN, BICUBIC);
  const size = json.object('size');
  const { vision } = config;
  for (const [key, value] of [
    ['patch_size', vision.patchSize],
    ['temporal_patch_size', vision.temporalPatchSize],
    ['merge_size', vision.spatialMergeSize],
  ] as const) {
    if (json.positive(key, value) !== value) throw json.bad(key, `is not ${value}, as in config.json`);
  }
  const limit = (old: string, edge: string, fallback: number): number =>
    json.positive(old, size.positive(edge, size.positive(old, fallback)));
  const minPixels = limit('min_pixels', 'shortest_edge', DEFAULT_MIN_PIXELS);
  const maxPixels = limit('max_pixels', 'longest_edge', DEFAULT_MAX_PIXELS);
  if (minPixels > MOST_MIN_PIXELS)
    throw json.bad(
      'min_pixels',
      `is ${minPixels}: smaller pictures would be enlarged beyond ${MOST_MIN_PIXELS} pixels`,
    );
  if (minPixels > maxPixels) throw json.bad('min_pixels', `(${minPixels}) is above max_pixels (${maxPixels})`);
  return { minPixels, maxPixels, ...readNormalisation(json, CLIP_MEAN, CLIP_STD) };
}

type Channels = readonly [number, number, number];

function readNormalisation(json: Fields, mean: Channels, std: Channels): Pick<PreprocessorConfig, 'mean' | 'std'> {
  if (!json.boolean('do_normalize', true)) return { mean: [0, 0, 0], std: [1, 1, 1] };
  return { mean: json.triple('image_mean', mean), std: json.triple('image_std', std) };
}

/** Whether a model sees its pictures in tiles: SmolVLM, by any name. */
function isTiled({ family }: ModelConfig): boolean {
  return family === 'smolvlm' || family === 'idefics3';
}

/** SmolVLM's settings: the tile is that of the vision tower, and the text has as many image tokens as a tile has. */
async function readTiles(dir: string, json: Fields, { vision }: ModelConfig): Promise<PreprocessorConfig> {
  refuseOtherSteps(json, SMOLVLM, LANCZOS);
  const side = json.object('max_image_size').positive('longest_edge', DEFAULT_TILE);
  const grid = vision.learned?.side ?? 0;
  if (Math.floor(side / vision.patchSize) !== grid)
    throw json.bad(
      'max_image_size',
      `makes tiles of ${Math.floor(side / vision.patchSize)} patches along a side, but the vision tower has ${grid} positions there`,
    );
  const size = json.object('size');
  const longestEdge = size.positive('longest_edge', 4 * DEFAULT_TILE, MOST_EDGE);
  if (size.has('height') || size.has('width') || size.has('shortest_edge'))
    throw json.bad('size', 'has other fields than longest_edge, the only one that is supported');
  if (longestEdge % 2 !== 0) throw json.bad('size', `has the odd longest_edge ${longestEdge}, which is not supported`);
  const tiles = { side, longestEdge, split: json.boolean('do_image_splitting', true) };
  const pixelsPerToken = (vision.patchSize * vision.spatialMergeSize) ** 2;
  const tokens = tileTokens(side, pixelsPerToken);
  const file = join(dir, PROCESSOR_FILE);
  const processor = fieldsOf((await readJsonObjectIfAny(file)) ?? {}, '', { file });
  const stated = processor.positive('image_seq_len', DEFAULT_IMAGE_TOKENS);
  if (stated !== tokens)
    throw processor.bad('image_seq_len', `is ${stated}, but a tile of ${side} pixels has ${tokens} tokens`);
  return {
    minPixels: tokens * pixelsPerToken,
    maxPixels: mostTiles(longestEdge, tiles) * tokens * pixelsPerToken,
    ...readNormalisation(json, PLAIN, PLAIN),
    tiles,
  };
}

async function imageProcessorOf(dir: string): Promise<Fields> {
  const nestedFile = join(dir, PROCESSOR_FILE);
  const nested = fieldsOf((await readJsonObjectIfAny(nestedFile)) ?? {}, '', { file: nestedFile });
  if (nested.has('image_processor')) return nested.object('image_processor');
  const file = join(dir, PREPROCESSOR_FILE);
  const json = await readJsonObjectIfAny(file);
  if (json !== undefined) return fieldsOf(json, '', { file });
  throw new AtelierError(
    'NOT_FOUND',
    `${dir} does not say how pictures are resized: it has no ${PREPROCESSOR_FILE}, and no ${PROCESSOR_FILE} with "image_processor".`,
    {
      place: { file },
      remedy: `Copy the file from the page that the model came from, or write one with the limits it was trained with, such as {"min_pixels": ${DEFAULT_MIN_PIXELS}, "max_pixels": ${DEFAULT_MAX_PIXELS}}.`,
    },
  );
}

/** Settings of transformers' image processors that would make other pixels. */
function refuseOtherSteps(json: Fields, kinds: readonly string[], filter: { number: number; name: string }): void {
  const kind = json.text('image_processor_type', kinds[0]!);
  if (!kinds.some((each) => SUFFIXES.some((suffix) => kind === `${each}${suffix}`)))
    throw json.bad('image_processor_type', `is "${kind}"; only ${kinds.join(' or ')} is supported`);
  for (const key of ['do_resize', 'do_rescale', 'do_convert_rgb']) {
    if (!json.boolean(key, true)) throw json.bad(key, 'is false, which is not supported');
  }
  // Tiles are all of one size, so padding them changes nothing.
  for (const key of kinds === SMOLVLM ? ['do_center_crop'] : ['do_center_crop', 'do_pad']) {
    if (json.boolean(key, false)) throw json.bad(key, 'is true, which is not supported');
  }
  if (json.natural('resample', filter.number) !== filter.number)
    throw json.bad('resample', `is not ${filter.number} (${filter.name}), the only one that is supported`);
  if (Math.abs(json.number('rescale_factor', 1 / 255) * 255 - 1) > 1e-6)
    throw json.bad('rescale_factor', 'is not 1/255, the only one that is supported');
}
