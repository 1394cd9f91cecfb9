/**
 * @file Exports and hand-offs in progress, noted in the data folder. They may be as large as their model and may be
 * anywhere, so a later start must find what a killed process left behind: it removes a partial folder, records a complete
 * one, and touches nothing that a live process is writing.
 */
import { createHash, randomUUID } from 'node:crypto';
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
import { HandoffRecord } from '../../../store/handoffs/handoffs.ts';
import { processExists } from '../../../store/connection/owner.ts';

/** The file of a job folder that names all others. */
export const JOB_MANIFEST = 'manifest.json';
/** Of a signature or a manifest. */
const MOST_NOTE_BYTES = 64 * 1024 * 1024;

/** `.NAME.1a2b3c4d.partial`: the only names that are ever removed, whatever a note says. */
const PARTIAL = /^\.[^/\\]+\.[0-9a-f]{8}\.partial$/;

/** A complete bundle, as it will be recorded once it has its name. */
const Bundle = ExportSummary.omit({ id: true, createdAt: true });
type Bundle = z.infer<typeof Bundle>;

/** A complete bundle or job folder. */
export const Placed = z.union([HandoffRecord, Bundle]);
export type Placed = z.infer<typeof Placed>;

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
 * Records folders that were complete and in place when their process was killed, before it could record them. A start
 * never fails because of them.
 * @returns a sentence for each
 */
export async function recordPlaced(
  store: Pick<Store, 'home' | 'exports' | 'handoffs' | 'transaction'>,
): Promise<string[]> {
  const recorded: string[] = [];
  for (const { file, note } of await notesOfTheDead(store.home)) {
    const { placed } = note;
    if (placed === undefined || !(await isInPlace(placed))) continue;
    try {
      const isNew =
        'kind' in placed ? (await store.handoffs.insert(placed)) !== null : await recordBundle(store, placed);
      const [what, path] = 'kind' in placed ? ['job folder', placed.handoff.path] : ['export', placed.path];
      if (isNew) recorded.push(`The ${what} ${path} was complete when Atelier was ended. It is now recorded.`);
      await rm(file, { force: true });
    } catch {
      // Left for another time.
    }
  }
  return recorded;
}

/** Whether the bundle was not recorded before. */
async function recordBundle(store: Pick<Store, 'exports' | 'transaction'>, bundle: Bundle): Promise<boolean> {
  return await store.transaction(async () => {
    const known = await store.exports.list({ runId: bundle.runId });
    if (known.some(({ path, rootSha256 }) => path === bundle.path && rootSha256 === bundle.rootSha256)) return false;
    await store.exports.insert(bundle);
    return true;
  });
}

/** Whether the folder is there: the signature of a bundle, or the manifest of a job folder, is the one noted. */
async function isInPlace(placed: Placed): Promise<boolean> {
  if ('kind' in placed) {
    const { path, manifestSha256 } = placed.handoff;
    const manifest = await readRegular(path, JOB_MANIFEST, MOST_NOTE_BYTES).catch(() => null);
    return manifest !== null && createHash('sha256').update(manifest).digest('hex') === manifestSha256;
  }
  const text = await readRegular(placed.path, SIGNATURE_FILE, MOST_NOTE_BYTES).catch(() => null);
  const read = text === null ? null : readModelSignature(new TextDecoder().decode(text));
  return read?.ok === true && read.signature.rootSha256 === placed.rootSha256;
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
