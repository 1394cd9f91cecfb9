/** @file A dataset's samples as the engine takes them. */
import type { DatasetId, Split } from '../../contract/primitives.ts';
import type { EngineSample } from '../../contract/engine.ts';
import type { Store } from '../../store/open.ts';

/** Samples as the engine takes them: with the path of each image's own bytes. Throws where an image is missing. */
export async function engineSamples(
  store: Pick<Store, 'datasets' | 'blobs'>,
  datasetId: DatasetId,
  split: Split,
  limit = 0,
): Promise<EngineSample[]> {
  const samples = await store.datasets.allSamples(datasetId, split);
  const chosen = limit === 0 ? samples : samples.slice(0, limit);
  const engine: EngineSample[] = [];
  for (const { id, imageSha256, prompt, answer, task } of chosen) {
    engine.push({ id, imagePath: await store.blobs.get(imageSha256), prompt, answer, task });
  }
  return engine;
}
