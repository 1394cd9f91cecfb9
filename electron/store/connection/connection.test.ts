/** @file One connection, many callers: transactions do not mix, and failures leave nothing behind. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from './connection.ts';
import { temporaryFolder } from '../testing/fixture.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let db: Database;

beforeEach(async () => {
  folder = await temporaryFolder();
  db = await openDatabase(join(folder.path, 'test.sqlite'), { busyTimeoutMs: 100 });
  await db.exec('CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT');
});

afterEach(async () => {
  await db.close();
  await folder.remove();
});

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const add = (text: string): Promise<unknown> => db.run('INSERT INTO note (text) VALUES (?)', [text]);
const texts = async (): Promise<string[]> =>
  (await db.all<{ text: string }>('SELECT text FROM note ORDER BY id')).map((row) => row.text);

describe('transaction', () => {
  it('keeps the statements of concurrent callers out', async () => {
    const failing = db.transaction(async () => {
      await add('inside');
      await pause();
      await pause();
      throw new Error('changed my mind');
    });
    // Requested while the transaction is open: it must not be rolled back with it.
    const outside = (async () => {
      await pause();
      await add('outside');
    })();
    await expect(failing).rejects.toThrow('changed my mind');
    await outside;
    expect(await texts()).toEqual(['outside']);
  });

  it('runs one after the other in the order asked for', async () => {
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        db.transaction(async () => {
          await add(`${name}1`);
          await pause();
          await add(`${name}2`);
        }),
      ),
    );
    expect(await texts()).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'c2']);
  });

  it('cannot commit after a transaction inside it failed, even if that was caught', async () => {
    const outer = db.transaction(async () => {
      await add('outer');
      await db
        .transaction(async () => {
          await add('inner');
          throw new Error('inner failed');
        })
        .catch(() => undefined);
    });
    await expect(outer).rejects.toThrow('inner failed');
    expect(await texts()).toEqual([]);
  });

  it('takes statements that nobody awaited along, and refuses those that come during a rollback', async () => {
    await db.transaction(async () => {
      void add('not awaited');
      await pause();
    });
    expect(await texts()).toEqual(['not awaited']);
    const failing = db.transaction(async () => {
      const both = [add('not awaited'), add('after the failure')];
      await Promise.all(both);
    });
    await expect(failing).rejects.toThrow('UNIQUE');
    expect(await texts()).toEqual(['not awaited']);
  });

  it('lets what was started inside go on as an ordinary caller afterwards', async () => {
    let later: Promise<unknown> = Promise.resolve();
    await db.transaction(async () => {
      await add('first');
      later = new Promise((resolve) => setTimeout(resolve, 20)).then(() => add('later'));
    });
    await later;
    expect(await texts()).toEqual(['first', 'later']);
  });
});

describe('errors', () => {
  it('says in a sentence that another process holds the store', async () => {
    const other = await openDatabase(db.path, { busyTimeoutMs: 100 });
    let release = (): void => undefined;
    const held = other.transaction(() => new Promise<void>((resolve) => (release = resolve)));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(db.transaction(() => add('refused'))).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('Another Atelier holds the store') as string,
    });
    release();
    await held;
    await other.close();
    await add('accepted');
    expect(await texts()).toEqual(['accepted']);
  });

  it('calls a full disk by its name and keeps what was there', async () => {
    await add('kept');
    const { page_count: pages } = (await db.get<{ page_count: number }>('PRAGMA page_count')) ?? { page_count: 0 };
    await db.all(`PRAGMA max_page_count = ${pages + 1}`);
    const writing = db.transaction(async () => {
      for (let index = 0; index < 100; index += 1) await add(`${index} ${'x'.repeat(2000)}`);
    });
    await expect(writing).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(await texts()).toEqual(['kept']);
    await db.all('PRAGMA max_page_count = 100000');
    await add('room again');
    expect(await texts()).toEqual(['kept', 'room again']);
  });

  it('names the statement of a mistake of our own', async () => {
    await expect(db.all('SELECT text FROM nowhere')).rejects.toThrow(/no such table.*SELECT text/);
  });

  it('refuses a second text that must be unique without losing the first', async () => {
    await add('one');
    await expect(add('one')).rejects.toThrow('UNIQUE');
    expect(await texts()).toEqual(['one']);
  });
});
