/** @file A dataset's samples as the engine takes them. */
import type { DatasetId, Split } from '../../contract/primitives.ts';
import type { EngineSample } from '../../contract/engine.ts';
import type { Store } from '../../store/open.ts';

/**
 * Samples as the engine takes them: with the path of each image's own bytes, without those whose images opted out.
 * @param asOf overrides that were decided later (ISO 8601) do not count: a run goes on with the samples it began with
 * @throws AtelierError NOT_FOUND where an image is missing
 */
export async function engineSamples(
  store: Pick<Store, 'datasets' | 'blobs'>,
  datasetId: DatasetId,
  split: Split,
  limit = 0,
  asOf?: string,
): Promise<EngineSample[]> {
  const all = await store.datasets.allSamples(datasetId, split, asOf);
  const samples = all.filter((sample) => sample.excluded === null);
  const chosen = limit === 0 ? samples : samples.slice(0, limit);
  const engine: EngineSample[] = [];
  for (const { id, imageSha256, prompt, answer, task } of chosen) {
    engine.push({ id, imagePath: await store.blobs.get(imageSha256), prompt, answer, task });
  }
  return engine;
}
