/**
 * @file Datasets and their samples. A sample's image and question never change; everything else changes only through
 * recorded edits.
 */
import type { SampleFilter } from '../../contract/model/curation.ts';
import type { Detail } from '../../contract/model/detail.ts';
import { DatasetSummary, type PicturePage, type Sample } from '../../contract/model/datasets.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { DatasetId, SampleId, TaskStarter, type Split } from '../../contract/model/primitives.ts';
import { NOT_UNDERSTOOD, licenceInWords } from '../../contract/model/stated-licence.ts';
import type { UnknownUse } from '../../contract/model/signals.ts';
import type { AuditStore } from '../audit/audit.ts';
import type { Database } from '../connection/connection.ts';
import { batches, type Streamed } from '../connection/batches.ts';
import { insertSamples } from './dataset-insert.ts';
import type { ImageRecord, NewSample, SampleQuery, Sha256, SourceUse } from './dataset-types.ts';
import { factsOf, readSamples, readSamplesAt, type CountedSample, type DatasetFacts } from './dataset-rows.ts';
import { usesDataset } from '../runs/uses-dataset.ts';
import { freeId } from '../connection/ids.ts';
import { insertHashes, type StoredHash } from './perceptual-hashes.ts';
import { readPictures, type PictureQuery } from './picture-tiles.ts';
import { sampleConditions } from './sample-filter.ts';
import { SOURCE_COLUMNS, toSource, type SourceRow } from './source-rows.ts';
import { snapshotAt } from './sample-states.ts';
import {
  insertSignals,
  insertUnknown,
  type EvidenceFile,
  type ImageSignals,
  type UnknownImage,
} from './signal-rows.ts';
import { excludedCounts, type ExcludedCounts } from './signals.ts';

export type NewDataset = {
  name: string;
  origin: string;
  snapshotSha256: Sha256;
  warnings: string[];
  /** The import request as given, kept for the record. */
  request: unknown;
  /** Set for data that ships with Atelier; names the task and the version of its table. */
  starterKey?: string;
  images: Streamed<ImageRecord>;
  samples: Streamed<NewSample>;
  /** Counts over the samples, if known; their sample ids are positions. Required if samples are streamed. */
  facts?: DatasetFacts;
  /** What the images say about their use; images that say nothing may be omitted. */
  signals?: Streamed<ImageSignals>;
  /** Images left out because they say nothing about training. */
  unknown?: Streamed<UnknownImage>;
  unknownUse?: UnknownUse;
  evidence?: EvidenceFile[];
  looks?: Streamed<StoredHash>;
  leakage?: DatasetSummary['leakage'];
};

type DatasetRow = {
  id: string;
  name: string;
  created_at: string;
  origin: string;
  snapshot_sha256: string;
  facts_json: string;
  warnings_json: string;
  removed_at: string | null;
  leakage_json: string | null;
  detail_json: string | null;
  request_json: string;
  starter_key: string | null;
};

export type DatasetStore = ReturnType<typeof createDatasetStore>;

export function createDatasetStore(database: Database, audit: AuditStore) {
  /** Writes a dataset with its images, samples, sources and audit entry, all or nothing. */
  async function insert(dataset: NewDataset): Promise<DatasetSummary> {
    return await database.transaction(async () => {
      const id = await freeId(database, 'dataset', `ds-${dataset.snapshotSha256.slice(0, 8)}`);
      const createdAt = new Date().toISOString();
      const facts =
        dataset.facts === undefined ? factsOf(await identified(dataset.samples, id)) : namedFor(dataset.facts, id);
      await database.run(
        `INSERT INTO dataset (id, name, created_at, origin, snapshot_sha256, facts_json, warnings_json, request_json, starter_key, leakage_json)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          id,
          dataset.name,
          createdAt,
          dataset.origin,
          dataset.snapshotSha256,
          JSON.stringify(facts),
          JSON.stringify(dataset.warnings),
          JSON.stringify(dataset.request),
          dataset.starterKey ?? null,
          dataset.leakage === undefined || dataset.leakage === null ? null : JSON.stringify(dataset.leakage),
        ],
      );
      let images = 0;
      await insertSamples(
        database,
        id,
        mapped(dataset.images, (image) => {
          images += 1;
          return image;
        }),
        mapped(dataset.samples, (sample) => ({ ...sample, id: sampleIdFor(id, sample.position) })),
        createdAt,
      );
      const { optedOut } = await insertSignals(database, id, dataset.signals ?? [], dataset.evidence ?? [], createdAt);
      const unknown = await insertUnknown(database, id, dataset.unknown ?? []);
      for await (const looks of batches(dataset.looks ?? [])) await insertHashes(database, looks);
      await audit.append('dataset.imported', {
        datasetId: id,
        snapshotSha256: dataset.snapshotSha256,
        samples: facts.samples,
        images,
        ...(optedOut === 0 ? {} : { optedOut }),
        ...licencesNotUnderstood(facts),
        ...(dataset.unknownUse === undefined || dataset.unknownUse === 'use'
          ? {}
          : { unknownUse: dataset.unknownUse, unknown }),
      });
      return await get(DatasetId.parse(id));
    });
  }

  /** Datasets, newest first, without the removed ones. */
  async function list(): Promise<DatasetSummary[]> {
    const rows = await database.all<DatasetRow>(
      'SELECT * FROM dataset WHERE removed_at IS NULL ORDER BY created_at DESC, id',
    );
    return await summaries(rows);
  }

  async function summaries(rows: readonly DatasetRow[]): Promise<DatasetSummary[]> {
    const excluded = await excludedCounts(database);
    const edits = await standingEdits();
    return rows.map((row) => toSummary(row, excluded.get(row.id), edits.get(row.id)));
  }

  async function summary(row: DatasetRow): Promise<DatasetSummary> {
    const excluded = (await excludedCounts(database, row.id)).get(row.id);
    return toSummary(row, excluded, (await standingEdits()).get(row.id));
  }

  /** By dataset, the number of edits that have not been undone. */
  async function standingEdits(): Promise<Map<string, number>> {
    const rows = await database.all<{ id: string; edits: number }>(
      `SELECT dataset_id AS id, count(*) FILTER (WHERE kind <> 'undo') - count(*) FILTER (WHERE kind = 'undo') AS edits
         FROM dataset_edit GROUP BY dataset_id`,
    );
    return new Map(rows.map(({ id, edits }) => [id, edits]));
  }

  async function rowOf(datasetId: DatasetId): Promise<DatasetRow> {
    const row = await database.get<DatasetRow>('SELECT * FROM dataset WHERE id = ?', [datasetId]);
    if (row === undefined) {
      throw new AtelierError('NOT_FOUND', `There is no dataset with the id "${datasetId}".`, {
        place: { field: 'datasetId' },
        remedy: 'The list of datasets shows the ids that exist.',
      });
    }
    return row;
  }

  /** Any dataset by id, including removed ones, because runs and exports still refer to them. */
  async function get(datasetId: DatasetId): Promise<DatasetSummary> {
    return await summary(await rowOf(datasetId));
  }

  async function isRemoved(datasetId: DatasetId): Promise<boolean> {
    return (await rowOf(datasetId)).removed_at !== null;
  }

  /** Datasets not removed that contain exactly this data. */
  async function findBySnapshot(snapshotSha256: Sha256): Promise<DatasetSummary[]> {
    const rows = await database.all<DatasetRow>(
      'SELECT * FROM dataset WHERE snapshot_sha256 = ? AND removed_at IS NULL ORDER BY created_at',
      [snapshotSha256],
    );
    return await summaries(rows);
  }

  /** The starter dataset with this key, whether or not it was removed. */
  async function findStarter(starterKey: string): Promise<DatasetSummary | undefined> {
    const row = await database.get<DatasetRow>('SELECT * FROM dataset WHERE starter_key = ?', [starterKey]);
    return row === undefined ? undefined : await summary(row);
  }

  /** The hash of the dataset's data at `asOf`, or now. */
  async function snapshotSha256At(datasetId: DatasetId, asOf?: string): Promise<Sha256> {
    const now = (await rowOf(datasetId)).snapshot_sha256;
    return asOf === undefined ? now : ((await snapshotAt(database, datasetId, asOf)) ?? now);
  }

  /** Recomputes the card's counts, the hash and the leakage after an edit. Call it in the edit's transaction. */
  async function refresh(
    datasetId: DatasetId,
    change: { snapshotSha256: Sha256; samples: readonly CountedSample[]; leakage: DatasetSummary['leakage'] },
  ): Promise<DatasetSummary> {
    await database.run('UPDATE dataset SET snapshot_sha256 = ?, facts_json = ?, leakage_json = ? WHERE id = ?', [
      change.snapshotSha256,
      JSON.stringify(factsOf(change.samples)),
      change.leakage === null ? null : JSON.stringify(change.leakage),
      datasetId,
    ]);
    return await get(datasetId);
  }

  async function setLeakage(datasetId: DatasetId, leakage: NonNullable<DatasetSummary['leakage']>): Promise<void> {
    await database.run('UPDATE dataset SET leakage_json = ? WHERE id = ?', [JSON.stringify(leakage), datasetId]);
  }

  /** Ids of all samples that match a filter, in order. */
  async function sampleIds(datasetId: DatasetId, filter: SampleFilter): Promise<SampleId[]> {
    await rowOf(datasetId);
    const { where, params } = sampleConditions(datasetId, filter);
    const rows = await database.all<{ id: string }>(`SELECT id FROM sample WHERE ${where} ORDER BY position`, params);
    return rows.map(({ id }) => SampleId.parse(id));
  }

  /** One page of samples in the order of the import file. */
  async function samples(query: SampleQuery): Promise<{ total: number; samples: Sample[] }> {
    await rowOf(query.datasetId);
    const { where, params } = sampleConditions(query.datasetId, query);
    const total =
      (await database.get<{ n: number }>(`SELECT count(*) AS n FROM sample WHERE ${where}`, params))?.n ?? 0;
    const page = await readSamples(database, `WHERE ${where} ORDER BY position LIMIT ? OFFSET ?`, [
      ...params,
      query.limit,
      query.offset,
    ]);
    return { total, samples: page };
  }

  /** One page of pictures with their samples, in the order of each picture's first sample. */
  async function pictures(query: PictureQuery): Promise<PicturePage> {
    await rowOf(query.datasetId);
    return await readPictures(database, query);
  }

  /**
   * Every sample of a dataset (or of one split), in the order of the import file. Ignores overrides and edits made
   * after `asOf`.
   */
  async function allSamples(datasetId: DatasetId, split?: Split, asOf?: string): Promise<Sample[]> {
    await rowOf(datasetId);
    if (asOf !== undefined && (await snapshotAt(database, datasetId, asOf)) !== null) {
      const then = await readSamplesAt(database, datasetId, asOf);
      return split === undefined ? then : then.filter((sample) => sample.split === split);
    }
    return split === undefined
      ? await readSamples(database, 'WHERE dataset_id = ? ORDER BY position', [datasetId], asOf)
      : await readSamples(database, 'WHERE dataset_id = ? AND split = ? ORDER BY position', [datasetId, split], asOf);
  }

  async function sample(sampleId: SampleId): Promise<Sample> {
    const [found] = await readSamples(database, 'WHERE s.id = ?', [sampleId]);
    if (found === undefined) {
      throw new AtelierError('NOT_FOUND', `There is no sample with the id "${sampleId}".`, {
        place: { field: 'sampleId' },
      });
    }
    return found;
  }

  /** Distinct sources of a dataset's images, most used first, for a list of credits. */
  async function sources(datasetId: DatasetId): Promise<SourceUse[]> {
    await rowOf(datasetId);
    const rows = await database.all<SourceRow & { samples: number }>(
      `SELECT ${SOURCE_COLUMNS}, count(DISTINCT sample.id) AS samples
         FROM sample JOIN sample_source ON sample_source.sample_id = sample.id
         JOIN source ON source.id = sample_source.source_id
        WHERE sample.dataset_id = ? GROUP BY source.id ORDER BY samples DESC, source.title, source.id`,
      [datasetId],
    );
    return rows.map(({ samples, ...row }) => ({ ...toSource(row), samples }));
  }

  async function rename(datasetId: DatasetId, name: string): Promise<DatasetSummary> {
    return await database.transaction(async () => {
      await rowOf(datasetId);
      await database.run('UPDATE dataset SET name = ? WHERE id = ?', [name, datasetId]);
      await audit.append('dataset.renamed', { datasetId });
      return await get(datasetId);
    });
  }

  /** Says how much of each picture a model sees; null = the default. Changes no sample and no earlier run. */
  async function setDetail(datasetId: DatasetId, detail: Detail | null): Promise<DatasetSummary> {
    return await database.transaction(async () => {
      await rowOf(datasetId);
      await database.run('UPDATE dataset SET detail_json = ? WHERE id = ?', [
        detail === null ? null : JSON.stringify(detail),
        datasetId,
      ]);
      await audit.append('dataset.detail-set', { datasetId, detail });
      return await get(datasetId);
    });
  }

  /** Marks a dataset as removed. Refused while a run uses it; returns false if it was already removed. */
  async function remove(datasetId: DatasetId): Promise<boolean> {
    return await database.transaction(async () => {
      const row = await rowOf(datasetId);
      if (row.removed_at !== null) return false;
      const run = await database.get<{ id: string; name: string }>(
        `SELECT id, name FROM run WHERE status IN ('queued', 'running') AND ${usesDataset('?1')} LIMIT 1`,
        [datasetId],
      );
      if (run !== undefined) {
        throw new AtelierError(
          'CONFLICT',
          `The dataset "${row.name}" is used by the run "${run.name}" (${run.id}), which has not ended.`,
          {
            place: { field: 'datasetId' },
            remedy: 'Stop the run or wait for its end, then remove the dataset.',
          },
        );
      }
      await database.run('UPDATE dataset SET removed_at = ? WHERE id = ?', [new Date().toISOString(), datasetId]);
      await audit.append('dataset.removed', { datasetId });
      return true;
    });
  }

  async function restore(datasetId: DatasetId): Promise<DatasetSummary> {
    return await database.transaction(async () => {
      const row = await rowOf(datasetId);
      if (row.removed_at !== null) {
        await database.run('UPDATE dataset SET removed_at = NULL WHERE id = ?', [datasetId]);
        await audit.append('dataset.restored', { datasetId });
      }
      return await get(datasetId);
    });
  }

  /** Hashes of all images that any dataset, removed or not, refers to. */
  async function imageHashes(): Promise<Set<string>> {
    return new Set((await database.all<{ sha256: string }>('SELECT sha256 FROM image')).map((row) => row.sha256));
  }

  /** What is known about an image's bytes: `format` is the decoder's name for the format ('png', 'jpeg', …). */
  async function image(sha256: Sha256): Promise<ImageRecord | undefined> {
    return await database.get<ImageRecord>(
      'SELECT sha256, format, size_bytes AS sizeBytes, width, height FROM image WHERE sha256 = ?',
      [sha256],
    );
  }

  return {
    insert,
    list,
    get,
    isRemoved,
    findBySnapshot,
    findStarter,
    samples,
    pictures,
    sampleIds,
    allSamples,
    snapshotSha256At,
    refresh,
    setLeakage,
    sample,
    sources,
    rename,
    setDetail,
    remove,
    restore,
    imageHashes,
    image,
  };
}

async function identified(samples: Streamed<NewSample>, id: string): Promise<(NewSample & { id: string })[]> {
  const list: (NewSample & { id: string })[] = [];
  for await (const sample of samples) list.push({ ...sample, id: sampleIdFor(id, sample.position) });
  return list;
}

/** Facts counted before the dataset had an id identify the cover's samples by position. */
function namedFor(facts: DatasetFacts, id: string): DatasetFacts {
  return { ...facts, cover: facts.cover.map((position) => SampleId.parse(sampleIdFor(id, Number(position)))) };
}

async function* mapped<Item, Result>(items: Streamed<Item>, change: (item: Item) => Result): AsyncGenerator<Result> {
  for await (const item of items) yield change(item);
}

/** The id of the sample at `position` in a dataset. */
export function sampleIdFor(datasetId: string, position: number): string {
  return `${datasetId}-${String(position).padStart(4, '0')}`;
}

function toSummary(row: DatasetRow, excluded: ExcludedCounts | undefined, edits = 0): DatasetSummary {
  const facts = JSON.parse(row.facts_json) as DatasetFacts;
  return DatasetSummary.parse({
    id: row.id,
    name: row.name,
    createdAt: row.created_at,
    origin: row.origin,
    snapshotSha256: row.snapshot_sha256,
    warnings: JSON.parse(row.warnings_json) as unknown,
    ...facts,
    ...(excluded === undefined ? {} : { excluded }),
    leakage: row.leakage_json === null ? null : (JSON.parse(row.leakage_json) as unknown),
    edits,
    detail: row.detail_json === null ? null : (JSON.parse(row.detail_json) as unknown),
    orientation: (JSON.parse(row.request_json) as { orientation?: unknown }).orientation,
    unknownUse: (JSON.parse(row.request_json) as { unknownUse?: unknown }).unknownUse,
    example: TaskStarter.safeParse(/^task:(.+)@/.exec(row.starter_key ?? '')?.[1]).data,
  });
}

/** The licences, in words, that were stated and not understood; the log names the most frequent. */
function licencesNotUnderstood({ licences }: DatasetFacts): { licencesNotUnderstood?: string[] } {
  const words = licences.flatMap(({ licence }) =>
    licence?.includes(NOT_UNDERSTOOD) === true ? licenceInWords(licence) : [],
  );
  return words.length === 0 ? {} : { licencesNotUnderstood: words.slice(0, MOST_LOGGED) };
}

const MOST_LOGGED = 20;
