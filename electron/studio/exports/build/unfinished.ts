/**
 * @file Exports in progress, noted in the data folder. An export may be as large as its model and may be anywhere, so a
 * later start must find and remove what a killed process left behind, and nothing that a live one is writing.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { processExists } from '../../../store/connection/owner.ts';

/** `.NAME.1a2b3c4d.partial`: the only names that are ever removed, whatever a note says. */
const PARTIAL = /^\.[^/\\]+\.[0-9a-f]{8}\.partial$/;

const Note = z.object({ path: z.string(), pid: z.int().positive(), host: z.string() });

/** Notes of this very process; any other note with its process ID is from an earlier process with the same ID. */
const own = new Set<string>();

function notesFolder(home: string): string {
  return join(home, 'unfinished-exports');
}

/** The hidden folder beside `destination` in which an export is built. */
export function partialFolder(destination: string): string {
  return join(dirname(destination), `.${basename(destination)}.${randomUUID().slice(0, 8)}.partial`);
}

/** Notes that this process writes to `path`. Call the result once nothing is left there. */
export async function noteUnfinished(home: string, path: string): Promise<() => Promise<void>> {
  const name = `${randomUUID()}.json`;
  const note = join(notesFolder(home), name);
  own.add(name);
  await mkdir(notesFolder(home), { recursive: true });
  await writeFile(note, JSON.stringify({ path, pid: process.pid, host: hostname() }), { flush: true });
  return async () => {
    await rm(note, { force: true });
    own.delete(name);
  };
}

/**
 * Removes what dead processes on this machine left behind, and returns the folders. What cannot be removed (such as a
 * folder on a disk that is not there) is left for another time; a start never fails because of it.
 */
export async function clearUnfinishedExports(home: string): Promise<string[]> {
  const cleared: string[] = [];
  for (const name of await readdir(notesFolder(home)).catch(() => [])) {
    if (own.has(name) || !name.endsWith('.json')) continue;
    const note = join(notesFolder(home), name);
    try {
      const { path, pid, host } = Note.parse(JSON.parse(await readFile(note, 'utf8')));
      if (host !== hostname() || (pid !== process.pid && processExists(pid))) continue;
      if (isAbsolute(path) && PARTIAL.test(basename(path))) {
        await rm(path, { recursive: true, force: true });
        cleared.push(path);
      }
      await rm(note, { force: true });
    } catch {
      // Left for another time.
    }
  }
  return cleared;
}
