/** @file Atelier cannot change the audit log, and detects changes made by others. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AUDIT_GENESIS, auditHash } from './audit.ts';
import { openStore, type Store } from '../connection/open.ts';
import { temporaryFolder } from '../testing/fixture.ts';
import { withDatabase } from '../testing/raw-database.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let store: Store;

beforeEach(async () => {
  folder = await temporaryFolder();
  store = await openStore(folder.path);
  for (let n = 1; n <= 5; n += 1) await store.transaction(() => store.audit.append('test.done', { n, ä: 'ü' }));
});
afterEach(async () => {
  await store.close();
  await folder.remove();
});

/** What anyone with an SQLite editor can do. */
async function tamper(sql: string): Promise<void> {
  await withDatabase(store.home, async (database) => {
    await database.exec('DROP TRIGGER audit_is_never_updated; DROP TRIGGER audit_is_never_deleted;');
    await database.exec(sql);
  });
}

it('chains every entry to the one before', async () => {
  const entries = await store.audit.all();
  expect(entries.map((entry) => entry.seq)).toEqual([1, 2, 3, 4, 5]);
  expect(entries[0]?.prev).toBe(AUDIT_GENESIS);
  expect(entries[3]?.prev).toBe(entries[2]?.hash);
  expect(await store.audit.verify()).toEqual({ intact: true, count: 5, brokenAt: null, reason: null });
});

it('hashes as the format page says', () => {
  // sha256 of 'atelier-audit-v1\n{"action":"a","at":"t","body":{"x":1},"prev":"p","seq":1}', made with sha256sum.
  expect(auditHash({ seq: 1, prev: 'p', at: 't', action: 'a', body: { x: 1 } })).toBe(
    'd83884739cdbd684ec9916ed905e1046192f163771c4b4276e441f070a749b63',
  );
});

it('refuses updates and deletions', async () => {
  const run = (statement: string) => withDatabase(store.home, (database) => database.run(statement));
  await expect(run(`UPDATE audit SET action = 'x' WHERE seq = 2`)).rejects.toThrow('can only grow');
  await expect(run('DELETE FROM audit WHERE seq = 5')).rejects.toThrow('can only grow');
  await expect(run('INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 2')).rejects.toThrow('can only grow');
});

it('belongs to the change it records', async () => {
  await expect(store.audit.append('test.alone', {})).rejects.toThrow('transaction');
  const failing = store.transaction(async () => {
    await store.audit.append('test.undone', {});
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await store.audit.count()).toBe(5);
});

it.each([
  ['an altered body', `UPDATE audit SET body_json = '{"n":33}' WHERE seq = 3`, 3, 'altered'],
  ['a body that is not JSON any more', `UPDATE audit SET body_json = '{"n":' WHERE seq = 4`, 4, 'altered'],
  ['an altered time', `UPDATE audit SET at = '2020-01-01T00:00:00.000Z' WHERE seq = 1`, 1, 'altered'],
  ['a missing entry', 'DELETE FROM audit WHERE seq = 2', 2, 'missing'],
  [
    'two swapped entries',
    'UPDATE audit SET seq = 9 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 9',
    3,
    'does not follow',
  ],
])('locates %s', async (_, sql, brokenAt, word) => {
  await tamper(sql);
  const verdict = await store.audit.verify();
  expect(verdict).toMatchObject({ intact: false, brokenAt });
  expect(verdict.reason).toContain(word);
  expect((await store.audit.page({ offset: 0, limit: 10 })).entries.length).toBeGreaterThan(3);
});

it('needs a head kept elsewhere to see that the end was cut off or everything was rewritten', async () => {
  const head = await store.audit.head();
  if (head === null) throw new Error('no head');
  await tamper('DELETE FROM audit WHERE seq > 3');
  expect(await store.audit.verify()).toMatchObject({ intact: true });
  expect(await store.audit.verify(head)).toMatchObject({ intact: false, brokenAt: 4 });
  for (const n of [4, 5]) await store.transaction(() => store.audit.append('test.forged', { n }));
  expect(await store.audit.verify(head)).toMatchObject({ intact: false, brokenAt: 5 });
});

it('pages from the newest entry', async () => {
  const page = await store.audit.page({ offset: 1, limit: 2 });
  expect(page.total).toBe(5);
  expect(page.entries.map((entry) => entry.seq)).toEqual([4, 3]);
});
