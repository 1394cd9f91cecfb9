/**
 * @file How pictures become patches, as a model's folder says: under `image_processor` in processor_config.json (as
 * transformers 5 saves it, and prefers), otherwise in preprocessor_config.json. What Atelier does not compute is refused.
 */
import { join } from 'node:path';
import { AtelierError } from '../contract/errors/errors.ts';
import { readJsonObjectIfAny } from './files.ts';
import { fieldsOf, type Fields } from './json-fields.ts';
import { PREPROCESSOR_FILE, PROCESSOR_FILE } from './pixel-limits.ts';
import type { ModelConfig } from './model-config.ts';

export interface PreprocessorConfig {
  readonly minPixels: number;
  readonly maxPixels: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** The class defaults. Published preprocessor files allow 12,845,056 pixels and state so explicitly. */
const DEFAULT_MIN_PIXELS = 3136;
const DEFAULT_MAX_PIXELS = 1_003_520;
/** Smaller pictures are enlarged to min_pixels, so it bounds their memory. Published files stay far below. */
const MOST_MIN_PIXELS = 16 * 1024 * 1024;
const CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073] as const;
const CLIP_STD = [0.26862954, 0.26130258, 0.27577711] as const;

/** Pillow's number for bicubic resampling. */
const BICUBIC = 3;
/** All three compute the same; the fast one differs from Pillow by a level here and there. */
const KINDS = ['Qwen2VLImageProcessor', 'Qwen2VLImageProcessorFast', 'Qwen2VLImageProcessorPil'];

/** @throws AtelierError NOT_FOUND if no file says how, BAD_INPUT naming the file and the field */
export async function readPreprocessor(dir: string, config: ModelConfig): Promise<PreprocessorConfig> {
  const json = await imageProcessorOf(dir);
  refuseOtherSteps(json);
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
  if (!json.boolean('do_normalize', true)) return { minPixels, maxPixels, mean: [0, 0, 0], std: [1, 1, 1] };
  return {
    minPixels,
    maxPixels,
    mean: json.triple('image_mean', CLIP_MEAN),
    std: json.triple('image_std', CLIP_STD),
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
function refuseOtherSteps(json: Fields): void {
  const kind = json.text('image_processor_type', KINDS[0]!);
  if (!KINDS.includes(kind)) throw json.bad('image_processor_type', `is "${kind}"; only ${KINDS[0]!} is supported`);
  for (const key of ['do_resize', 'do_rescale', 'do_convert_rgb']) {
    if (!json.boolean(key, true)) throw json.bad(key, 'is false, which is not supported');
  }
  for (const key of ['do_center_crop', 'do_pad']) {
    if (json.boolean(key, false)) throw json.bad(key, 'is true, which is not supported');
  }
  if (json.natural('resample', BICUBIC) !== BICUBIC)
    throw json.bad('resample', `is not ${BICUBIC} (bicubic), the only one that is supported`);
  if (Math.abs(json.number('rescale_factor', 1 / 255) * 255 - 1) > 1e-6)
    throw json.bad('rescale_factor', 'is not 1/255, the only one that is supported');
}
