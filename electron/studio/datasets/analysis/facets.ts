/** @file The properties by which a dataset's samples can be selected and grouped. */
import type { DatasetFacets } from '../../../contract/model/curation.ts';
import type { DatasetId } from '../../../contract/model/primitives.ts';
import type { Store } from '../../../store/connection/open.ts';
import { groupColumns } from '../import/group-columns.ts';

/** Longer lists are too long to choose from. */
const MOST = 200;

export async function datasetFacets(store: Pick<Store, 'datasets'>, datasetId: DatasetId): Promise<DatasetFacets> {
  const samples = await store.datasets.allSamples(datasetId);
  return {
    tasks: counted(samples.map(({ task }) => task)),
    tags: counted(samples.flatMap(({ tags }) => tags)),
    authors: counted(samples.flatMap(({ authors }) => authors)),
    licences: counted(samples.map(({ licence }) => licence)),
    verdicts: counted(samples.map(({ verdict }) => verdict)),
    columns: groupColumns(samples).slice(0, MOST),
  };
}

function counted<Value>(values: readonly Value[]): { value: Value; samples: number }[] {
  const counts = new Map<Value, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST)
    .map(([value, samples]) => ({ value, samples }));
}
