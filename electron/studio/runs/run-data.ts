/** @file The data that a request names: one dataset, or several mixed by weight. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { DatasetSummary, Sample } from '../../contract/model/datasets.ts';
import type { Detail, PixelLimits } from '../../contract/model/detail.ts';
import type { DatasetId } from '../../contract/model/primitives.ts';
import type { MixturePart } from '../../contract/model/recipe.ts';
import { DEFAULT_DETAIL } from '../../method/defaults.ts';
import { maxPixelsOf } from '../../method/detail.ts';
import { mixtureName } from '../../method/mixture.ts';
import type { Store } from '../../store/connection/open.ts';
import { snapshotSha256 } from '../datasets/snapshot.ts';
import { refuseEmpty, type ParsedRunRequest } from '../recipes/resolve.ts';

export interface RunData {
  datasets: DatasetSummary[];
  /** Absent = there is one dataset. */
  mixture?: MixturePart[];
  name: string;
  /** Over the samples of all. */
  snapshotSha256: string;
  /** Training samples, those that are left out included. */
  training: Sample[];
  testSamples: number;
}

/** @throws AtelierError NOT_FOUND, CONFLICT (a removed dataset), BAD_INPUT (`mixture`) */
export async function runDataOf(store: Store, { datasetId, mixture }: ParsedRunRequest): Promise<RunData> {
  if (mixture === undefined) {
    const dataset = await presentDataset(store, datasetId);
    return {
      datasets: [dataset],
      name: dataset.name,
      snapshotSha256: dataset.snapshotSha256,
      training: await store.datasets.allSamples(dataset.id, 'train'),
      testSamples: dataset.test - dataset.excluded.test,
    };
  }
  const ids = mixture.map((part) => part.datasetId);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    const { name } = await presentDataset(store, twice);
    refuse(`The mixture names the dataset "${name}" twice.`, 'Name it once, with its weight.');
  }
  if (ids[0] !== datasetId)
    refuse(
      `The mixture begins with the dataset ${ids[0] ?? ''}, and the recipe names ${datasetId}.`,
      'Name the first dataset of the mixture.',
    );
  const datasets: DatasetSummary[] = [];
  const parts: MixturePart[] = [];
  const all: Sample[] = [];
  for (const { name: _name, ...part } of mixture) {
    const dataset = await presentDataset(store, part.datasetId);
    const samples = await store.datasets.allSamples(dataset.id);
    const training = samples.filter(({ split }) => split === 'train');
    if (training.every(({ excluded }) => excluded !== null)) refuseEmpty(dataset.name, leftOutOf(training));
    datasets.push(dataset);
    parts.push({ ...part, name: dataset.name, datasetSha256: dataset.snapshotSha256 });
    for (const sample of samples) all.push(sample);
  }
  refuseOrientations(datasets);
  return {
    datasets,
    mixture: parts,
    name: mixtureName(datasets.map(({ name }) => name)),
    snapshotSha256: snapshotSha256(all),
    training: all.filter(({ split }) => split === 'train'),
    testSamples: datasets.reduce((sum, { test, excluded }) => sum + test - excluded.test, 0),
  };
}

/** Images that are left out of training, by why. */
export function leftOutOf(samples: readonly Sample[]): { optedOut: number; undecided: number } {
  const images = (cause: string): number =>
    new Set(samples.flatMap(({ excluded, imageSha256 }) => (excluded?.cause === cause ? imageSha256 : []))).size;
  return { optedOut: images('opted-out'), undecided: images('unknown') };
}

/** How much of each picture the datasets ask for: of several, the most. */
export function detailOf(datasets: readonly DatasetSummary[], limits: PixelLimits): Detail | null {
  const [first, ...others] = datasets.map(({ detail }) => detail);
  if (others.every((detail) => detail === first)) return first ?? null;
  return Math.max(...datasets.map(({ detail }) => maxPixelsOf(detail ?? DEFAULT_DETAIL, limits)));
}

async function presentDataset(store: Store, id: DatasetId): Promise<DatasetSummary> {
  const dataset = await store.datasets.get(id);
  if (!(await store.datasets.isRemoved(id))) return dataset;
  throw new AtelierError('CONFLICT', `The dataset "${dataset.name}" was removed.`, {
    place: { field: 'datasetId' },
    remedy: 'Restore it first, or choose another dataset.',
  });
}

/** The papers say once how photographs were turned. */
function refuseOrientations([first, ...others]: readonly DatasetSummary[]): void {
  const other = others.find(({ orientation }) => orientation !== first?.orientation);
  if (first === undefined || other === undefined) return;
  refuse(
    `The photographs of "${first.name}" and "${other.name}" are turned differently (${first.orientation}, ${other.orientation}).`,
    'Import one of them again with the orientation of the other.',
  );
}

function refuse(message: string, remedy: string): never {
  throw new AtelierError('BAD_INPUT', message, { place: { field: 'mixture' }, remedy });
}
