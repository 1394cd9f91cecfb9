/** @file A dataset's samples as the engine takes them. */
import type { Sample } from '../../contract/model/datasets.ts';
import type { DatasetId, Split } from '../../contract/model/primitives.ts';
import type { EngineSample } from '../../contract/engine/engine.ts';
import type { Store } from '../../store/connection/open.ts';

type Images = Pick<Store, 'datasets' | 'blobs'>;

/**
 * Samples as the engine takes them: with the path of each image's own bytes, without those whose images opted out.
 * @param limit the first so many; 0 = all
 * @param asOf overrides that were decided later (ISO 8601) do not count: a run goes on with the samples it began with
 * @throws AtelierError NOT_FOUND where an image is missing
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

/** Samples of a split, or of all, whose images did not opt out, in order. */
export async function usableSamples(
  store: Pick<Images, 'datasets'>,
  datasetId: DatasetId,
  split?: Split,
  asOf?: string,
): Promise<Sample[]> {
  return (await store.datasets.allSamples(datasetId, split, asOf)).filter(({ excluded }) => excluded === null);
}

/**
 * With the path of each image, and whether it is turned as its dataset says.
 * @throws AtelierError NOT_FOUND where an image is missing
 */
export async function withImages(store: Images, samples: readonly Sample[]): Promise<EngineSample[]> {
  const upright = new Map<DatasetId, boolean>();
  const found: EngineSample[] = [];
  for (const { id, datasetId, imageSha256, prompt, answer, task } of samples) {
    const isUpright = upright.get(datasetId) ?? (await store.datasets.get(datasetId)).orientation === 'upright';
    upright.set(datasetId, isUpright);
    found.push({ id, imagePath: await store.blobs.get(imageSha256), upright: isUpright, prompt, answer, task });
  }
  return found;
}

/** So many of them, evenly spaced, so that data sorted by difficulty is seen in all its parts. */
export function spreadOver<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]).filter(
    (item) => item !== undefined,
  );
}
