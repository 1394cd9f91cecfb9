/**
 * @file Where an import keeps its rows and pictures until all of them are read: a database of its own in a temporary
 * folder. So memory does not grow with the number of rows, and a cancel or a crash leaves nothing in the store.
 */
import { join } from 'node:path';
import type { RowProblem } from '../../../contract/model/datasets.ts';
import type { Split } from '../../../contract/model/primitives.ts';
import type { ImageReading, ImageStatement } from '../../../provenance/signals/read-image.ts';
import { openDatabase, type Database } from '../../../store/connection/connection.ts';
import type { ImageRecord } from '../../../store/datasets/datasets.ts';
import type { StoredLook } from '../../../store/datasets/looks.ts';
import type { EvidenceFile } from '../../../store/datasets/signal-rows.ts';
import { makeTemporary, removeTemporary } from '../../temporary-folders.ts';
import type { RowValues } from './row-values.ts';

const SCHEMA = `
PRAGMA synchronous = OFF;
CREATE TABLE row (
  position INTEGER PRIMARY KEY, line INTEGER NOT NULL, source TEXT, name TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL,
  question TEXT NOT NULL, answer TEXT NOT NULL, given TEXT, split TEXT, state TEXT NOT NULL DEFAULT 'ok', values_json TEXT NOT NULL
) STRICT;
CREATE INDEX row_by_image ON row (sha256, question, position);
CREATE TABLE file (path TEXT PRIMARY KEY, sha256 TEXT, reason TEXT, base TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE picture (
  sha256 TEXT PRIMARY KEY, position INTEGER NOT NULL, name TEXT NOT NULL, record_json TEXT NOT NULL, frames INTEGER NOT NULL,
  orientation INTEGER NOT NULL, dhash TEXT NOT NULL, detail INTEGER NOT NULL, tones TEXT NOT NULL,
  reading_json TEXT, beside_json TEXT, statement_json TEXT, opted_out INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX picture_by_position ON picture (position);
CREATE TABLE beside (path TEXT NOT NULL, sha256 TEXT NOT NULL, reading_json TEXT NOT NULL, PRIMARY KEY (sha256, path, reading_json)) STRICT, WITHOUT ROWID;
CREATE TABLE evidence (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE problem (id INTEGER PRIMARY KEY, line INTEGER, file TEXT, field TEXT, reason TEXT NOT NULL) STRICT;
CREATE TABLE missing (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE record_line (sorted BLOB NOT NULL, position INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (sorted, position)) STRICT, WITHOUT ROWID;
`;

/** What is known about an image's bytes: everything that is read from them, once. */
export type Picture = {
  record: ImageRecord;
  frames: number;
  orientation: number;
  look: Omit<StoredLook, 'sha256'>;
  reading: ImageReading;
};

export type StagedRow = {
  position: number;
  line: number;
  /** The table it is from, where there are several. */
  source: string | null;
  /** The image as the row names it. */
  name: string;
  /** The image's file as it is shown. */
  path: string;
  sha256: string;
  values: RowValues;
};

/** A row that can be used, with what is known about its image. */
export type ReadyRow = StagedRow & {
  split: Split;
  record: ImageRecord;
  frames: number;
  orientation: number;
  /** Null where the image says nothing. */
  statement: ImageStatement | null;
  /** True for the first row of its image. */
  isFirst: boolean;
};

export type Staging = Awaited<ReturnType<typeof openStaging>>;

const PAGE = 400;

export async function openStaging() {
  const folder = await makeTemporary('import');
  const db = await openStagingDatabase(folder);

  async function addRows(rows: readonly StagedRow[]): Promise<void> {
    await db.run(
      `INSERT INTO row (position, line, source, name, path, sha256, question, answer, given, values_json)
       SELECT value ->> 'position', value ->> 'line', value ->> 'source', value ->> 'name', value ->> 'path', value ->> 'sha256',
         value ->> 'question', value ->> 'answer', value ->> 'given', value ->> 'json' FROM json_each(?)`,
      [
        JSON.stringify(
          rows.map(({ values, ...row }) => ({
            ...row,
            question: values.prompt,
            answer: values.answer,
            given: values.split,
            json: JSON.stringify(values),
          })),
        ),
      ],
    );
  }

  async function addPictures(pictures: readonly { position: number; name: string; picture: Picture }[]): Promise<void> {
    await db.run(
      `INSERT INTO picture (sha256, position, name, record_json, frames, orientation, dhash, detail, tones, reading_json)
       SELECT value ->> 'sha256', value ->> 'position', value ->> 'name', value ->> 'record', value ->> 'frames',
         value ->> 'orientation', value ->> 'dhash', value ->> 'detail', value ->> 'tones', value ->> 'reading'
         FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
      [
        JSON.stringify(
          pictures.map(({ position, name, picture: { record, frames, orientation, look, reading } }) => ({
            sha256: record.sha256,
            position,
            name,
            record: JSON.stringify(record),
            frames,
            orientation,
            dhash: look.dhash,
            detail: look.detail,
            tones: Buffer.from(look.tones).toString('hex'),
            reading: reading.signals.length + reading.facts.length === 0 ? null : JSON.stringify(reading),
          })),
        ),
      ],
    );
  }

  async function addFiles(
    files: readonly { path: string; sha256: string | null; reason: string | null; base: string }[],
  ): Promise<void> {
    await db.run(
      `INSERT INTO file (path, sha256, reason, base)
       SELECT value ->> 'path', value ->> 'sha256', value ->> 'reason', value ->> 'base' FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
      [JSON.stringify(files)],
    );
  }

  async function knownFiles(
    paths: readonly string[],
  ): Promise<Map<string, { sha256: string | null; reason: string | null }>> {
    const rows = await db.all<{ path: string; sha256: string | null; reason: string | null }>(
      'SELECT path, sha256, reason FROM file WHERE path IN (SELECT value FROM json_each(?))',
      [JSON.stringify(paths)],
    );
    return new Map(rows.map(({ path, ...file }) => [path, file]));
  }

  async function addProblems(problems: readonly RowProblem[]): Promise<void> {
    if (problems.length === 0) return;
    await db.run(
      `INSERT INTO problem (line, file, field, reason)
       SELECT value ->> 'row', value ->> 'file', value ->> 'field', value ->> 'reason' FROM json_each(?)`,
      [JSON.stringify(problems)],
    );
  }

  async function addMissing(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    await db.run(
      'INSERT INTO missing (name) SELECT DISTINCT value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING',
      [JSON.stringify(names)],
    );
  }

  async function addBeside(
    path: string,
    sha256: string,
    reading: ImageReading,
    files: readonly EvidenceFile[],
  ): Promise<void> {
    await db.run('INSERT INTO beside (path, sha256, reading_json) VALUES (?, ?, ?) ON CONFLICT DO NOTHING', [
      path,
      sha256,
      JSON.stringify(reading),
    ]);
    for (const file of files) {
      await db.run('INSERT INTO evidence (name, sha256, bytes) VALUES (?, ?, ?) ON CONFLICT DO NOTHING', [
        file.name,
        file.sha256,
        Buffer.from(file.bytes),
      ]);
    }
  }

  async function evidence(): Promise<EvidenceFile[]> {
    return await db.all<EvidenceFile>('SELECT name, sha256, bytes FROM evidence ORDER BY name');
  }

  async function count(sql: string): Promise<number> {
    return (await db.get<{ n: number }>(`SELECT ${sql}`))?.n ?? 0;
  }

  /** The first problems in the order of the file. */
  async function problems(limit: number): Promise<RowProblem[]> {
    return await db.all<RowProblem>('SELECT line AS row, file, field, reason FROM problem ORDER BY line, id LIMIT ?', [
      limit,
    ]);
  }

  /** Usable rows in order, a page at a time. */
  async function* ready(): AsyncGenerator<ReadyRow> {
    type Row = Omit<StagedRow, 'values'> & {
      values_json: string;
      split: Split | null;
      record_json: string;
      frames: number;
      orientation: number;
      statement_json: string | null;
      first: number;
    };
    for (let after = -1; ;) {
      const page = await db.all<Row>(
        `SELECT r.position, r.line, r.source, r.name, r.path, r.sha256, r.values_json, r.split, p.record_json, p.frames, p.orientation,
            p.statement_json, (SELECT min(o.position) FROM row AS o WHERE o.sha256 = r.sha256 AND o.state = 'ok') AS first
           FROM row AS r JOIN picture AS p ON p.sha256 = r.sha256 WHERE r.state = 'ok' AND r.position > ? ORDER BY r.position LIMIT ?`,
        [after, PAGE],
      );
      for (const {
        values_json: values,
        record_json: record,
        statement_json: statement,
        first,
        split,
        ...row
      } of page) {
        yield {
          ...row,
          values: JSON.parse(values) as RowValues,
          split: split ?? 'train',
          record: JSON.parse(record) as ImageRecord,
          statement: statement === null ? null : (JSON.parse(statement) as ImageStatement),
          isFirst: first === row.position,
        };
      }
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.position;
    }
  }

  /** Pictures that usable rows show, in the order of their first row, a page at a time. */
  async function* pictures(): AsyncGenerator<StagedPicture> {
    type Row = Omit<StagedPicture, 'tones' | 'record' | 'reading' | 'statement' | 'optedOut'> & {
      tones: string;
      record_json: string;
      reading_json: string | null;
      statement_json: string | null;
      opted_out: 0 | 1;
    };
    for (let after = -1; ;) {
      const page = await db.all<Row>(
        `SELECT p.sha256, p.position, p.name, p.record_json, p.dhash, p.detail, p.tones, p.reading_json, p.statement_json, p.opted_out
           FROM picture AS p WHERE p.position > ?
            AND EXISTS (SELECT 1 FROM row AS r WHERE r.sha256 = p.sha256 AND r.state = 'ok') ORDER BY p.position LIMIT ?`,
        [after, PAGE],
      );
      for (const {
        tones,
        record_json: record,
        reading_json: reading,
        statement_json: statement,
        opted_out: optedOut,
        ...row
      } of page) {
        yield {
          ...row,
          tones: Buffer.from(tones, 'hex'),
          record: JSON.parse(record) as ImageRecord,
          reading: reading === null ? null : (JSON.parse(reading) as ImageReading),
          statement: statement === null ? null : (JSON.parse(statement) as ImageStatement),
          optedOut: optedOut === 1,
        };
      }
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.position;
    }
  }

  async function close(): Promise<void> {
    await db.close();
    await removeTemporary(folder);
  }

  return {
    db,
    addRows,
    addPictures,
    addFiles,
    knownFiles,
    addProblems,
    addMissing,
    addBeside,
    evidence,
    count,
    problems,
    ready,
    pictures,
    close,
  };
}

async function openStagingDatabase(folder: string): Promise<Database> {
  let db: Database | undefined;
  try {
    db = await openDatabase(join(folder, 'staging.sqlite'));
    await db.exec(SCHEMA);
    return db;
  } catch (error) {
    await db?.close();
    await removeTemporary(folder);
    throw error;
  }
}

export type StagedPicture = StoredLook & {
  position: number;
  name: string;
  record: ImageRecord;
  reading: ImageReading | null;
  statement: ImageStatement | null;
  optedOut: boolean;
};

export type StagingDatabase = Database;
