/**
 * @file A separate database in which an import keeps its rows and pictures until it has read all of them. Memory use
 * does not grow with the number of rows, and a cancelled or crashed import leaves nothing in the store.
 */
import { openDatabase, type Database } from '../connection/connection.ts';
import { createRecordLines } from './record-lines.ts';
import { createStagedFiles } from './staged-files.ts';
import { createStagedPictures } from './staged-pictures.ts';
import { createStagedRows } from './staged-rows.ts';
import type { StagedTypes } from './staged.ts';

const SCHEMA = `
PRAGMA synchronous = OFF;
CREATE TABLE row (
  position INTEGER PRIMARY KEY, line INTEGER NOT NULL, source TEXT, name TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL,
  question TEXT NOT NULL, answer TEXT NOT NULL, given TEXT, split TEXT, licence TEXT, settled_licence TEXT, state TEXT NOT NULL DEFAULT 'ok', values_json TEXT NOT NULL
) STRICT;
CREATE INDEX row_by_image ON row (sha256, question, position);
CREATE TABLE file (path TEXT PRIMARY KEY, sha256 TEXT, reason TEXT, base TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE picture (
  sha256 TEXT PRIMARY KEY, position INTEGER NOT NULL, name TEXT NOT NULL, record_json TEXT NOT NULL, frames INTEGER NOT NULL,
  orientation INTEGER NOT NULL, dhash TEXT NOT NULL, detail INTEGER NOT NULL, tones TEXT NOT NULL,
  pixels TEXT NOT NULL, reading_json TEXT, statement_json TEXT, opted_out INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX picture_by_pixels ON picture (pixels);
CREATE INDEX picture_by_position ON picture (position);
CREATE TABLE beside (path TEXT NOT NULL, sha256 TEXT NOT NULL, reading_json TEXT NOT NULL, PRIMARY KEY (sha256, path, reading_json)) STRICT, WITHOUT ROWID;
CREATE TABLE evidence (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE problem (id INTEGER PRIMARY KEY, line INTEGER, file TEXT, field TEXT, reason TEXT NOT NULL) STRICT;
CREATE TABLE missing (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE record_line (sorted BLOB NOT NULL, position INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (sorted, position)) STRICT, WITHOUT ROWID;
`;

export type StagingStore<Types extends StagedTypes> = Awaited<ReturnType<typeof openStagingStore<Types>>>;

/** Creates the database at `path`, a file that does not exist yet. The caller removes the file after `close`. */
export async function openStagingStore<Types extends StagedTypes>(path: string) {
  const database = await create(path);
  return {
    ...createStagedRows<Types['values'], Types['statement']>(database),
    ...createStagedPictures<Types['reading'], Types['statement']>(database),
    ...createStagedFiles(database),
    ...createRecordLines(database),
    close: () => database.close(),
  };
}

async function create(path: string): Promise<Database> {
  const database = await openDatabase(path);
  try {
    await database.exec(SCHEMA);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}
