/**
 * @file Restores a backup into a data folder that is in use otherwise: the desktop app keeps its own files there. Only
 * what a backup holds changes places with what is there now, which is kept in a folder beside it. The exchange takes
 * several renames, so a note says which; if the process is killed among them, the next start completes the exchange.
 */
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { readError, syncFolder, writeError } from '../../formats/files.ts';
import { DATABASE_FILE } from '../../store/connection/database-file.ts';
import { makeFolder } from '../../store/connection/make-folder.ts';
import type { Manifest } from './manifest.ts';
import {
  clearStaleStaging,
  missing,
  mustBeIdle,
  newStaging,
  stagingMark,
  unpackBackup,
  type UnpackOptions,
} from './restore-backup.ts';

const NOTE_FILE = 'restoring.json';
const PARTIAL_NOTE = `${NOTE_FILE}.partial`;
/** Moved aside always: the store, and what it names. */
const STORE = [DATABASE_FILE, `${DATABASE_FILE}-wal`, `${DATABASE_FILE}-shm`, 'blobs', 'runs'];
/** Moved aside only for what the backup brings: without a key in the backup, yours stays. */
const OWN = ['preferences.json', 'keys'];

const Name = z.string().regex(/^\.?\w[\w.-]*$/);
/** What changes places: names in the data folder. */
const Note = z.object({
  /** The folder with the unpacked backup, and what it brings. */
  from: Name,
  brought: z.array(Name),
  /** The folder that keeps what was there before, and what goes there. */
  aside: Name,
  kept: z.array(Name),
});
type Note = z.infer<typeof Note>;

export interface RestoredWithin {
  manifest: Manifest;
  /** Where the previous content is now. */
  previous: string;
  /** Models that the store names and that are not on this machine, at least not there. */
  modelsMissing: { name: string; path: string }[];
}

/**
 * Checks every file of the backup before anything is moved.
 * @throws AtelierError BAD_INPUT if the file is not a backup, VERIFICATION_FAILED if it is damaged, CONFLICT if the
 *   store is open, CANCELLED, DISK_FULL. Nothing has changed then.
 */
export async function restoreWithin(file: string, options: UnpackOptions): Promise<RestoredWithin> {
  const { home } = options;
  if (await exists(join(home, DATABASE_FILE))) await mustBeIdle(home);
  const staging = newStaging(home, stagingMark());
  try {
    const { manifest, models } = await unpackBackup(file, staging, options);
    const aside = `before-restore-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
    try {
      const brought = await present(staging, [...OWN, ...STORE]);
      const kept = await present(home, [...STORE, ...OWN.filter((name) => brought.includes(name))]);
      await writeNote(home, { from: basename(staging), brought, aside, kept });
      await finishRestore(home);
    } catch (cause) {
      throw writeError(home, cause);
    }
    return { manifest, previous: join(home, aside), modelsMissing: await missing(models) };
  } finally {
    // After a failed exchange the note still names the folder, and the next start needs it.
    if ((await readNote(home)) === null) await rm(staging, { recursive: true, force: true });
  }
}

/** Completes an exchange that was cut short, and removes what killed restores left. Call it before the store is opened. */
export async function finishRestore(home: string): Promise<void> {
  const note = await readNote(home);
  if (note !== null) await exchange(home, note);
  await rm(join(home, PARTIAL_NOTE), { force: true });
  await clearStaleStaging(home, stagingMark());
}

/**
 * Each step can be repeated. The store leaves first and comes last, so that no store ever stands beside files of another.
 */
async function exchange(home: string, { from, brought, aside, kept }: Note): Promise<void> {
  const [staging, previous] = [join(home, from), join(home, aside)];
  await makeFolder(previous);
  for (const name of await present(home, kept)) {
    // What has been moved aside before is not old any more.
    if (!(await exists(join(previous, name)))) await rename(join(home, name), join(previous, name));
  }
  await syncFolder(previous);
  const last = [...brought].sort((one, other) => Number(one === DATABASE_FILE) - Number(other === DATABASE_FILE));
  for (const name of await present(staging, last)) await rename(join(staging, name), join(home, name));
  await syncFolder(home);
  await rm(join(home, NOTE_FILE));
  await syncFolder(home);
}

async function writeNote(home: string, note: Note): Promise<void> {
  const partial = join(home, PARTIAL_NOTE);
  await writeFile(partial, JSON.stringify(note), { mode: 0o600, flush: true });
  await rename(partial, join(home, NOTE_FILE));
  await syncFolder(home);
}

async function readNote(home: string): Promise<Note | null> {
  try {
    return Note.parse(JSON.parse(await readFile(join(home, NOTE_FILE), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw readError(join(home, NOTE_FILE), error);
  }
}

async function present(folder: string, names: readonly string[]): Promise<string[]> {
  const there = await Promise.all(names.map((name) => exists(join(folder, name))));
  return names.filter((_, index) => there[index]);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
