/** @file A consistent copy of a whole database, taken while others write to it. */
import { open, rm } from 'node:fs/promises';
import type { Database } from './connection.ts';

/**
 * Writes a copy of the database to `path`, which must not exist. Writers do not have to wait. The copy is on the disk
 * when this returns, which SQLite alone does not ensure.
 * @throws AtelierError DISK_FULL and other errors of the store; nothing is left at `path` then
 */
export async function copyDatabase(database: Database, path: string): Promise<void> {
  try {
    await database.run('VACUUM INTO ?', [path]);
    const handle = await open(path, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}
