/**
 * @file Edits of samples. Each edit first records the previous state of its samples, so it can be undone and every
 * earlier state can still be read: a run keeps the data that it started with.
 */
import type { DatasetEdit } from '../../contract/model/curation.ts';
import type { Source } from '../../contract/model/datasets.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { DatasetId } from '../../contract/model/primitives.ts';
import type { AuditStore } from '../audit/audit.ts';
import type { Database } from '../connection/connection.ts';
import { usesDataset } from '../runs/uses-dataset.ts';
import { SOURCE_COLUMNS, toSource, type SourceRow } from './source-rows.ts';
import { changeableOf, linkSources, type NewState, type SampleState } from './sample-states.ts';

export type EditRecord = {
  kind: DatasetEdit['kind'];
  summary: string;
  note: string | null;
  snapshotBefore: string;
  snapshotAfter: string;
  /** The edit that this one undoes. */
  undoes?: string;
  /** Fields that were set, for the audit log; never their values, which may be names. */
  fields: string[];
};

type EditRow = {
  seq: number;
  id: string;
  dataset_id: string;
  at: string;
  kind: DatasetEdit['kind'];
  summary: string;
  note: string | null;
  samples: number;
  snapshot_before: string;
  snapshot_after: string;
  undone_by: string | null;
  overtaken: 0 | 1;
};

const BATCH = 500;

/**
 * Writes a batch of states. The unary plus keeps SQLite from walking the whole dataset for each batch, with the batch read
 * anew for every sample: it looks up each sample by its id.
 */
export const WRITE_STATES = `UPDATE sample SET task = n.task, answer = n.answer, split = n.split, licence = n.licence,
   authors_json = n.authors_json, tags_json = n.tags_json, licence_source = n.licence_source,
   authors_source = n.authors_source
 FROM (SELECT value ->> 'id' AS id, value ->> 'task' AS task, value ->> 'answer' AS answer, value ->> 'split' AS split,
         value ->> 'licence' AS licence, value ->> 'authorsJson' AS authors_json, value ->> 'tagsJson' AS tags_json,
         value ->> 'licenceSource' AS licence_source, value ->> 'authorsSource' AS authors_source FROM json_each(?1)) AS n
 WHERE sample.id = n.id AND +sample.dataset_id = ?2`;

export type DatasetEditStore = ReturnType<typeof createDatasetEditStore>;

export function createDatasetEditStore(database: Database, audit: AuditStore) {
  /**
   * Writes an edit: the state before, the state after, and the audit entry. Call it inside a transaction that also
   * updates the dataset's own counts.
   */
  async function record(datasetId: DatasetId, edit: EditRecord, states: readonly NewState[]): Promise<string> {
    if (!database.inTransaction()) throw new Error('An edit belongs into a transaction.');
    const at = await timeAfterEverything(datasetId);
    const seq = ((await database.get<{ seq: number }>('SELECT max(seq) AS seq FROM dataset_edit'))?.seq ?? 0) + 1;
    const id = `edit-${seq}`;
    await database.run(
      `INSERT INTO dataset_edit (seq, id, dataset_id, at, kind, summary, note, samples, snapshot_before, snapshot_after, undoes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        seq,
        id,
        datasetId,
        at,
        edit.kind,
        edit.summary,
        edit.note,
        states.length,
        edit.snapshotBefore,
        edit.snapshotAfter,
        edit.undoes ?? null,
      ],
    );
    for (let start = 0; start < states.length; start += BATCH)
      await change(datasetId, seq, at, states.slice(start, start + BATCH));
    await audit.append(edit.kind === 'undo' ? 'dataset.undone' : 'dataset.edited', {
      datasetId,
      editId: id,
      kind: edit.kind,
      fields: edit.fields,
      samples: states.length,
      snapshotBefore: edit.snapshotBefore,
      snapshotAfter: edit.snapshotAfter,
      ...(edit.note === null ? {} : { note: edit.note }),
      ...(edit.undoes === undefined ? {} : { undoes: edit.undoes }),
    });
    return id;
  }

  async function change(datasetId: string, seq: number, at: string, states: readonly NewState[]): Promise<void> {
    const ids = JSON.stringify(states.map((state) => state.id));
    await database.run(
      `INSERT INTO sample_before (edit_seq, sample_id, task, answer, split, licence, authors_json, tags_json,
         licence_source, authors_source, sources_json)
       SELECT ?2, s.id, s.task, s.answer, s.split, s.licence, s.authors_json, s.tags_json, s.licence_source, s.authors_source,
         (SELECT json_group_array(source_id) FROM (SELECT source_id FROM sample_source WHERE sample_id = s.id ORDER BY ordinal))
         FROM sample AS s WHERE s.dataset_id = ?3 AND s.id IN (SELECT value FROM json_each(?1))`,
      [ids, seq, datasetId],
    );
    await database.run(
      `INSERT INTO licence (expression, first_seen_at) SELECT value, ?2 FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
      [JSON.stringify([...new Set(states.flatMap(({ licence }) => licence ?? []))]), at],
    );
    const { changes } = await database.run(WRITE_STATES, [JSON.stringify(states.map(changeableOf)), datasetId]);
    if (changes !== states.length) throw new Error(`${changes} of ${states.length} samples were changed.`);
    await linkSources(database, states);
  }

  /**
   * Runs and earlier edits identify states by time, so an edit's time must be later than all of theirs, whatever the
   * clock says.
   */
  async function timeAfterEverything(datasetId: string): Promise<string> {
    const last = await database.get<{ at: string | null }>(
      `SELECT max(at) AS at FROM (SELECT at FROM dataset_edit WHERE dataset_id = ?1
         UNION ALL SELECT created_at FROM run WHERE ${usesDataset('?1')})`,
      [datasetId],
    );
    const earliestMs = last?.at === null || last?.at === undefined ? 0 : Date.parse(last.at) + 1;
    return new Date(Math.max(Date.now(), earliestMs)).toISOString();
  }

  /** Newest first. */
  async function list(datasetId: DatasetId): Promise<DatasetEdit[]> {
    const rows = await database.all<EditRow>(
      `SELECT e.*, (SELECT u.id FROM dataset_edit AS u WHERE u.undoes = e.id) AS undone_by,
          EXISTS (SELECT 1 FROM dataset_edit AS later JOIN sample_before AS l ON l.edit_seq = later.seq
                    JOIN sample_before AS own ON own.edit_seq = e.seq AND own.sample_id = l.sample_id
                   WHERE later.dataset_id = e.dataset_id AND later.seq > e.seq AND later.kind <> 'undo'
                     AND NOT EXISTS (SELECT 1 FROM dataset_edit AS u WHERE u.undoes = later.id)) AS overtaken
         FROM dataset_edit AS e WHERE e.dataset_id = ? ORDER BY e.seq DESC`,
      [datasetId],
    );
    return rows.map((row) => ({
      id: row.id,
      datasetId: DatasetId.parse(row.dataset_id),
      at: row.at,
      kind: row.kind,
      summary: row.summary,
      note: row.note,
      samples: row.samples,
      snapshotBefore: row.snapshot_before,
      snapshotAfter: row.snapshot_after,
      undoneBy: row.undone_by,
      undoable: row.kind !== 'undo' && row.undone_by === null && row.overtaken === 0,
    }));
  }

  /** The state of an edit's samples before the edit. @throws AtelierError NOT_FOUND */
  async function statesBefore(datasetId: DatasetId, editId: string): Promise<SampleState[]> {
    const rows = await database.all<SampleState>(
      `SELECT b.sample_id AS id, b.task, b.answer, b.split, b.licence, b.authors_json, b.tags_json, b.licence_source,
          b.authors_source, b.sources_json
         FROM sample_before AS b JOIN dataset_edit AS e ON e.seq = b.edit_seq WHERE e.dataset_id = ? AND e.id = ?`,
      [datasetId, editId],
    );
    if (rows.length > 0) return rows;
    throw new AtelierError('NOT_FOUND', `The dataset ${datasetId} has no edit "${editId}".`, {
      place: { field: 'editId' },
      remedy: 'The list of edits shows the ids that exist.',
    });
  }

  /** By sample, the ids of its sources in order; omits samples without a source. */
  async function sourceIds(sampleIds: readonly string[]): Promise<Map<string, number[]>> {
    const rows = await database.all<{ sample_id: string; source_id: number }>(
      `SELECT sample_id, source_id FROM sample_source WHERE sample_id IN (SELECT value FROM json_each(?))
        ORDER BY sample_id, ordinal`,
      [JSON.stringify(sampleIds)],
    );
    const found = new Map<string, number[]>();
    for (const row of rows) found.set(row.sample_id, [...(found.get(row.sample_id) ?? []), row.source_id]);
    return found;
  }

  async function sourcesById(ids: readonly number[]): Promise<Map<number, Source>> {
    const rows = await database.all<SourceRow & { id: number }>(
      `SELECT id, ${SOURCE_COLUMNS} FROM source WHERE id IN (SELECT value FROM json_each(?))`,
      [JSON.stringify(ids)],
    );
    return new Map(rows.map(({ id, ...row }) => [id, toSource(row)]));
  }

  return { record, list, statesBefore, sourceIds, sourcesById };
}
