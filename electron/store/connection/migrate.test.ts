/** @file Old, new, foreign and corrupt stores. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDatabase } from './connection.ts';
import { migrate } from './migrate.ts';
import type { Migration } from '../migrations/migration.ts';
import { MIGRATIONS } from '../migrations/all.ts';
import { SOURCE_COLUMNS, toSource, type SourceRow } from '../datasets/source-rows.ts';
import { openStore } from './open.ts';
import { temporaryFolder } from '../testing/fixture.ts';
import { withDatabase } from '../testing/raw-database.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'atelier.sqlite');
});
afterEach(() => folder.remove());

const FIRST: Migration = { version: 1, name: 'first', script: 'CREATE TABLE note (text TEXT NOT NULL) STRICT;' };
const SECOND: Migration = {
  version: 2,
  name: 'second',
  script: `ALTER TABLE note ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm';`,
};
const BROKEN: Migration = {
  version: 3,
  name: 'broken',
  script: 'CREATE TABLE half (x TEXT) STRICT; CREATE TABLE note (x TEXT) STRICT;',
};

it('numbers its migrations from one without a gap', () => {
  expect(MIGRATIONS.map((migration) => migration.version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
});

it('copies a store before it changes it, and keeps what is in it', async () => {
  const db = await openDatabase(path);
  expect(await migrate(db, [FIRST])).toEqual({ from: 0, to: 1, backup: null });
  await db.run('INSERT INTO note VALUES (?)', ['hello']);
  const result = await migrate(db, [FIRST, SECOND]);
  expect(await db.all('SELECT * FROM note')).toEqual([{ text: 'hello', mood: 'calm' }]);
  await db.close();
  const copy = await openDatabase(result.backup ?? 'none');
  expect(await copy.all('SELECT * FROM note')).toEqual([{ text: 'hello' }]);
  expect(await copy.get('PRAGMA user_version')).toEqual({ user_version: 1 });
  await copy.close();
  expect(await readdir(join(folder.path, 'backups'))).not.toContainEqual(expect.stringContaining('partial'));
});

it('leaves nothing of a migration that fails', async () => {
  const db = await openDatabase(path);
  await migrate(db, [FIRST, SECOND]);
  await expect(migrate(db, [FIRST, SECOND, BROKEN])).rejects.toThrow('already exists');
  expect(await db.get('PRAGMA user_version')).toEqual({ user_version: 2 });
  expect(await db.get(`SELECT name FROM sqlite_schema WHERE name = 'half'`)).toBeUndefined();
  await db.close();
});

it('is done once by two that open a new store together', async () => {
  // Repeated, because the two only conflict if they meet at the same moment.
  for (let round = 0; round < 10; round++) {
    const home = join(folder.path, String(round));
    const stores = await Promise.all([openStore(home), openStore(home)]);
    expect(await stores[1].datasets.list()).toEqual([]);
    for (const store of stores) await store.close();
  }
});

it('waits for another process that works on the same store, longer than any other write would', async () => {
  const [db, other] = [await openDatabase(path, { busyTimeoutMs: 1 }), await openDatabase(path)];
  await migrate(db, [FIRST]);
  await other.exec('BEGIN IMMEDIATE');
  const phases: string[] = [];
  const waiting = migrate(db, [FIRST, SECOND], (sentence) => phases.push(sentence));
  await expect.poll(() => phases.at(-1)).toBe('Bringing your store up to date: version 1 of 2 …');
  await other.exec("INSERT INTO note VALUES ('mine'); COMMIT");
  expect(await waiting).toMatchObject({ from: 1, to: 2 });
  expect(await db.all('SELECT text FROM note')).toEqual([{ text: 'mine' }]);
  // Afterwards it waits as briefly as before.
  await other.exec('BEGIN IMMEDIATE');
  await expect(db.run('INSERT INTO note VALUES (?, ?)', ['hello', 'calm'])).rejects.toMatchObject({ code: 'CONFLICT' });
  await other.exec('ROLLBACK');
  await Promise.all([db.close(), other.close()]);
});

it('keeps the completions of version 6, and lets a new one have no reward', async () => {
  const db = await openDatabase(path);
  await migrate(db, MIGRATIONS.slice(0, 6));
  await db.exec(`PRAGMA foreign_keys = OFF;
    INSERT INTO step (run_id, step, loss, seconds, metrics_json, recorded_at) VALUES ('run-1', 1, 0.1, 1, '{}', '2026-01-01');
    INSERT INTO completion VALUES ('run-1', 1, 0, 's-1', 0, 'three', 5, 0, '{"reward":0}', 0, 0, 'wrong');
    INSERT INTO completion VALUES ('run-1', 1, 1, 's-1', 1, 'four', 6, 1, '{"reward":1.5}', 1.5, 0.7, 'correct');`);
  const before = await db.all('SELECT * FROM completion ORDER BY ordinal');
  await migrate(db);
  expect(await db.all('SELECT * FROM completion ORDER BY ordinal')).toEqual(before);
  await db.exec(
    `INSERT INTO completion VALUES ('run-1', 1, 2, 's-1', 2, '', 0, 0, '{"reward":null}', NULL, 0, 'unparsed');`,
  );
  await db.exec('PRAGMA foreign_keys = ON;');
  await expect(
    db.exec(`INSERT INTO completion VALUES ('run-1', 9, 0, 's-1', 0, '', 0, 0, '{}', NULL, 0, 'wrong');`),
  ).rejects.toThrow('FOREIGN KEY');
  await db.run('DELETE FROM step');
  expect(await db.all('SELECT * FROM completion')).toEqual([]);
  await db.close();
});

it('refuses a store of a newer Atelier and leaves it as it is', async () => {
  const store = await openStore(folder.path);
  await withDatabase(store.home, (database) => database.exec('PRAGMA user_version = 99'));
  await store.close();
  await expect(openStore(folder.path)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringMatching(/newer Atelier \(its version is 99, this Atelier knows up to \d+\)/) as string,
  });
});

it('refuses a SQLite file that is none of its own, and a file that is not a database', async () => {
  const foreign = await openDatabase(path);
  await foreign.exec('CREATE TABLE recipes_of_my_grandmother (cake TEXT)');
  await foreign.close();
  await expect(openStore(folder.path)).rejects.toMatchObject({
    code: 'BAD_INPUT',
    message: expect.stringContaining('not an Atelier store') as string,
  });
  const other = await temporaryFolder();
  await writeFile(join(other.path, 'atelier.sqlite'), 'This is a letter, not a database. '.repeat(100));
  await expect(openStore(other.path)).rejects.toMatchObject({
    code: 'BAD_INPUT',
    place: { file: join(other.path, 'atelier.sqlite') },
  });
  await other.remove();
});

it('keeps the sources of version 8, and lets a work differ from them in its notice alone', async () => {
  const db = await openDatabase(path);
  await migrate(db, MIGRATIONS.slice(0, 8));
  await db.exec(
    `INSERT INTO source (title, author, url) VALUES ('Icon', 'Ada', NULL), ('Icon', NULL, 'https://example.org')`,
  );
  await migrate(db);
  const rows = await db.all<SourceRow>(`SELECT ${SOURCE_COLUMNS} FROM source ORDER BY id`);
  expect(rows.map(toSource)).toEqual([
    { title: 'Icon', author: 'Ada', licence: null, url: null },
    { title: 'Icon', author: null, licence: null, url: 'https://example.org' },
  ]);
  await db.exec(`INSERT INTO source (title, author, credit_json) VALUES ('Icon', 'Ada', '{"notice":"© Ada"}')`);
  await expect(db.exec(`INSERT INTO source (title, author) VALUES ('Icon', 'Ada')`)).rejects.toThrow('UNIQUE');
  await db.close();
});
