/**
 * @file A promise-based wrapper around one SQLite connection. This is the only file that uses sqlite3's callbacks.
 *
 * A connection can have only one transaction at a time, so concurrent async callers could slip statements into someone
 * else's transaction. Here, every statement and transaction waits its turn in one queue. Statements made inside a
 * transaction's own async context (AsyncLocalStorage) go to that transaction's queue instead. Repositories can
 * therefore simply call the database, inside or outside a transaction.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import sqlite3 from 'sqlite3';
import { AtelierError } from '../../contract/errors/errors.ts';
import { databaseError } from './store-errors.ts';

export type SqlValue = string | number | null | Uint8Array;
export type SqlParams = readonly SqlValue[];

export type Database = {
  readonly path: string;
  /** Runs one statement that changes rows. */
  run(sql: string, params?: SqlParams): Promise<{ changes: number; lastId: number }>;
  /** The first row, or undefined. The caller vouches that the row type matches its SQL. */
  get<Row>(sql: string, params?: SqlParams): Promise<Row | undefined>;
  all<Row>(sql: string, params?: SqlParams): Promise<Row[]>;
  /** Runs a script without parameters. */
  exec(script: string): Promise<void>;
  /**
   * Runs `work` in one transaction (BEGIN IMMEDIATE), then commits, or rolls back if it throws. A call inside another
   * transaction joins it; if the inner one fails, the outer one can no longer commit.
   */
  transaction<Result>(work: () => Promise<Result>): Promise<Result>;
  /** True if the caller is inside a transaction. */
  inTransaction(): boolean;
  /** How long a statement waits for another process, from now on. Returns what it was. */
  setBusyTimeout(timeoutMs: number): number;
  close(): Promise<void>;
};

export const DEFAULT_BUSY_TIMEOUT_MS = 5000;
const STATEMENT_CACHE_LIMIT = 256;
const EXCLUSIVE = 'PRAGMA locking_mode = EXCLUSIVE';

/** A chain of actions, each of which starts when the previous one has settled. */
class Queue {
  #tail: Promise<unknown> = Promise.resolve();

  push<Result>(action: () => Promise<Result>): Promise<Result> {
    const result = this.#tail.then(action);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async settled(): Promise<void> {
    await this.#tail;
  }
}

type TransactionScope = { queue: Queue; state: 'open' | 'ending' | 'ended'; doomed: Error | undefined };

class SqliteDatabase implements Database {
  readonly path: string;
  readonly #handle: sqlite3.Database;
  #timeoutMs: number;
  readonly #queue = new Queue();
  readonly #scopes = new AsyncLocalStorage<TransactionScope>();
  readonly #statements = new Map<string, Promise<sqlite3.Statement>>();
  #closed = false;

  constructor(handle: sqlite3.Database, path: string, timeoutMs: number) {
    this.#handle = handle;
    this.path = path;
    this.#timeoutMs = timeoutMs;
  }

  run(sql: string, params: SqlParams = []): Promise<{ changes: number; lastId: number }> {
    return this.#enqueue(() => this.#run(sql, params));
  }

  async get<Row>(sql: string, params: SqlParams = []): Promise<Row | undefined> {
    return (await this.all<Row>(sql, params))[0];
  }

  all<Row>(sql: string, params: SqlParams = []): Promise<Row[]> {
    return this.#enqueue(() => this.#all<Row>(sql, params));
  }

  exec(script: string): Promise<void> {
    return this.#enqueue(() => this.#exec(script));
  }

  inTransaction(): boolean {
    return this.#scope() !== undefined;
  }

  setBusyTimeout(timeoutMs: number): number {
    const before = this.#timeoutMs;
    this.#handle.configure('busyTimeout', timeoutMs);
    this.#timeoutMs = timeoutMs;
    return before;
  }

  async transaction<Result>(work: () => Promise<Result>): Promise<Result> {
    const outer = this.#scope();
    if (outer !== undefined) {
      try {
        return await work();
      } catch (error) {
        outer.doomed ??= error instanceof Error ? error : new Error(String(error));
        throw error;
      }
    }
    return await this.#queue.push(() => this.#runTransaction(work));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#queue.settled();
    for (const pending of this.#statements.values()) {
      const statement = await pending.catch(() => undefined);
      if (statement !== undefined) await new Promise<void>((resolve) => statement.finalize(() => resolve()));
    }
    this.#statements.clear();
    await this.#callback('close', (done) => this.#handle.close(done));
  }

  async #runTransaction<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#exec('BEGIN IMMEDIATE');
    const scope: TransactionScope = { queue: new Queue(), state: 'open', doomed: undefined };
    try {
      const result = await this.#scopes.run(scope, work);
      // Statements that nobody awaited still belong to this transaction.
      await scope.queue.settled();
      if (scope.doomed !== undefined) throw scope.doomed;
      scope.state = 'ended';
      await this.#exec('COMMIT');
      return result;
    } catch (error) {
      scope.state = 'ending';
      await scope.queue.settled();
      scope.state = 'ended';
      // After some errors (such as a full disk) SQLite has already rolled back, so this has nothing left to do.
      await this.#exec('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  #scope(): TransactionScope | undefined {
    const scope = this.#scopes.getStore();
    // Timers and emitters started inside a transaction may outlive it; after that they are ordinary callers.
    return scope === undefined || scope.state === 'ended' ? undefined : scope;
  }

  #enqueue<Result>(action: () => Promise<Result>): Promise<Result> {
    const scope = this.#scope();
    if (scope === undefined) {
      if (this.#closed) return Promise.reject(new Error(`The store ${this.path} is closed.`));
      return this.#queue.push(action);
    }
    return scope.queue.push(() => {
      if (scope.state !== 'open') throw new Error('A statement came after its transaction had ended.');
      return action();
    });
  }

  async #run(sql: string, params: SqlParams): Promise<{ changes: number; lastId: number }> {
    const statement = await this.#prepare(sql);
    return await new Promise((resolve, reject) => {
      const { path } = this;
      const timeoutMs = this.#timeoutMs;
      statement.run([...params], function (this: sqlite3.RunResult, error: Error | null) {
        if (error) reject(databaseError(error, path, timeoutMs, sql));
        else resolve({ changes: this.changes, lastId: this.lastID });
      });
    });
  }

  /** Always steps to the end: a statement left unfinished would hold its read lock. */
  async #all<Row>(sql: string, params: SqlParams): Promise<Row[]> {
    const statement = await this.#prepare(sql);
    return await new Promise<Row[]>((resolve, reject) => {
      statement.all<Row>([...params], (error, rows) => {
        if (error) reject(databaseError(error, this.path, this.#timeoutMs, sql));
        else resolve(rows);
      });
    });
  }

  #exec(script: string): Promise<void> {
    return this.#callback(script, (done) => this.#handle.exec(script, done));
  }

  #prepare(sql: string): Promise<sqlite3.Statement> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const prepared = new Promise<sqlite3.Statement>((resolve, reject) => {
      const statement = this.#handle.prepare(sql, (error: Error | null) => {
        if (error) reject(databaseError(error, this.path, this.#timeoutMs, sql));
        else resolve(statement);
      });
    });
    this.#statements.set(sql, prepared);
    prepared.catch(() => this.#statements.delete(sql));
    if (this.#statements.size > STATEMENT_CACHE_LIMIT) this.#forgetOldest();
    return prepared;
  }

  #forgetOldest(): void {
    const [oldest] = this.#statements;
    if (oldest === undefined) return;
    this.#statements.delete(oldest[0]);
    // sqlite3 queues the finalisation behind any call still running on the statement.
    void oldest[1].then((statement) => statement.finalize()).catch(() => undefined);
  }

  #callback(sql: string, start: (done: (error: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      start((error) => {
        if (error) reject(databaseError(error, this.path, this.#timeoutMs, sql));
        else resolve();
      });
    });
  }
}

/**
 * Opens (or creates) the SQLite file at `path`: WAL, foreign keys on, every commit on disk before it returns. A second
 * process may have it open too; its writes wait up to `busyTimeoutMs` for their turn.
 *
 * On a full disk, SQLite cannot create the shared memory file that WAL needs. The database is then opened for this
 * process alone, which needs no such file, so that it can still be read. `exclusive` asks for that from the start; it
 * fails with CONFLICT while anyone else has the database open. `shownAs` is the path for messages, if `path` is a copy.
 */
export async function openDatabase(
  path: string,
  options: { busyTimeoutMs?: number; exclusive?: boolean; shownAs?: string } = {},
): Promise<Database> {
  const timeoutMs = options.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS;
  const shownAs = options.shownAs ?? path;
  if (options.exclusive === true) return await openWith(path, shownAs, timeoutMs, EXCLUSIVE);
  try {
    return await openWith(path, shownAs, timeoutMs, '');
  } catch (error) {
    if (!(error instanceof AtelierError && error.code === 'DISK_FULL')) throw error;
    return await openWith(path, shownAs, timeoutMs, EXCLUSIVE);
  }
}

async function openWith(path: string, shownAs: string, timeoutMs: number, before: string): Promise<Database> {
  const handle = await new Promise<sqlite3.Database>((resolve, reject) => {
    const opened = new sqlite3.Database(path, (error) => {
      if (error) reject(databaseError(error, shownAs, timeoutMs, 'open'));
      else resolve(opened);
    });
  });
  handle.configure('busyTimeout', timeoutMs);
  const database = new SqliteDatabase(handle, shownAs, timeoutMs);
  try {
    if (before !== '') await database.all(before);
    await switchToWal(database, timeoutMs);
    await database.exec('PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;');
  } catch (error) {
    await database.close().catch(() => undefined);
    throw error;
  }
  return database;
}

const WAL_RETRY_MS = 20;

/**
 * Switching a new file to WAL briefly requires exclusive access. If two processes try at once, SQLite reports "busy"
 * without waiting for the busy timeout (each holds what the other needs), so we wait here.
 */
async function switchToWal(database: Database, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      await database.all('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      const busy = error instanceof AtelierError && error.code === 'CONFLICT';
      if (!busy || Date.now() >= deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, WAL_RETRY_MS));
    }
  }
}
