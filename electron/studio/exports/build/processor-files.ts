/**
 * @file The image processor files of an export. They state the limit of pixels that the run was trained with, so that
 * transformers shrinks pictures as training did.
 */
import { join } from 'node:path';
import { readCheckpointSettings } from '../../../formats/checkpoint.ts';
import { readJsonObjectIfAny } from '../../../formats/files.ts';
import type { ModelConfig } from '../../../formats/model-config.ts';
import { PREPROCESSOR_FILE, PROCESSOR_FILE, withMaxPixels } from '../../../formats/pixel-limits.ts';
import { stableJson } from '../../../provenance/signing/canonical-json.ts';
import { pixelLimitsOf } from '../../models/detail.ts';
import type { ExportFacts } from './facts.ts';

/** Without the base model's config.json, transformers finds the class by this name alone. */
function classOf({ family }: ModelConfig): string {
  if (family === 'smolvlm') return 'SmolVLMImageProcessor';
  return family === 'idefics3' ? 'Idefics3ImageProcessor' : 'Qwen2VLImageProcessor';
}

/**
 * The files by name: those of the base model with the run's limit, or a new one if the base has none. None at all for runs
 * of earlier versions, which saw as much as their model allows.
 */
export async function processorFiles({
  recipe: { maxPixels },
  model: { path },
}: Pick<ExportFacts, 'recipe' | 'model'>): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  if (maxPixels === undefined) return files;
  const settings = await readCheckpointSettings(path);
  const { preprocessor, config } = settings;
  const limits = { ...pixelLimitsOf(settings), maxPixels };
  const own = await readJsonObjectIfAny(join(path, PREPROCESSOR_FILE));
  if (own !== undefined)
    files.set(PREPROCESSOR_FILE, stableJson(withMaxPixels({ image_processor_type: classOf(config), ...own }, limits)));
  const whole = await readJsonObjectIfAny(join(path, PROCESSOR_FILE));
  const nested = whole?.['image_processor'];
  if (typeof nested === 'object' && nested !== null) {
    const changed = withMaxPixels(nested as Record<string, unknown>, limits);
    files.set(PROCESSOR_FILE, stableJson({ ...whole, image_processor: changed }));
  }
  if (files.size > 0) return files;
  const { patchSize, temporalPatchSize, spatialMergeSize } = config.vision;
  const made = {
    image_processor_type: classOf(config),
    image_mean: preprocessor.mean,
    image_std: preprocessor.std,
    patch_size: patchSize,
    temporal_patch_size: temporalPatchSize,
    merge_size: spatialMergeSize,
  };
  return files.set(PREPROCESSOR_FILE, stableJson(withMaxPixels(made, limits)));
}
