/**
 * @file Puts a folder that is being written in its place: it is built under a temporary name, synced, renamed and recorded.
 * It is complete or absent, also if the process is killed at any moment (`unfinished.ts`).
 */
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AtelierError } from '../../../contract/errors/errors.ts';
import { syncFile, syncFolder, writeError } from '../../../formats/files.ts';
import { makeFolder } from '../../../store/connection/make-folder.ts';
import { mustNotExist } from '../../output-folder.ts';
import { noteUnfinished, partialFolder, type ExportNote, type Placed } from './unfinished.ts';

export interface Placing<P extends Placed, Result> {
  /** The data folder, in which the work is noted. */
  home: string;
  destination: string;
  what: 'export' | 'hand-off';
  signal: AbortSignal | undefined;
  /** Fills the folder. Gives the names of its files, and what is to be recorded. */
  fill: (folder: string) => Promise<{ names: readonly string[]; placed: P }>;
  record: (placed: P) => Promise<Result>;
}

/**
 * A failure or an abort leaves nothing behind.
 * @throws AtelierError CONFLICT (destination exists), DISK_FULL, CANCELLED, and whatever `fill` and `record` throw
 */
export async function placeFolder<P extends Placed, Result>(placing: Placing<P, Result>): Promise<Result> {
  const { home, destination, what, signal, fill, record } = placing;
  const aside = partialFolder(destination);
  let made: string | undefined;
  let isPlaced = false;
  let note: ExportNote | undefined;
  try {
    made = await makeFolder(dirname(destination), 0o777);
    note = await noteUnfinished(home, aside);
    await mkdir(aside);
    const { names, placed } = await fill(aside);
    for (const name of names) await syncFile(join(aside, ...name.split('/')));
    await mustNotExist(destination, what === 'export' ? 'An export' : 'A hand-off');
    signal?.throwIfAborted();
    // If this process is killed from here on, the next start records the folder (`recordPlaced`).
    await note.placing(placed);
    await rename(aside, destination);
    isPlaced = true;
    await syncFolder(dirname(destination));
    const recorded = await record(placed);
    await note.forget();
    return recorded;
  } catch (cause) {
    await rm(isPlaced ? destination : aside, { recursive: true, force: true });
    await note?.forget();
    if (made !== undefined) await rm(made, { recursive: true, force: true });
    if (signal?.aborted === true) {
      throw new AtelierError('CANCELLED', `The ${what} was cancelled. Nothing was written.`, { cause });
    }
    // A disk error becomes a plain message; any other unexpected error stays a bug.
    throw typeof (cause as NodeJS.ErrnoException | null)?.code === 'string' ? writeError(destination, cause) : cause;
  }
}
