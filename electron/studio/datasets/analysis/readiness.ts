/** @file Checks a run's chosen datasets before it starts: skews, and images used for both training and testing. */
import { setImmediate } from 'node:timers/promises';
import type { Readiness, ReadinessRequest, TestLeakage } from '../../../contract/model/readiness.ts';
import { createHashIndex } from '../../../formats/perceptual-hash-index.ts';
import type { StoredHash, UsableImage } from '../../../store/datasets/perceptual-hashes.ts';
import { balanceOf } from './balance-report.ts';
import { ensurePerceptualHashes, type CurationStore } from './duplicates.ts';
import { throwIfCancelled } from '../import/intake.ts';

/** Comparing pictures in batches of this size lets other requests through in between. */
const PICTURES_AT_ONCE = 1000;

/** @throws AtelierError NOT_FOUND if a dataset does not exist, CANCELLED */
export async function readinessOf(
  store: CurationStore,
  { datasetId, testOn }: ReadinessRequest,
  signal?: AbortSignal,
): Promise<Readiness> {
  const own = await store.datasets.get(datasetId);
  const others =
    testOn === undefined
      ? await store.datasets.list()
      : await Promise.all(testOn.map((other) => store.datasets.get(other)));
  const compared = [own, ...others.filter((other) => other.id !== own.id)];
  const { warnings } = await balanceOf(store, datasetId);
  throwIfCancelled(signal);
  const ids = compared.map(({ id }) => id);
  await ensurePerceptualHashes(store, ids, signal);
  const usable = await store.perceptualHashes.usable(ids);
  const looks = new Map((await store.perceptualHashes.ofDatasets(ids)).map((look) => [look.sha256, look]));
  const trains = new Set(
    usable.filter((image) => image.datasetId === datasetId && image.split === 'train').map(({ sha256 }) => sha256),
  );
  const alike = await alikeWith(trains, looks, signal);
  const leakage: TestLeakage[] = [];
  for (const { id, name } of compared) {
    const tests = usable.filter((image) => image.datasetId === id && image.split === 'test');
    const found: TestLeakage = { datasetId: id, name, same: 0, near: 0, samples: 0, of: samplesIn(tests) };
    for (const [at, { sha256, samples }] of tests.entries()) {
      if (at % PICTURES_AT_ONCE === PICTURES_AT_ONCE - 1) await pause(signal);
      const kind = trains.has(sha256) ? 'same' : alike(sha256) ? 'near' : null;
      if (kind === null) continue;
      found[kind] += 1;
      found.samples += samples;
    }
    if (found.samples > 0) leakage.push(found);
  }
  return {
    datasetId,
    balance: warnings,
    compared: compared.map(({ id, name }) => ({ datasetId: id, name })),
    leakage,
  };
}

/** Tells whether a training image with different bytes looks like a given image. */
async function alikeWith(
  trains: ReadonlySet<string>,
  looks: ReadonlyMap<string, StoredHash>,
  signal: AbortSignal | undefined,
): Promise<(sha256: string) => boolean> {
  const index = createHashIndex<StoredHash>();
  let at = 0;
  for (const sha256 of trains) {
    const look = looks.get(sha256);
    if (look !== undefined) index.add(look);
    if (++at % PICTURES_AT_ONCE === 0) await pause(signal);
  }
  return (sha256) => {
    const look = looks.get(sha256);
    return look !== undefined && index.near(look).length > 0;
  };
}

async function pause(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  throwIfCancelled(signal);
}

function samplesIn(images: readonly UsableImage[]): number {
  return images.reduce((sum, { samples }) => sum + samples, 0);
}
