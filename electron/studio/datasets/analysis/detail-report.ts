/** @file What each level of detail means for a dataset's pictures, from their sizes alone. */
import type { DetailEffect, DetailReport, DetailRequest, PixelLimits } from '../../../contract/model/detail.ts';
import { readCheckpointSettings } from '../../../formats/checkpoint.ts';
import { smartResize, type Size } from '../../../formats/smart-resize.ts';
import { DEFAULT_DETAIL } from '../../../method/defaults.ts';
import { distinctLimits, maxPixelsOf } from '../../../method/detail.ts';
import type { Store } from '../../../store/connection/open.ts';
import { pixelLimitsOf } from '../../models/detail.ts';
import { usableSamples } from '../engine-samples.ts';

/** @throws AtelierError NOT_FOUND; BAD_INPUT if the model does not take the number of pixels that is asked about or set */
export async function detailReport(
  store: Pick<Store, 'datasets' | 'models'>,
  request: DetailRequest,
): Promise<DetailReport> {
  const { detail } = await store.datasets.get(request.datasetId);
  const model = await store.models.get(request.modelId);
  const limits = pixelLimitsOf(await readCheckpointSettings(model.path));
  const maxPixels = maxPixelsOf(detail ?? DEFAULT_DETAIL, limits);
  const sizes = new Map<string, Size>();
  for (const { imageSha256, width, height } of await usableSamples(store, request.datasetId))
    sizes.set(imageSha256, { width, height });
  const asked = [maxPixels, ...(request.maxPixels === undefined ? [] : [maxPixelsOf(request.maxPixels, limits)])];
  const levels = distinctLimits(limits);
  const extra = [...new Set(asked)].filter((pixels) => levels.every((level) => level.maxPixels !== pixels));
  const all = [...levels, ...extra.map((pixels) => ({ maxPixels: pixels, levels: [] }))];
  return {
    limits,
    detail,
    maxPixels,
    pictures: sizes.size,
    effects: all
      .map((level) => ({ ...level, ...effectOn([...sizes.values()], limits, level.maxPixels) }))
      .sort((a, b) => a.maxPixels - b.maxPixels),
  };
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
