/** @file Converts rows to the contract's samples, and computes the counts that a dataset's card shows. */
import type { DatasetSummary, Sample, Source } from '../../contract/model/datasets.ts';
import { DatasetId, SampleId, type Split, type Task } from '../../contract/model/primitives.ts';
import type { RightsSource } from '../../contract/model/signals.ts';
import type { Database, SqlParams } from '../connection/connection.ts';
import { SOURCE_COLUMNS, toSource, type SourceRow } from './source-rows.ts';
import { statesAt } from './sample-states.ts';
import { NO_SIGNALS, readSignals, type SignalFacts } from './signal-rows.ts';

/** Pictures on a cover: two rows of four. */
const COVER_IMAGES = 8;
/** SQLite's default limit on bound values is far higher. */
const SOURCE_BATCH = 500;

export type DatasetFacts = Pick<
  DatasetSummary,
  'samples' | 'train' | 'test' | 'tasks' | 'licences' | 'authors' | 'cover'
>;

type SampleRow = {
  id: string;
  dataset_id: string;
  position: number;
  image_sha256: string;
  image_name: string;
  width: number;
  height: number;
  task: Task;
  prompt: string;
  answer: string;
  split: Split;
  licence: string | null;
  authors_json: string;
  extra_json: string;
  tags_json: string;
  licence_source: RightsSource | null;
  authors_source: RightsSource | null;
};

export type CountedSample = Pick<Sample, 'task' | 'split' | 'licence' | 'authors' | 'imageSha256'> & { id: string };

/**
 * Counts over all samples of a dataset. Tasks and licences are listed most frequent first; the cover is evenly spread
 * and has no repeats.
 */
export function factsOf(samples: readonly CountedSample[]): DatasetFacts {
  const counter = createFactsCounter();
  for (const sample of samples) counter.add(sample);
  return counter.facts();
}

/** The same, counted one sample at a time. */
export function createFactsCounter(): { add(sample: CountedSample): void; facts(): DatasetFacts } {
  const tasks = new Map<Task, number>();
  const licences = new Map<string | null, number>();
  const authors = new Set<string>();
  const covers = new Map<string, string>();
  let train = 0;
  let samples = 0;
  return {
    add(sample) {
      samples += 1;
      if (sample.split === 'train') train += 1;
      tasks.set(sample.task, (tasks.get(sample.task) ?? 0) + 1);
      licences.set(sample.licence, (licences.get(sample.licence) ?? 0) + 1);
      for (const author of sample.authors) authors.add(author);
      if (!covers.has(sample.imageSha256)) covers.set(sample.imageSha256, sample.id);
    },
    facts: () => ({
      samples,
      train,
      test: samples - train,
      tasks: byCount(tasks).map(([task, count]) => ({ task, samples: count })),
      licences: byCount(licences).map(([licence, count]) => ({ licence, samples: count })),
      authors: authors.size,
      cover: evenlySpread([...covers.values()], COVER_IMAGES).map((id) => SampleId.parse(id)),
    }),
  };
}

/**
 * At most `most` of the values, in order, one from each of `most` equal parts, because tables are often sorted by
 * answer. The position within a part shifts by the golden ratio, because tables may also cycle through their kinds.
 */
function evenlySpread<Value>(values: readonly Value[], most: number): Value[] {
  if (values.length <= most) return [...values];
  const part = values.length / most;
  // Whole numbers smaller than the shortest part, so that no value appears twice.
  const places = Array.from(
    { length: most },
    (_, index) => Math.floor(index * part) + Math.floor(((index * 0.618) % 1) * Math.floor(part)),
  );
  return places.map((place) => values[place]).filter((value) => value !== undefined);
}

function byCount<Key>(counts: Map<Key, number>): [Key, number][] {
  return [...counts].sort((a, b) => b[1] - a[1]);
}

/**
 * Samples selected by `clause` (WHERE … ORDER BY …, `s` is the sample), each with its sources in order and what its
 * image says about its use. Ignores decisions made after `asOf`.
 */
export async function readSamples(
  database: Database,
  clause: string,
  params: SqlParams,
  asOf?: string,
): Promise<Sample[]> {
  const rows = await database.all<SampleRow>(
    `SELECT s.*, i.width, i.height FROM sample AS s JOIN image AS i ON i.sha256 = s.image_sha256 ${clause}`,
    params,
  );
  return await toSamples(database, rows, asOf);
}

/** Every sample of a dataset as it was at `asOf`, with the values from before any later edits. */
export async function readSamplesAt(database: Database, datasetId: string, asOf: string): Promise<Sample[]> {
  const rows = await database.all<SampleRow>(
    `SELECT s.*, i.width, i.height FROM sample AS s JOIN image AS i ON i.sha256 = s.image_sha256
      WHERE dataset_id = ? ORDER BY position`,
    [datasetId],
  );
  const earlier = await statesAt(database, datasetId, asOf);
  const sources = new Map<string, Source[]>();
  const known = new Map<number, Source>();
  for (const { id, sources_json: json } of earlier.values())
    sources.set(
      id,
      await Promise.all((JSON.parse(json) as number[]).map((source) => sourceById(database, source, known))),
    );
  return await toSamples(
    database,
    rows.map((row) => ({ ...row, ...earlier.get(row.id) })),
    asOf,
    sources,
  );
}

async function sourceById(database: Database, id: number, known: Map<number, Source>): Promise<Source> {
  const seen = known.get(id);
  if (seen !== undefined) return seen;
  const row = await database.get<SourceRow>(`SELECT ${SOURCE_COLUMNS} FROM source WHERE id = ?`, [id]);
  if (row === undefined) throw new Error(`The source ${id} is missing from the store.`);
  const source = toSource(row);
  known.set(id, source);
  return source;
}

async function toSamples(
  database: Database,
  rows: readonly SampleRow[],
  asOf: string | undefined,
  earlierSources: ReadonlyMap<string, Source[]> = new Map(),
): Promise<Sample[]> {
  const sources = await sourcesOf(database, rows);
  const signals = await signalsOf(database, rows, asOf);
  return rows.map((row) => ({
    id: SampleId.parse(row.id),
    datasetId: DatasetId.parse(row.dataset_id),
    position: row.position,
    imageSha256: row.image_sha256,
    imageName: row.image_name,
    width: row.width,
    height: row.height,
    task: row.task,
    prompt: row.prompt,
    answer: row.answer,
    split: row.split,
    licence: row.licence,
    authors: JSON.parse(row.authors_json) as string[],
    sources: earlierSources.get(row.id) ?? sources.get(row.id) ?? [],
    extra: JSON.parse(row.extra_json) as Record<string, unknown>,
    tags: JSON.parse(row.tags_json) as string[],
    licenceSource: row.licence_source,
    authorsSource: row.authors_source,
    ...(signals.get(row.dataset_id)?.get(row.image_sha256) ?? NO_SIGNALS),
  }));
}

async function signalsOf(
  database: Database,
  rows: readonly SampleRow[],
  asOf: string | undefined,
): Promise<Map<string, Map<string, SignalFacts>>> {
  const found = new Map<string, Map<string, SignalFacts>>();
  for (const datasetId of new Set(rows.map((row) => row.dataset_id))) {
    const images = rows.filter((row) => row.dataset_id === datasetId).map((row) => row.image_sha256);
    found.set(datasetId, await readSignals(database, datasetId, images, asOf));
  }
  return found;
}

async function sourcesOf(database: Database, rows: readonly SampleRow[]): Promise<Map<string, Source[]>> {
  const found = new Map<string, Source[]>();
  for (let start = 0; start < rows.length; start += SOURCE_BATCH) {
    // Passing one JSON array as the only parameter keeps the statement the same for every page size.
    const ids = JSON.stringify(rows.slice(start, start + SOURCE_BATCH).map((row) => row.id));
    const links = await database.all<SourceRow & { sample_id: string }>(
      `SELECT sample_source.sample_id, ${SOURCE_COLUMNS}
         FROM sample_source JOIN source ON source.id = sample_source.source_id
        WHERE sample_source.sample_id IN (SELECT value FROM json_each(?))
        ORDER BY sample_source.sample_id, sample_source.ordinal`,
      [ids],
    );
    for (const { sample_id: sampleId, ...row } of links) {
      const list = found.get(sampleId);
      if (list === undefined) found.set(sampleId, [toSource(row)]);
      else list.push(toSource(row));
    }
  }
  return found;
}
