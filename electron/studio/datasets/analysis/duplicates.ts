/** @file Groups of images that are identical or look alike. Similarity is a hint to check, never a fact. */
import { DuplicatesReport, type DuplicateGroup, type DuplicatesRequest } from '../../../contract/model/curation.ts';
import type { DatasetId } from '../../../contract/model/primitives.ts';
import { NEAR_BITS } from '../../../formats/perceptual-hash.ts';
import type { Pictures } from '../../../pictures/pictures.ts';
import type { StoredHash } from '../../../store/datasets/perceptual-hashes.ts';
import type { Store } from '../../../store/connection/open.ts';
import { mapBounded } from '../import/bounded.ts';
import { throwIfCancelled } from '../import/intake.ts';
import { createHashIndex, Groups } from '../../../formats/perceptual-hash-index.ts';

export type CurationStore = Pick<Store, 'datasets' | 'blobs' | 'perceptualHashes'> & {
  pictures: Pick<Pictures, 'examine'>;
};

const BATCH = 200;
const PARALLEL = 2;

/** Hashes images imported before perceptual hashes were stored; an image that no longer decodes gets none. */
export async function ensurePerceptualHashes(
  store: CurationStore,
  datasetIds: readonly DatasetId[],
  signal?: AbortSignal,
): Promise<void> {
  const missing = await store.perceptualHashes.missing(datasetIds);
  for (let start = 0; start < missing.length; start += BATCH) {
    throwIfCancelled(signal);
    const made = await mapBounded(missing.slice(start, start + BATCH), PARALLEL, async (sha256) => {
      try {
        return [{ sha256, ...(await store.pictures.examine(await store.blobs.get(sha256), sha256)).look }];
      } catch {
        return [];
      }
    });
    await store.perceptualHashes.insert(made.flat());
  }
}

export type AlikePair = { a: string; b: string; distance: number };

/** Every pair of images that look alike, and how many images were too plain to compare. */
export function alikePairs(looks: readonly StoredHash[], maxDistance: number): { pairs: AlikePair[]; plain: number } {
  const index = createHashIndex<StoredHash>();
  const pairs: AlikePair[] = [];
  let plain = 0;
  for (const look of looks) {
    for (const { entry, distance } of index.near(look, maxDistance))
      pairs.push({ a: entry.sha256, b: look.sha256, distance });
    if (!index.add(look)) plain += 1;
  }
  return { pairs, plain };
}

export async function findDuplicates(
  store: CurationStore,
  request: DuplicatesRequest,
  signal?: AbortSignal,
): Promise<DuplicatesReport> {
  const { datasetId, maxDistance = NEAR_BITS, across, offset, limit } = request;
  await store.datasets.get(datasetId);
  const others = across ? (await store.datasets.list()).map((dataset) => dataset.id) : [];
  const datasetIds = [...new Set([datasetId, ...others])];
  await ensurePerceptualHashes(store, datasetIds, signal);
  const looks = await store.perceptualHashes.ofDatasets(datasetIds);
  throwIfCancelled(signal);
  const { pairs, plain } = alikePairs(looks, maxDistance);
  const together = new Groups();
  for (const { a, b } of pairs) together.join(a, b);
  const distances = new Map<string, number>();
  const toFirst = new Map<string, number>();
  for (const { a, b, distance } of pairs) {
    const root = together.root(a);
    distances.set(root, Math.max(distances.get(root) ?? 0, distance));
    for (const image of [a, b]) toFirst.set(image, Math.min(toFirst.get(image) ?? 64, distance));
  }
  const byRoot = new Map<string, DuplicateGroup['members']>();
  const images = new Set<string>();
  for (const use of await store.perceptualHashes.uses(datasetIds)) {
    images.add(use.imageSha256);
    const root = together.root(use.imageSha256);
    const members = byRoot.get(root) ?? [];
    const first = members[0];
    const distance =
      first === undefined || first.imageSha256 === use.imageSha256 ? 0 : (toFirst.get(use.imageSha256) ?? 0);
    members.push({ ...use, distance });
    byRoot.set(root, members);
  }
  const groups = [...byRoot]
    .filter(([, members]) => members.length > 1 && members.some((member) => member.datasetId === datasetId))
    .map(([root, members]): DuplicateGroup => {
      const kinds = new Set(members.map((member) => member.imageSha256));
      return {
        kind: kinds.size > 1 ? 'near' : 'same',
        members,
        distance: distances.get(root) ?? 0,
        leaks: new Set(members.map((member) => member.split)).size > 1,
        optOutNearby:
          members.some((member) => member.verdict === 'opted-out') &&
          members.some((member) => member.verdict !== 'opted-out'),
      };
    })
    .sort((a, b) => weight(b) - weight(a));
  return DuplicatesReport.parse({
    datasetId,
    maxDistance,
    images: images.size,
    plainImages: plain,
    total: groups.length,
    groups: groups.slice(offset, offset + limit),
  });
}

/** Most urgent first: groups near an opt-out, then leakage, then the rest, larger groups first. */
function weight({ optOutNearby, leaks, members }: DuplicateGroup): number {
  return (optOutNearby ? 2e6 : 0) + (leaks ? 1e6 : 0) + members.length;
}
