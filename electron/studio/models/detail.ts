/** @file What a choice of detail means for a model: the exact number of pixels that jobs, recipes and records carry. */
import type { Detail, PixelLimits } from '../../contract/model/detail.ts';
import type { DatasetId } from '../../contract/model/primitives.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import { readCheckpointSettings, type CheckpointSettings } from '../../formats/checkpoint.ts';
import { DEFAULT_DETAIL } from '../../method/defaults.ts';
import { maxPixelsOf } from '../../method/detail.ts';
import type { StudioCore } from '../context.ts';

export function pixelLimitsOf({ config, preprocessor }: CheckpointSettings): PixelLimits {
  const { patchSize, spatialMergeSize } = config.vision;
  const { minPixels, maxPixels, tiles } = preprocessor;
  const pixelsPerToken = (patchSize * spatialMergeSize) ** 2;
  return { minPixels, maxPixels, pixelsPerToken, ...(tiles === undefined ? {} : { tiles }) };
}

/**
 * The limit for a job, ready to be spread into it: what the person asked for, else what the run was trained with, else
 * what the dataset says, else the default. Absent for runs of earlier versions, which saw as much as the checkpoint allows.
 * @throws AtelierError BAD_INPUT if the model's folder cannot be read, or does not take an exact number
 */
export async function limitFor(
  { store }: Pick<StudioCore, 'store'>,
  modelPath: string,
  { detail, recipe, datasetId }: { detail?: Detail | undefined; recipe?: Recipe; datasetId?: DatasetId },
): Promise<{ maxPixels?: number }> {
  if (detail === undefined && recipe !== undefined) return limitOf(recipe);
  const ofDataset = datasetId === undefined ? null : (await store.datasets.get(datasetId)).detail;
  const limits = pixelLimitsOf(await readCheckpointSettings(modelPath));
  return { maxPixels: maxPixelsOf(detail ?? ofDataset ?? DEFAULT_DETAIL, limits) };
}

/** The limit of a run, ready to be spread into a job. */
export function limitOf({ maxPixels }: { maxPixels?: number | undefined }): { maxPixels?: number } {
  return maxPixels === undefined ? {} : { maxPixels };
}
