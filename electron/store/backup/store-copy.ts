/**
 * @file A whole copy of the database, taken while others write to it, and what such a copy names. A backup consists of
 * one copy and the files that it names.
 */
import { join, sep } from 'node:path';
import { AtelierError } from '../../contract/errors/errors.ts';
import { createAuditStore } from '../audit/audit.ts';
import { openDatabase, type Database } from '../connection/connection.ts';
import { mustBeAStore } from '../connection/migrate.ts';

/** What a copy of the database names outside itself. */
export type CopyContents = {
  storeVersion: number;
  /** SHA-256 of each image, sorted. */
  images: string[];
  /** Checkpoints as recorded: `path` is absolute, in the data folder in which the copy was made. */
  checkpoints: { path: string; sha256: string }[];
  /** Models in use, wherever their folders are; those that ship with Atelier are marked. */
  models: { name: string; path: string; starter: boolean }[];
};

/**
 * Reads what a copy names, and checks every page of it.
 * @throws AtelierError if it is not a store, is damaged, or was written by a newer Atelier
 */
export async function readCopy(path: string): Promise<CopyContents> {
  return await withCopy(path, async (database) => {
    const { user_version: storeVersion } = (await database.get<{ user_version: number }>('PRAGMA user_version')) ?? {
      user_version: 0,
    };
    await mustBeIntact(database);
    const images = await database.all<{ sha256: string }>('SELECT sha256 FROM image ORDER BY sha256');
    const models = await database.all<{ name: string; path: string; starter: number }>(
      'SELECT name, path, starter FROM model WHERE replaced_at IS NULL ORDER BY id',
    );
    return {
      storeVersion,
      images: images.map(({ sha256 }) => sha256),
      checkpoints: await database.all('SELECT path, sha256 FROM checkpoint ORDER BY run_id, step'),
      models: models.map(({ name, path, starter }) => ({ name, path, starter: starter === 1 })),
    };
  });
}

/**
 * Makes a copy usable in another place: paths below each `from` lead below its `to`, and the audit log records the
 * restore.
 */
export async function moveCopy(
  path: string,
  moves: readonly { from: string; to: string }[],
  record: Record<string, unknown>,
): Promise<void> {
  await withCopy(path, async (database) => {
    await database.transaction(async () => {
      for (const table of ['checkpoint', 'export', 'model']) {
        for (const { path: old } of await database.all<{ path: string }>(`SELECT DISTINCT path FROM ${table}`)) {
          const moved = movedPath(old, moves);
          if (moved !== old) await database.run(`UPDATE ${table} SET path = ? WHERE path = ?`, [moved, old]);
        }
      }
      await createAuditStore(database).append('store.restored', record);
    });
  });
}

function movedPath(path: string, moves: readonly { from: string; to: string }[]): string {
  for (const { from, to } of moves) {
    const parts = partsBelow(from, path);
    if (parts !== null) return join(to, ...parts);
  }
  return path;
}

/**
 * The parts of `path` below `folder`, or null if it is elsewhere. The copy may come from another system, so both
 * separators count.
 */
export function partsBelow(folder: string, path: string): string[] | null {
  const separator = folder.includes('\\') && !folder.startsWith('/') ? '\\' : '/';
  const prefix = folder.endsWith(separator) ? folder : folder + separator;
  if (!path.startsWith(prefix)) return null;
  const parts = path.slice(prefix.length).split(separator);
  return parts.some((part) => part === '' || part === '.' || part === '..' || part.includes(sep)) ? null : parts;
}

/** @throws AtelierError BAD_INPUT if SQLite finds a damaged page or row */
async function mustBeIntact(database: Database): Promise<void> {
  const rows = await database.all<{ integrity_check: string }>('PRAGMA integrity_check');
  const [first] = rows;
  if (rows.length === 1 && first?.integrity_check === 'ok') return;
  throw new AtelierError(
    'BAD_INPUT',
    `The database ${database.path} is damaged (${first?.integrity_check ?? 'no answer'}).`,
    { place: { file: database.path }, remedy: 'Restore a backup, or put back a copy from the folder "backups".' },
  );
}

async function withCopy<Result>(path: string, work: (database: Database) => Promise<Result>): Promise<Result> {
  const database = await openDatabase(path);
  try {
    await mustBeAStore(database);
    const result = await work(database);
    // Leaves one file: no log or shared memory beside it.
    await database.all('PRAGMA journal_mode = DELETE');
    return result;
  } finally {
    await database.close();
  }
}

/**
 * Whether another process, or this one, has the database open.
 * @param path an existing database
 */
export async function isInUse(path: string): Promise<boolean> {
  let database: Database | undefined;
  try {
    // Every connection in WAL mode keeps a shared lock on the file, which exclusive access has to wait for.
    database = await openDatabase(path, { busyTimeoutMs: 200, exclusive: true });
    await database.transaction(async () => undefined);
    return false;
  } catch (error) {
    if (error instanceof AtelierError && error.code === 'CONFLICT') return true;
    throw error;
  } finally {
    await database?.close();
  }
}
