/** @file For tests: what somebody with an SQLite editor can do to a store, on a connection of its own. */
import { join } from 'node:path';
import { openDatabase, type Database } from '../connection/connection.ts';

/** Opens the database of the data folder `home` for the time of `work`. */
export async function withDatabase<Result>(home: string, work: (database: Database) => Promise<Result>) {
  const database = await openDatabase(join(home, 'atelier.sqlite'));
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
