/** @file What each level of detail means for a dataset's pictures, from their sizes alone. */
import type { Sample } from '../../../contract/model/datasets.ts';
import type { SeenPicture } from '../../../contract/engine/memory.ts';
import type { ModelId, SampleId } from '../../../contract/model/primitives.ts';
import type { DetailEffect, DetailReport, DetailRequest, PixelLimits } from '../../../contract/model/detail.ts';
import { readCheckpointSettings } from '../../../formats/checkpoint.ts';
import { seenSize } from '../../../formats/seen-size.ts';
import type { Size } from '../../../formats/smart-resize.ts';
import { DEFAULT_DETAIL } from '../../../method/defaults.ts';
import { distinctLimits, maxPixelsOf } from '../../../method/detail.ts';
import type { Store } from '../../../store/connection/open.ts';
import { pixelLimitsOf } from '../../models/detail.ts';
import { usableSamples } from '../engine-samples.ts';

/** Pictures that a screen offers to look at. */
const MOST_SHOWN = 100;

/** @throws AtelierError NOT_FOUND; BAD_INPUT if the model does not take the number of pixels that is asked about or set */
export async function detailReport(
  store: Pick<Store, 'datasets' | 'models'>,
  request: DetailRequest,
): Promise<DetailReport> {
  const { detail } = await store.datasets.get(request.datasetId);
  const model = await store.models.get(request.modelId);
  const limits = pixelLimitsOf(await readCheckpointSettings(model.path));
  const maxPixels = maxPixelsOf(detail ?? DEFAULT_DETAIL, limits);
  const pictures = new Map<string, Sample>();
  for (const sample of await usableSamples(store, request.datasetId))
    if (!pictures.has(sample.imageSha256)) pictures.set(sample.imageSha256, sample);
  const sizes = [...pictures.values()];
  const asked = [maxPixels, ...(request.maxPixels === undefined ? [] : [maxPixelsOf(request.maxPixels, limits)])];
  const levels = distinctLimits(limits);
  const extra = [...new Set(asked)].filter((pixels) => levels.every((level) => level.maxPixels !== pixels));
  const all = [...levels, ...extra.map((pixels) => ({ maxPixels: pixels, levels: [] }))];
  return {
    limits,
    detail,
    maxPixels,
    pictures: sizes.length,
    largest: sizes
      .toSorted((a, b) => b.width * b.height - a.width * a.height)
      .slice(0, MOST_SHOWN)
      .map(({ id }) => id),
    effects: all
      .map((level) => ({ ...level, ...effectOn(sizes, limits, level.maxPixels) }))
      .sort((a, b) => a.maxPixels - b.maxPixels),
  };
}

/** @throws AtelierError NOT_FOUND */
export async function seenPicture(
  store: Pick<Store, 'datasets' | 'models'>,
  { sampleId, modelId, maxPixels }: { sampleId: SampleId; modelId: ModelId; maxPixels: number },
): Promise<SeenPicture> {
  const { imageName, width, height } = await store.datasets.sample(sampleId);
  const { path } = await store.models.get(modelId);
  const limits = pixelLimitsOf(await readCheckpointSettings(path));
  const seen = seenSize({ width, height }, { ...limits, maxPixels });
  return { name: imageName, width, height, seenWidth: seen.width, seenHeight: seen.height, tokens: seen.tokens };
}

function effectOn(
  sizes: readonly Size[],
  limits: PixelLimits,
  maxPixels: number,
): Pick<DetailEffect, 'mostTokens' | 'meanTokens' | 'shrunk'> {
  const pictures = sizes.map((size) => ({ size, seen: seenSize(size, { ...limits, maxPixels }) }));
  const tokens = pictures.map(({ seen }) => seen.tokens);
  return {
    mostTokens: tokens.reduce((most, count) => Math.max(most, count), 0),
    meanTokens: tokens.reduce((sum, count) => sum + count, 0) / Math.max(1, tokens.length),
    shrunk: pictures.filter(({ size, seen }) => isShrunk(size, seen, limits, maxPixels)).length,
  };
}

/** Whether a picture loses pixels. Rounding to whole tokens may take a few rows; that is no loss to speak of. */
function isShrunk(size: Size, seen: Size, { tiles }: PixelLimits, maxPixels: number): boolean {
  // Tiles enlarge small pictures, and their limit counts the picture as a whole once more.
  if (tiles !== undefined) return Math.max(size.width, size.height) > Math.max(seen.width, seen.height);
  return size.width * size.height > maxPixels;
}
