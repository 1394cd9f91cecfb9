/** @file The data folder belongs to one user of the machine: it is created so, and repaired when it is opened. */
import { chmod, readdir, stat } from 'node:fs/promises';
import { makeFolder } from '../store/connection/make-folder.ts';
import { folderError } from '../store/connection/store-errors.ts';

/** Rights of the group and of everyone else. */
export const OTHERS = 0o077;
const STICKY = 0o1000;

/**
 * Creates the folder if necessary, and closes it to other users of the machine. Windows keeps rights elsewhere, in lists
 * that a user's own folders inherit.
 * @returns what the user should know, or null
 * @throws AtelierError if the folder cannot be created
 */
export async function openPrivateFolder(home: string): Promise<string | null> {
  try {
    await makeFolder(home);
  } catch (error) {
    throw folderError(error, home);
  }
  if (process.getuid === undefined) return null;
  const { mode, uid } = await stat(home);
  if ((mode & OTHERS) === 0) return null;
  const reads = `Other users of this machine can read the data folder ${home}`;
  // A folder that holds something else, or that many share (/tmp), was not made for Atelier.
  const isOurs = uid === process.getuid() && (mode & STICKY) === 0 && (await isDataFolder(home));
  if (!isOurs) return `${reads}. Use a folder of your own (--home), or close this one to others: chmod 700 ${home}`;
  try {
    await chmod(home, mode & 0o700);
  } catch {
    return `${reads}, and Atelier may not change that. Close it to others: chmod 700 ${home}`;
  }
  return `Other users of this machine could read the data folder ${home}. Atelier has closed it to them (mode 0700).`;
}

async function isDataFolder(home: string): Promise<boolean> {
  const names = await readdir(home);
  return names.length === 0 || names.includes('atelier.sqlite');
}
