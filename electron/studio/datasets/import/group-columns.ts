/** @file Columns by which a dataset's samples can be grouped: authors, sources, and the table's other columns. */
import type { DatasetFacets } from '../../../contract/model/curation.ts';
import type { Sample } from '../../../contract/model/datasets.ts';

type Grouped = Pick<Sample, 'authors' | 'sources' | 'extra' | 'imageName'>;

/** A sample's value in a column, as text, or null if there is none. */
export function groupValue(sample: Grouped, column: string): string | null {
  if (column === 'author') return sample.authors.length === 0 ? null : [...sample.authors].sort().join('; ');
  if (column === 'source') return sourceOf(sample);
  const value = sample.extra[column];
  if (value === undefined || value === null || value === '') return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Columns with at least one value, and how many groups each would form. */
export function groupColumns(samples: readonly Grouped[]): DatasetFacets['columns'] {
  const names = new Set(['author', 'source', ...samples.flatMap((sample) => Object.keys(sample.extra))]);
  return [...names].flatMap((name) => {
    const values = new Set<string>();
    let empty = 0;
    for (const sample of samples) {
      const value = groupValue(sample, name);
      if (value === null) empty += 1;
      else values.add(value);
    }
    return values.size === 0 ? [] : [{ name, groups: values.size, empty }];
  });
}

/** An image that is its own source does not show which other images belong with it. */
function sourceOf({ sources, imageName }: Grouped): string | null {
  const stated = sources.filter(
    ({ url, place, title }) => url !== null || place !== undefined || (title !== imageName && title !== ''),
  );
  return stated.length === 0
    ? null
    : stated
        .map((source) => source.url ?? source.place ?? source.title)
        .sort()
        .join('; ');
}
