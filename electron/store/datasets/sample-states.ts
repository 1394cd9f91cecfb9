/** @file The editable part of a sample: its current state, its state at an earlier time, and how it is written. */
import type { Source } from '../../contract/model/datasets.ts';
import type { Split, Task } from '../../contract/model/primitives.ts';
import type { RightsSource } from '../../contract/model/signals.ts';
import type { Database } from '../connection/connection.ts';
import { isSourceIn, toSourceRow } from './source-rows.ts';

export type SampleState = {
  id: string;
  task: Task;
  answer: string;
  split: Split;
  licence: string | null;
  authors_json: string;
  tags_json: string;
  licence_source: RightsSource | null;
  authors_source: RightsSource | null;
  /** Ids of its sources, in order. */
  sources_json: string;
};

/** The new state of a sample: every field that can be changed. */
export type NewState = {
  id: string;
  task: Task;
  answer: string;
  split: Split;
  licence: string | null;
  authors: string[];
  tags: string[];
  licenceSource: RightsSource | null;
  authorsSource: RightsSource | null;
  /** Ids of its sources, or the single source that states what the sample itself states. */
  sources: number[] | Source;
};

/** By sample, its state at `asOf` (ISO 8601); omits samples that have not changed since. */
export async function statesAt(database: Database, datasetId: string, asOf: string): Promise<Map<string, SampleState>> {
  const rows = await database.all<SampleState>(
    `SELECT b.sample_id AS id, b.task, b.answer, b.split, b.licence, b.authors_json, b.tags_json, b.licence_source,
        b.authors_source, b.sources_json
       FROM sample_before AS b JOIN (
         SELECT min(b2.edit_seq) AS seq, b2.sample_id FROM sample_before AS b2
           JOIN dataset_edit AS e ON e.seq = b2.edit_seq WHERE e.dataset_id = ? AND e.at > ? GROUP BY b2.sample_id
       ) AS first ON first.seq = b.edit_seq AND first.sample_id = b.sample_id`,
    [datasetId, asOf],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** The dataset's snapshot at `asOf`; null if it has not changed since. */
export async function snapshotAt(database: Database, datasetId: string, asOf: string): Promise<string | null> {
  const row = await database.get<{ snapshot_before: string }>(
    'SELECT snapshot_before FROM dataset_edit WHERE dataset_id = ? AND at > ? ORDER BY seq LIMIT 1',
    [datasetId, asOf],
  );
  return row?.snapshot_before ?? null;
}

/** A state as one JSON row for a statement. */
export function changeableOf({ sources: _sources, authors, tags, ...state }: NewState): unknown {
  return { ...state, authorsJson: JSON.stringify(authors), tagsJson: JSON.stringify(tags) };
}

/** Links samples to their sources, creating new sources as needed. */
export async function linkSources(database: Database, states: readonly NewState[]): Promise<void> {
  const own = states.flatMap(({ id, sources }) => (Array.isArray(sources) ? [] : [{ id, key: keyOf(sources) }]));
  const idOf = await idsOf(database, new Set(own.map(({ key }) => key)));
  const links = states.flatMap(({ id: sampleId, sources }) =>
    (Array.isArray(sources) ? sources : [idOf.get(keyOf(sources))]).map((sourceId, ordinal) => ({
      sampleId,
      ordinal,
      sourceId,
    })),
  );
  if (links.some(({ sourceId }) => sourceId === undefined)) throw new Error('A source was not stored.');
  await database.run('DELETE FROM sample_source WHERE sample_id IN (SELECT value FROM json_each(?))', [
    JSON.stringify(states.map((state) => state.id)),
  ]);
  await database.run(
    `INSERT INTO sample_source (sample_id, ordinal, source_id)
     SELECT value ->> 'sampleId', value ->> 'ordinal', value ->> 'sourceId' FROM json_each(?)`,
    [JSON.stringify(links)],
  );
}

/** A source's row as JSON, by which equal sources are found. */
function keyOf(source: Source): string {
  return JSON.stringify(toSourceRow(source));
}

/** By key, the id of each source; stores those that are new. */
async function idsOf(database: Database, keys: ReadonlySet<string>): Promise<Map<string, number>> {
  if (keys.size === 0) return new Map();
  const ordered = [...keys];
  const json = `[${ordered.join(',')}]`;
  await database.run(
    `INSERT INTO source (title, author, licence, url, credit_json)
     SELECT value ->> 'title', value ->> 'author', value ->> 'licence', value ->> 'url', value ->> 'credit_json'
       FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
    [json],
  );
  const rows = await database.all<{ at: number; id: number }>(
    `SELECT given.key AS at, source.id FROM json_each(?) AS given CROSS JOIN source ON ${isSourceIn('given.value')}`,
    [json],
  );
  return new Map(rows.map(({ at, id }) => [ordered[at] ?? '', id]));
}
