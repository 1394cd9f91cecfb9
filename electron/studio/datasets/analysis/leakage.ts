/** @file Images used for both training and testing, identical or nearly so, which make test results too optimistic. */
import { LeakageReport, type LeakagePair, type LeakageRequest } from '../../../contract/model/curation.ts';
import type { DatasetSummary } from '../../../contract/model/datasets.ts';
import type { DatasetId } from '../../../contract/model/primitives.ts';
import { NEAR_BITS } from '../../../formats/perceptual-hash.ts';
import type { ImageUse } from '../../../store/datasets/perceptual-hashes.ts';
import { alikePairs, ensurePerceptualHashes, type AlikePair, type CurationStore } from './duplicates.ts';
import { throwIfCancelled } from '../import/intake.ts';

export async function findLeakage(
  store: CurationStore,
  request: LeakageRequest,
  signal?: AbortSignal,
): Promise<LeakageReport> {
  const { datasetId, against, maxDistance = NEAR_BITS, offset, limit } = request;
  const own = await store.datasets.get(datasetId);
  const others =
    against === undefined
      ? await store.datasets.list()
      : await Promise.all(against.map((other) => store.datasets.get(other)));
  const compared = [own, ...others.filter((other) => other.id !== own.id)];
  const ids = compared.map((dataset) => dataset.id);
  await ensurePerceptualHashes(store, ids, signal);
  throwIfCancelled(signal);
  const { pairs: alike } = alikePairs(await store.perceptualHashes.ofDatasets(ids), maxDistance);
  const pairs = leakingPairs(await store.perceptualHashes.uses(ids), alike, datasetId);
  const tests = new Map(pairs.map(({ test }) => [test.sampleId, test.samples]));
  return LeakageReport.parse({
    datasetId,
    maxDistance,
    compared: compared.map(({ id, name }) => ({ datasetId: id, name })),
    total: pairs.length,
    testSamples: [...tests.values()].reduce((sum, samples) => sum + samples, 0),
    pairs: pairs.slice(offset, offset + limit),
  });
}

/** Images on both sides of a dataset's own split: those with identical bytes, and those that only look alike. */
export async function leakageWithin(
  store: CurationStore,
  datasetId: DatasetId,
): Promise<NonNullable<DatasetSummary['leakage']>> {
  await ensurePerceptualHashes(store, [datasetId]);
  const { pairs } = alikePairs(await store.perceptualHashes.ofDatasets([datasetId]), NEAR_BITS);
  return countLeakage(leakingPairs(await store.perceptualHashes.uses([datasetId]), pairs, datasetId));
}

export function countLeakage(pairs: readonly LeakagePair[]): NonNullable<DatasetSummary['leakage']> {
  const images = (kind: LeakagePair['kind']): number =>
    new Set(pairs.filter((pair) => pair.kind === kind).map((pair) => pair.test.imageSha256)).size;
  return { same: images('same'), near: images('near') };
}

/** Pairs of a training and a test use, at least one in `datasetId`; identical bytes first, then by distance. */
function leakingPairs(uses: readonly ImageUse[], alike: readonly AlikePair[], datasetId: DatasetId): LeakagePair[] {
  const byImage = new Map<string, ImageUse[]>();
  for (const use of uses) byImage.set(use.imageSha256, [...(byImage.get(use.imageSha256) ?? []), use]);
  const found: LeakagePair[] = [];
  const meet = (a: readonly ImageUse[], b: readonly ImageUse[], distance: number | null): void => {
    for (const train of a.filter((use) => use.split === 'train')) {
      for (const test of b.filter((use) => use.split === 'test')) {
        if (train.datasetId !== datasetId && test.datasetId !== datasetId) continue;
        found.push({
          kind: distance === null ? 'same' : 'near',
          distance: distance ?? 0,
          train: { ...train, distance: 0 },
          test: { ...test, distance: distance ?? 0 },
        });
      }
    }
  };
  for (const same of byImage.values()) meet(same, same, null);
  for (const { a, b, distance } of alike) {
    const [one, other] = [byImage.get(a) ?? [], byImage.get(b) ?? []];
    meet(one, other, distance);
    meet(other, one, distance);
  }
  return found.sort((a, b) => (a.kind === b.kind ? a.distance - b.distance : a.kind === 'same' ? -1 : 1));
}
