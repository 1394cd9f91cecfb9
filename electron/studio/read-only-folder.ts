/** @file A data folder that can only be read: on a read-only disk, or one that belongs to somebody else. */
import { constants } from 'node:fs';
import { access, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { existsFile } from '../formats/files.ts';
import { makeTemporary } from '../formats/temporary-folder.ts';
import { DATABASE_FILE } from '../store/connection/database-file.ts';

/** Whether `home` holds a store and nothing can be written there. */
export async function isReadOnlyStore(home: string): Promise<boolean> {
  try {
    await access(home, constants.W_OK);
    return false;
  } catch {
    return await existsFile(join(home, DATABASE_FILE));
  }
}

/**
 * Copies the database, with its log, to a temporary folder: SQLite itself must write beside a database to read it.
 * @returns the folder, to be removed with `removeTemporary`, and the copy in it
 */
export async function copyStore(home: string): Promise<{ folder: string; database: string }> {
  const folder = await makeTemporary('store');
  for (const name of [`${DATABASE_FILE}-wal`, DATABASE_FILE]) {
    if (await existsFile(join(home, name))) await copyFile(join(home, name), join(folder, name));
  }
  return { folder, database: join(folder, DATABASE_FILE) };
}

/** What the user should know. */
export function readOnlyNotice(home: string): string {
  return `The data folder ${home} can only be read. You can look at everything in it; nothing in it can be changed.`;
}
