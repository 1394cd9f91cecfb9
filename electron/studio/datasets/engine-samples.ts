/** @file A dataset's samples in the form the engine expects. */
import type { Sample } from '../../contract/model/datasets.ts';
import type { DatasetId, Split } from '../../contract/model/primitives.ts';
import type { EngineSample } from '../../contract/engine/engine.ts';
import type { Store } from '../../store/connection/open.ts';

type Images = Pick<Store, 'datasets' | 'blobs'>;

/**
 * Samples in the form the engine expects, each with the path of its original image bytes, without opted-out images.
 * @param limit maximum number of samples, from the start; 0 = all
 * @param asOf ignores overrides decided after this time (ISO 8601), so that a run keeps the samples it started with
 * @throws AtelierError NOT_FOUND if an image is missing
 */
export async function engineSamples(
  store: Images,
  datasetId: DatasetId,
  split: Split,
  limit = 0,
  asOf?: string,
): Promise<EngineSample[]> {
  const samples = await usableSamples(store, datasetId, split, asOf);
  return await withImages(store, limit === 0 ? samples : samples.slice(0, limit));
}

/** Samples of one split, or of all splits, whose images did not opt out, in order. */
export async function usableSamples(
  store: Pick<Images, 'datasets'>,
  datasetId: DatasetId,
  split?: Split,
  asOf?: string,
): Promise<Sample[]> {
  return (await store.datasets.allSamples(datasetId, split, asOf)).filter(({ excluded }) => excluded === null);
}

/**
 * Adds the path of each image and whether to apply its orientation, as the dataset specifies.
 * @throws AtelierError NOT_FOUND if an image is missing, VERIFICATION_FAILED if it is damaged
 */
export async function withImages(store: Images, samples: readonly Sample[]): Promise<EngineSample[]> {
  const upright = new Map<DatasetId, boolean>();
  const found: EngineSample[] = [];
  for (const { id, datasetId, imageSha256, imageName, width, height, prompt, answer, task } of samples) {
    const isUpright = upright.get(datasetId) ?? (await store.datasets.get(datasetId)).orientation === 'upright';
    upright.set(datasetId, isUpright);
    found.push({
      id,
      imagePath: await store.blobs.getWhole(imageSha256),
      imageName,
      imageSize: { width, height },
      upright: isUpright,
      prompt,
      answer,
      task,
    });
  }
  return found;
}

/** Picks the given number, evenly spaced, so that data sorted by difficulty is covered throughout. */
export function spreadOver<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]).filter(
    (item) => item !== undefined,
  );
}
