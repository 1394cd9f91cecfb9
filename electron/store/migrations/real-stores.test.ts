/**
 * @file Stores as earlier versions wrote them open, whole, in this one. Each file in `testing/stores/` was written by
 * the code of its version (the same small run each time) and is never written again. Versions 4 and 11 are missing:
 * no code that ran ever wrote one.
 */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../connection/open.ts';
import { temporaryFolder } from '../testing/fixture.ts';
import { withDatabase } from '../testing/raw-database.ts';
import { MIGRATIONS } from './all.ts';

const STORES = join(import.meta.dirname, '..', 'testing', 'stores');
const versions = readdirSync(STORES)
  .map((name) => Number(/^version-(\d+)\.sqlite\.gz$/.exec(name)?.[1]))
  .sort((one, other) => one - other);

/** Tables whose rows a person made; a migration may add columns to them, but never drops or changes a row. */
const MADE = ['dataset', 'sample', 'image', 'model', 'run', 'step', 'completion', 'checkpoint', 'evaluation', 'audit'];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let home: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  home = join(folder.path, 'home');
  mkdirSync(home);
});
afterEach(() => folder.remove());

function place(version: number): void {
  const name = `version-${String(version).padStart(2, '0')}.sqlite.gz`;
  writeFileSync(join(home, 'atelier.sqlite'), gunzipSync(readFileSync(join(STORES, name))));
}

type Row = Record<string, unknown>;

async function rowsOf(at: string): Promise<Map<string, Row[]>> {
  return await withDatabase(at, async (database) => {
    const rows = new Map<string, Row[]>();
    for (const table of MADE) rows.set(table, await database.all<Row>(`SELECT * FROM ${table} ORDER BY 1, 2, 3`));
    return rows;
  });
}

it('has the store of this version', () => expect(versions.at(-1)).toBe(MIGRATIONS.length));

describe.each(versions)('a store of version %i', (version) => {
  it('keeps every row and value, and is copied first', async () => {
    place(version);
    const before = await rowsOf(home);
    const store = await openStore(home);
    await store.close();
    const after = await rowsOf(home);
    for (const table of MADE) {
      const [old, now] = [before.get(table) ?? [], after.get(table) ?? []];
      expect(old.length, table).toBeGreaterThan(0);
      expect(now, table).toHaveLength(old.length);
      // Columns that the old version did not have are left out of the comparison.
      const kept = now.map((row, index) =>
        Object.fromEntries(Object.keys(old[index] ?? {}).map((key) => [key, row[key]])),
      );
      expect(kept, table).toEqual(old);
    }
    const checked = await withDatabase(home, async (database) => [
      await database.all('PRAGMA integrity_check'),
      await database.all('PRAGMA foreign_key_check'),
      await database.get('PRAGMA user_version'),
    ]);
    expect(checked).toEqual([[{ integrity_check: 'ok' }], [], { user_version: MIGRATIONS.length }]);
    const copies = version === MIGRATIONS.length ? [] : readdirSync(join(home, 'backups'));
    expect(copies).toHaveLength(version === MIGRATIONS.length ? 0 : 1);
    for (const copy of copies) expect(copy).toMatch(new RegExp(`^atelier-v${version}-`));
  });

  it('can be read and continued', async () => {
    place(version);
    const store = await openStore(home);
    const [dataset] = await store.datasets.list();
    const [run] = await store.runs.list();
    expect(await store.datasets.allSamples(dataset!.id)).toHaveLength(6);
    expect(run).toMatchObject({ name: 'A small run', status: 'completed', step: 2 });
    expect(await store.runs.completions(run!.id, 1)).not.toEqual([]);
    expect(await store.runs.checkpoints(run!.id)).toHaveLength(1);
    expect(await store.evaluations.list({})).toHaveLength(2);
    expect(await store.audit.verify()).toMatchObject({ intact: true });
    await store.transaction(() => store.audit.append('test.continued', {}));
    expect(await store.audit.verify()).toMatchObject({ intact: true });
    await store.close();
  });
});

it('changes nothing of a store that a newer Atelier wrote', async () => {
  place(MIGRATIONS.length);
  await withDatabase(home, (database) =>
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}; CREATE TABLE later (x TEXT) STRICT;`),
  );
  const before = readFileSync(join(home, 'atelier.sqlite'));
  await expect(openStore(home)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('written by a newer Atelier') as string,
    remedy: expect.stringContaining('Nothing was changed') as string,
  });
  expect(readFileSync(join(home, 'atelier.sqlite')).equals(before)).toBe(true);
  expect(readdirSync(home)).toEqual(['atelier.sqlite']);
});
