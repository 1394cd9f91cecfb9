/** @file Brings a store to the version that this Atelier knows, copying an existing store first. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Database } from './connection.ts';
import { copyDatabase } from './copy-database.ts';
import { MIGRATIONS } from '../migrations/all.ts';
import type { Migration } from '../migrations/migration.ts';

/** 'ATLR': distinguishes an Atelier store from any other SQLite file. */
const APPLICATION_ID = 0x41544c52;

/** Another Atelier may be bringing the same store up to date, which takes minutes if it is large. */
const MIGRATION_WAIT_MS = 600_000;

export type MigrationResult = { from: number; to: number; backup: string | null };

/**
 * Runs the missing migrations, each in its own transaction. A store that already contains data is first copied to
 * `backups/` beside it. Waits for another process that migrates the same store. Refuses a store written by a newer Atelier, and any other SQLite file.
 */
export async function migrate(
  database: Database,
  migrations: readonly Migration[] = MIGRATIONS,
  onPhase: (sentence: string) => void = () => undefined,
): Promise<MigrationResult> {
  const known = migrations.at(-1)?.version ?? 0;
  const from = await userVersion(database);
  await refuseForeign(database, from);
  refuseNewer(database, from, known);
  if (from === known) return { from, to: from, backup: null };
  const busyTimeoutMs = database.setBusyTimeout(MIGRATION_WAIT_MS);
  try {
    return { from, to: known, backup: await runMissing(database, migrations, from, onPhase) };
  } finally {
    database.setBusyTimeout(busyTimeoutMs);
  }
}

/** Returns the path of the copy that it made first; null for a new store. */
async function runMissing(
  database: Database,
  migrations: readonly Migration[],
  from: number,
  onPhase: (sentence: string) => void,
): Promise<string | null> {
  const known = migrations.at(-1)?.version ?? 0;
  if (from > 0) onPhase('Copying your store before it is brought up to date …');
  const backup = from > 0 ? await backUp(database, from) : null;
  for (const migration of migrations) {
    if (from > 0) onPhase(`Bringing your store up to date: version ${migration.version} of ${known} …`);
    await database.transaction(async () => {
      // Another process may have migrated the store while this one waited for its turn.
      if ((await userVersion(database)) >= migration.version) return;
      await database.exec(migration.script);
      await database.exec(`PRAGMA user_version = ${migration.version}; PRAGMA application_id = ${APPLICATION_ID};`);
    });
  }
  return backup;
}

/**
 * Changes nothing.
 * @throws AtelierError BAD_INPUT if the database is not a store, CONFLICT if a newer Atelier wrote it
 */
export async function mustBeAStore(database: Database): Promise<void> {
  const version = await userVersion(database);
  await refuseForeign(database, version);
  refuseNewer(database, version, MIGRATIONS.length);
}

function refuseNewer(database: Database, version: number, known: number): void {
  if (version <= known) return;
  throw new AtelierError(
    'CONFLICT',
    `The store ${database.path} was written by a newer Atelier (its version is ${version}, this Atelier knows up to ${known}).`,
    {
      place: { file: database.path },
      remedy: 'Update Atelier, or use another data folder with --home. Nothing was changed.',
    },
  );
}

async function userVersion(database: Database): Promise<number> {
  return (await database.get<{ user_version: number }>('PRAGMA user_version'))?.user_version ?? 0;
}

async function refuseForeign(database: Database, version: number): Promise<void> {
  const id = (await database.get<{ application_id: number }>('PRAGMA application_id'))?.application_id ?? 0;
  const tables = (await database.get<{ n: number }>('SELECT count(*) AS n FROM sqlite_schema'))?.n ?? 0;
  const fresh = version === 0 && tables === 0;
  // These are three separate reads: another process may have created the store between them.
  if (id === APPLICATION_ID || fresh || (await userVersion(database)) !== version) return;
  throw new AtelierError('BAD_INPUT', `The file ${database.path} is a SQLite database, but not an Atelier store.`, {
    place: { file: database.path },
    remedy: 'Choose another data folder with --home. Nothing was changed.',
  });
}

/** A consistent copy of the whole store, written to a temporary file and renamed when complete. */
async function backUp(database: Database, version: number): Promise<string> {
  const folder = join(dirname(database.path), 'backups');
  await mkdir(folder, { recursive: true });
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const target = join(folder, `atelier-v${version}-${stamp}-${process.pid}.sqlite`);
  const aside = `${target}.partial`;
  try {
    await copyDatabase(database, aside);
    await rename(aside, target);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  return target;
}
