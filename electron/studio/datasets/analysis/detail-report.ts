/** @file What each level of detail means for a dataset's pictures, from their sizes alone. */
import type { Sample } from '../../../contract/model/datasets.ts';
import type { SeenPicture } from '../../../contract/engine/memory.ts';
import type { ModelId, SampleId } from '../../../contract/model/primitives.ts';
import type { DetailEffect, DetailReport, DetailRequest, PixelLimits } from '../../../contract/model/detail.ts';
import { readCheckpointSettings } from '../../../formats/checkpoint.ts';
import { smartResize, type Size } from '../../../formats/smart-resize.ts';
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
  const { minPixels, pixelsPerToken } = pixelLimitsOf(await readCheckpointSettings(path));
  const factor = Math.sqrt(pixelsPerToken);
  const seen = smartResize({ width, height }, { factor, minPixels, maxPixels });
  const tokens = (seen.width * seen.height) / pixelsPerToken;
  return { name: imageName, width, height, seenWidth: seen.width, seenHeight: seen.height, tokens };
}

function effectOn(
  sizes: readonly Size[],
  { minPixels, pixelsPerToken }: PixelLimits,
  maxPixels: number,
): Pick<DetailEffect, 'mostTokens' | 'meanTokens' | 'shrunk'> {
  const factor = Math.sqrt(pixelsPerToken);
  const seen = sizes.map((size) => smartResize(size, { factor, minPixels, maxPixels }));
  const tokens = seen.map(({ width, height }) => (width * height) / pixelsPerToken);
  return {
    mostTokens: tokens.reduce((most, count) => Math.max(most, count), 0),
    meanTokens: tokens.reduce((sum, count) => sum + count, 0) / Math.max(1, tokens.length),
    // Rounding to whole tokens may take a few rows; that is no loss to speak of.
    shrunk: sizes.filter(({ width, height }) => width * height > maxPixels).length,
  };
}
