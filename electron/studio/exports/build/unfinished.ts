/**
 * @file Exports in progress, noted in the data folder. An export may be as large as its model and may be anywhere, so a
 * later start must find what a killed process left behind: it removes a partial folder, records a complete bundle, and
 * touches nothing that a live process is writing.
 */
import { randomUUID } from 'node:crypto';
import { readFile, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { ExportSummary } from '../../../contract/model/exports.ts';
import { writeAside } from '../../../formats/files.ts';
import { readRegular } from '../../../formats/regular-file.ts';
import { SIGNATURE_FILE, readModelSignature } from '../../../provenance/signing/model-signing.ts';
import { makeFolder } from '../../../store/connection/make-folder.ts';
import type { Store } from '../../../store/connection/open.ts';
import { processExists } from '../../../store/connection/owner.ts';

const MOST_SIGNATURE_BYTES = 16 * 1024 * 1024;

/** `.NAME.1a2b3c4d.partial`: the only names that are ever removed, whatever a note says. */
const PARTIAL = /^\.[^/\\]+\.[0-9a-f]{8}\.partial$/;

/** A complete bundle, as it will be recorded once it has its name. */
const Placed = ExportSummary.omit({ id: true, createdAt: true });
type Placed = z.infer<typeof Placed>;

const Note = z.object({ path: z.string(), pid: z.int().positive(), host: z.string(), placed: Placed.optional() });
type Note = z.infer<typeof Note>;

/** Notes of this very process; any other note with its process ID is from an earlier process with the same ID. */
const own = new Set<string>();

function notesFolder(home: string): string {
  return join(home, 'unfinished-exports');
}

/** The hidden folder beside `destination` in which an export is built. */
export function partialFolder(destination: string): string {
  return join(dirname(destination), `.${basename(destination)}.${randomUUID().slice(0, 8)}.partial`);
}

export interface ExportNote {
  /** Notes that the folder is complete and is about to get its name. */
  placing(placed: Placed): Promise<void>;
  /** Removes the note: the bundle is recorded, or nothing is left of it. */
  forget(): Promise<void>;
}

/** Notes that this process writes to `path`. */
export async function noteUnfinished(home: string, path: string): Promise<ExportNote> {
  const name = `${randomUUID()}.json`;
  const file = join(notesFolder(home), name);
  own.add(name);
  const write = async (note: Note): Promise<void> => {
    await writeAside(file, (put) => put(Buffer.from(JSON.stringify(note))));
  };
  const note = { path, pid: process.pid, host: hostname() };
  await makeFolder(notesFolder(home));
  await write(note);
  return {
    placing: (placed) => write({ ...note, placed }),
    forget: async () => {
      await rm(file, { force: true });
      own.delete(name);
    },
  };
}

/** The notes of dead processes on this machine. */
async function notesOfTheDead(home: string): Promise<{ file: string; note: Note }[]> {
  const notes: { file: string; note: Note }[] = [];
  for (const name of await readdir(notesFolder(home)).catch(() => [])) {
    if (own.has(name) || !name.endsWith('.json')) continue;
    const file = join(notesFolder(home), name);
    try {
      const note = Note.parse(JSON.parse(await readFile(file, 'utf8')));
      if (note.host === hostname() && (note.pid === process.pid || !processExists(note.pid)))
        notes.push({ file, note });
    } catch {
      // Left for another time.
    }
  }
  return notes;
}

/**
 * Records bundles that were complete and in place when their process was killed, before it could record them. A start
 * never fails because of them.
 * @returns a sentence for each
 */
export async function recordPlacedExports(store: Pick<Store, 'home' | 'exports' | 'transaction'>): Promise<string[]> {
  const sentences: string[] = [];
  for (const { file, note } of await notesOfTheDead(store.home)) {
    const { placed } = note;
    if (placed === undefined || !(await isInPlace(placed))) continue;
    try {
      const isNew = await store.transaction(async () => {
        const known = await store.exports.list({ runId: placed.runId });
        if (known.some(({ path, rootSha256 }) => path === placed.path && rootSha256 === placed.rootSha256))
          return false;
        await store.exports.insert(placed);
        return true;
      });
      if (isNew) sentences.push(`The export ${placed.path} was complete when Atelier was ended. It is now recorded.`);
      await rm(file, { force: true });
    } catch {
      // Left for another time.
    }
  }
  return sentences;
}

/** Whether the folder's signature is that of this bundle. */
async function isInPlace({ path, rootSha256 }: Placed): Promise<boolean> {
  const text = await readRegular(path, SIGNATURE_FILE, MOST_SIGNATURE_BYTES).catch(() => null);
  const read = text === null ? null : readModelSignature(new TextDecoder().decode(text));
  return read?.ok === true && read.signature.rootSha256 === rootSha256;
}

/**
 * Removes what dead processes on this machine left behind, and returns the folders. What cannot be removed (such as a
 * folder on a disk that is not there) is left for another time; a start never fails because of it.
 */
export async function clearUnfinishedExports(home: string): Promise<string[]> {
  const cleared: string[] = [];
  for (const { file, note } of await notesOfTheDead(home)) {
    const { path, placed } = note;
    // One that could not be recorded yet.
    if (placed !== undefined && (await isInPlace(placed))) continue;
    try {
      if (isAbsolute(path) && PARTIAL.test(basename(path))) {
        await rm(path, { recursive: true, force: true });
        cleared.push(path);
      }
      await rm(file, { force: true });
    } catch {
      // Left for another time.
    }
  }
  return cleared;
}
