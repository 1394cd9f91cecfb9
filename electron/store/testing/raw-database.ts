/** @file For tests: what anyone with an SQLite editor can do to a store, over a separate connection. */
import { join } from 'node:path';
import { openDatabase, type Database } from '../connection/connection.ts';

/** Opens the database of the data folder `home` while `work` runs. */
export async function withDatabase<Result>(home: string, work: (database: Database) => Promise<Result>) {
  const database = await openDatabase(join(home, 'atelier.sqlite'));
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
