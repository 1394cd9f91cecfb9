/** @file Tampering with the audit log is detected and located: row by row in a bundle, and in the data folder. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckResult, ExportSummary } from '../../../contract/model/exports.ts';
import { openStore, type Store } from '../../../store/connection/open.ts';
import { withDatabase } from '../../../store/testing/raw-database.ts';
import { auditLog } from '../../system/audit-log.ts';
import { createExport } from '../build/create-export.ts';
import { makeSmallRun } from '../fixtures/small-run.ts';
import { fileKeyVault } from '../build/signing-key.ts';
import { verifyBundle } from './verify.ts';

let home: string;
let store: Store;
let bundle: ExportSummary;
let rows: string[];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'atelier-tamper-'));
  store = await openStore(join(home, 'data'));
  // Entries about another run are withheld in the bundle but must be protected as well as the readable ones.
  await makeSmallRun(store, home, { name: 'another' });
  const runId = await makeSmallRun(store, home, { name: 'this one' });
  const context = { version: '0.0.0-test' };
  bundle = await createExport(store, { runId, destination: join(home, 'bundle') }, context);
  rows = (await readFile(join(bundle.path, 'audit.jsonl'), 'utf8')).trim().split('\n');
});
afterAll(async () => {
  await store.close();
  await rm(home, { recursive: true, force: true });
});

describe('the log of a bundle', () => {
  async function verified(lines: readonly string[]): Promise<CheckResult | undefined> {
    await cp(bundle.path, join(home, 'copy'), { recursive: true });
    await writeFile(join(home, 'copy', 'audit.jsonl'), lines.map((line) => `${line}\n`).join(''));
    const { checks } = await verifyBundle(join(home, 'copy'));
    await rm(join(home, 'copy'), { recursive: true });
    return checks.find(({ check }) => check === 'audit log');
  }
  const at = (row: number) => ({ outcome: 'fail', place: { file: 'audit.jsonl', row } });
  const changed = (line: string, change: object): string =>
    JSON.stringify({ ...(JSON.parse(line) as object), ...change });
  const isReadable = (line: string | undefined): boolean => line?.includes('"action"') === true;

  it('has entries that can be read and entries that are withheld, and is whole as it is', async () => {
    expect(rows.filter(isReadable).length).toBeGreaterThan(1);
    expect(rows.filter((row) => !isReadable(row)).length).toBeGreaterThan(1);
    const check = await verified(rows);
    expect(check?.outcome).toBe('pass');
    expect(check?.place).toBeUndefined();
  });

  it('shows every row that was edited', async () => {
    for (const [index, line] of rows.entries()) {
      const lines = [...rows];
      if (isReadable(line)) {
        lines[index] = changed(line, { body: { forged: true } });
        expect(await verified(lines)).toMatchObject({ ...at(index + 1), detail: expect.stringContaining('altered') });
        continue;
      }
      // A withheld entry has only a hash to change. If the next one is withheld too, either may be the culprit.
      lines[index] = changed(line, { hash: 'f'.repeat(64) });
      const next = rows[index + 1];
      const row = next === undefined || isReadable(next) ? index + 1 : index + 2;
      expect(await verified(lines)).toMatchObject(at(row));
    }
  });

  it('shows every row that was removed', async () => {
    for (const index of rows.keys()) {
      const check = await verified(rows.filter((_, other) => other !== index));
      expect(check).toMatchObject({ ...at(index + 1), detail: expect.stringMatching(/missing/) });
    }
  });

  it('shows rows that changed places, with or without their numbers', async () => {
    for (let index = 0; index + 1 < rows.length; index += 1) {
      const lines = [...rows];
      const [one = '', other = ''] = [rows[index], rows[index + 1]];
      [lines[index], lines[index + 1]] = [other, one];
      expect(await verified(lines)).toMatchObject({
        ...at(index + 1),
        detail: expect.stringContaining('out of place'),
      });
      [lines[index], lines[index + 1]] = [changed(other, { seq: index + 1 }), changed(one, { seq: index + 2 })];
      expect(await verified(lines)).toMatchObject(at(index + 1));
    }
  });

  it('shows where it was cut off, at whatever length, or goes on', async () => {
    for (const length of rows.keys()) {
      const check = await verified(rows.slice(0, length));
      expect(check).toMatchObject({ ...at(length + 1), detail: expect.stringContaining('cut off') });
    }
    const last = rows.at(-1) ?? '';
    const more = changed(last, { seq: rows.length + 1, withheld: undefined });
    expect((await verified([...rows, more]))?.place).toEqual({ file: 'audit.jsonl', row: rows.length + 1 });
  });

  it('names the row of a line that is not an entry', async () => {
    const lines = [...rows];
    lines[1] = '{"seq": 2, "half';
    expect(await verified(lines)).toMatchObject({ outcome: 'cannot-tell', place: { file: 'audit.jsonl', row: 2 } });
  });
});

describe('the log of the data folder', () => {
  /** Tampers with a copy, as anyone with an SQLite editor could. */
  async function tampered(sql: string): Promise<Awaited<ReturnType<typeof auditLog>>> {
    const folder = join(home, 'data-copy');
    await withDatabase(store.home, (database) => database.run('PRAGMA wal_checkpoint(TRUNCATE)'));
    await cp(join(home, 'data'), folder, { recursive: true });
    await withDatabase(folder, async (database) => {
      await database.exec('DROP TRIGGER audit_is_never_updated; DROP TRIGGER audit_is_never_deleted;');
      await database.exec(sql);
    });
    const copy = await openStore(folder);
    try {
      return await auditLog({ store: copy, keys: fileKeyVault(folder) }, { offset: 0, limit: 100 });
    } finally {
      await copy.close();
      await rm(folder, { recursive: true });
    }
  }

  it('is whole, and says by which export that is known', async () => {
    const log = await tampered('');
    expect(log).toMatchObject({ intact: true, fault: null, signedHead: { seq: rows.length, path: bundle.path } });
    expect(log.total).toBeGreaterThanOrEqual(rows.length);
  });

  it.each([
    ['an edited entry', `UPDATE audit SET body_json = '{"forged":true}' WHERE seq = 3`, 3, /altered/],
    ['a removed entry', 'DELETE FROM audit WHERE seq = 2', 2, /missing/],
    [
      'two swapped entries',
      'UPDATE audit SET seq = 99 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 99',
      2,
      /does not follow/,
    ],
    ['a log that was cut off', 'DELETE FROM audit WHERE seq > 4', 5, /cut off/],
    ['a log that was emptied', 'DELETE FROM audit', 1, /cut off/],
  ])('locates %s', async (_, sql, seq, reason) => {
    const log = await tampered(sql);
    expect(log.intact).toBe(false);
    expect(log.fault).toMatchObject({ seq, reason: expect.stringMatching(reason) });
  });
});
