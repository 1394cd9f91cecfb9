/**
 * @file Restores a backup into a data folder. Every file is checked against the manifest's hash in a folder beside the
 * target, which is renamed to it once all of them are there: you get the whole backup or an error, and nothing between.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, stat, statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { AtelierError } from '../../contract/errors/errors.ts';
import { readError, syncFolder, writeError } from '../../formats/files.ts';
import { isInUse, moveCopy, readCopy } from '../../store/backup/store-copy.ts';
import { DATABASE_FILE } from '../../store/connection/database-file.ts';
import { makeFolder } from '../../store/connection/make-folder.ts';
import { processExists } from '../../store/connection/owner.ts';
import { folderError } from '../../store/connection/store-errors.ts';
import { MANIFEST_FILE, Manifest } from './manifest.ts';

const MANIFEST_LIMIT = 512 * 1024 ** 2;

/** What a restore needs to know, wherever it unpacks. */
export interface UnpackOptions {
  /** The data folder to restore into. */
  home: string;
  /** Where this Atelier keeps the models that ship with it. */
  resourcesDir: string;
  /** Receives how many files have been checked and unpacked. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

export interface RestoreOptions extends UnpackOptions {
  /** Moves what is in the data folder aside instead of refusing. */
  replace?: boolean;
}

export interface RestoreReport {
  home: string;
  manifest: Manifest;
  /** Where the previous content of the data folder is now, or null if it was empty. */
  previous: string | null;
  /** Models that the store names and that are not on this machine, at least not there. */
  modelsMissing: { name: string; path: string }[];
}

/**
 * @throws AtelierError BAD_INPUT if the file is not a backup, VERIFICATION_FAILED if it is damaged, CONFLICT if the
 *   data folder is not empty (without `replace`), in use, or the backup needs a newer Atelier. Nothing has changed then.
 */
export async function restoreBackup(
  file: string,
  { replace = false, ...options }: RestoreOptions,
): Promise<RestoreReport> {
  const { home } = options;
  const occupied = await contentsOf(home);
  if (occupied.length > 0 && !replace) {
    throw new AtelierError('CONFLICT', `The data folder ${home} is not empty. Nothing was restored.`, {
      place: { file: home },
      remedy:
        'Restore into another folder (--home), or add --replace: what is there now is then moved aside, and kept.',
    });
  }
  if (occupied.includes(DATABASE_FILE)) await mustBeIdle(home);
  await clearStaleStaging(dirname(home), stagingStem(home));
  const staging = newStaging(dirname(home), stagingStem(home));
  try {
    const { manifest, models } = await unpackBackup(file, staging, options);
    const previous = await takePlace(staging, home, occupied.length > 0);
    return { home, manifest, previous, modelsMissing: await missing(models) };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** The models whose folders are not there. */
export async function missing(
  models: readonly { name: string; path: string }[],
): Promise<{ name: string; path: string }[]> {
  const gone = [];
  for (const { name, path } of models) if ((await stat(path).catch(() => null)) === null) gone.push({ name, path });
  return gone;
}

/**
 * Unpacks and checks a whole backup into a new folder, ready to become part of the data folder `home`. Throws like
 * `restoreBackup`, and CANCELLED; the caller removes the folder.
 */
export async function unpackBackup(
  file: string,
  folder: string,
  { home, resourcesDir, onProgress, signal }: UnpackOptions,
): Promise<{ manifest: Manifest; models: { name: string; path: string }[] }> {
  const zip = await openArchive(file);
  try {
    const { manifest, entries } = await readManifest(file, zip);
    try {
      await makeFolder(dirname(folder));
      await makeFolder(folder);
    } catch (error) {
      throw folderError(error, folder);
    }
    await mustFit(folder, manifest);
    for (const [done, listed] of manifest.files.entries()) {
      if (signal?.aborted === true)
        throw new AtelierError('CANCELLED', 'The restore was cancelled. Nothing was changed.');
      onProgress?.(done, manifest.files.length);
      const entry = entries.get(listed.path);
      if (entry === undefined) throw damaged(file, `"${listed.path}" is missing`);
      await extract({ file, zip, entry, listed, target: join(folder, ...listed.path.split('/')) });
    }
    const copy = join(folder, DATABASE_FILE);
    await readCopy(copy);
    const { createdAt, atelier, files } = manifest;
    const moves = [
      { from: manifest.home, to: home },
      { from: manifest.resources, to: resourcesDir },
    ];
    await moveCopy(copy, moves, { createdAt, atelier, files: files.length });
    const { models } = await readCopy(copy);
    return { manifest, models };
  } finally {
    zip.close();
  }
}

/** Reads what a backup says about itself; its files are not compared. Throws like `restoreBackup`. */
export async function describeBackup(file: string): Promise<Manifest> {
  const zip = await openArchive(file);
  try {
    return (await readManifest(file, zip)).manifest;
  } finally {
    zip.close();
  }
}

/** Reads and checks a backup without restoring it. Throws like `restoreBackup`. */
export async function checkBackup(file: string): Promise<Manifest> {
  const zip = await openArchive(file);
  try {
    const { manifest, entries } = await readManifest(file, zip);
    for (const listed of manifest.files) {
      const entry = entries.get(listed.path);
      if (entry === undefined) throw damaged(file, `"${listed.path}" is missing`);
      await extract({ file, zip, entry, listed, target: null });
    }
    return manifest;
  } finally {
    zip.close();
  }
}

/** Marks a folder of this machine that a restore unpacks into. */
export function stagingMark(): string {
  return `.restoring-${createHash('sha256').update(hostname()).digest('hex').slice(0, 8)}-`;
}

/** `.NAME.restoring-HOST-PID-1a2b3c4d`, beside the data folder, so that a rename puts it in place. */
function stagingStem(home: string): string {
  return `.${basename(home)}${stagingMark()}`;
}

export function newStaging(parent: string, stem: string): string {
  return join(parent, `${stem}${process.pid}-${randomUUID().slice(0, 8)}`);
}

/** Removes the folders that killed restores left in `parent`. */
export async function clearStaleStaging(parent: string, stem: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    if (!name.startsWith(stem)) continue;
    const [, pid] = /^(\d{1,10})-[0-9a-f]{8}$/.exec(name.slice(stem.length)) ?? [];
    if (pid === undefined || (Number(pid) !== process.pid && processExists(Number(pid)))) continue;
    await rm(join(parent, name), { recursive: true, force: true });
  }
}

async function contentsOf(home: string): Promise<string[]> {
  try {
    return await readdir(home);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw folderError(error, home);
  }
}

/** @throws AtelierError CONFLICT if a process has the store of `home` open */
export async function mustBeIdle(home: string): Promise<void> {
  let inUse = false;
  try {
    inUse = await isInUse(join(home, DATABASE_FILE));
  } catch {
    // A damaged store is what a backup is for; nobody can have it open.
  }
  if (!inUse) return;
  throw new AtelierError('CONFLICT', `Another Atelier has the data folder ${home} open. Nothing was restored.`, {
    place: { file: home },
    remedy: 'Close it and try again.',
  });
}

async function openArchive(file: string): Promise<ZipFile> {
  const found = await stat(file).catch((cause: unknown) => {
    throw readError(file, cause);
  });
  if (!found.isFile()) throw notABackup(file);
  try {
    return await openPromise(file, { lazyEntries: true, autoClose: false, validateEntrySizes: true });
  } catch (cause) {
    if (await beginsAsZip(file)) throw damaged(file, 'its end is missing, as after a copy that was interrupted', cause);
    throw notABackup(file, cause);
  }
}

async function beginsAsZip(file: string): Promise<boolean> {
  const opened = await open(file);
  try {
    const { buffer } = await opened.read({ buffer: Buffer.alloc(4), position: 0 });
    return buffer.readUInt32BE() === 0x504b0304;
  } finally {
    await opened.close();
  }
}

async function readManifest(file: string, zip: ZipFile): Promise<{ manifest: Manifest; entries: Map<string, Entry> }> {
  const entries = new Map<string, Entry>();
  try {
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
  } catch (cause) {
    throw damaged(file, 'its list of files cannot be read', cause);
  }
  const entry = entries.get(MANIFEST_FILE);
  if (entry === undefined || entry.uncompressedSize > MANIFEST_LIMIT) throw notABackup(file);
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    if (crc32(bytes) !== entry.crc32) throw damaged(file, `"${MANIFEST_FILE}" has changed`);
    const json = JSON.parse(bytes.toString('utf8')) as { version?: unknown };
    if (typeof json.version === 'number' && json.version > 1) {
      throw new AtelierError('CONFLICT', `The backup ${file} was made by a newer Atelier. Nothing was restored.`, {
        place: { file },
        remedy: 'Update Atelier, and restore it then.',
      });
    }
    return { manifest: Manifest.parse(json), entries };
  } catch (cause) {
    if (cause instanceof AtelierError) throw cause;
    throw damaged(file, `"${MANIFEST_FILE}" cannot be read`, cause);
  }
}

async function mustFit(folder: string, manifest: Manifest): Promise<void> {
  const needed = manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const { bavail, bsize } = await statfs(folder);
  if (needed <= bavail * bsize) return;
  throw new AtelierError('DISK_FULL', `The backup needs ${needed} bytes, and ${folder} has ${bavail * bsize} free.`, {
    place: { file: folder },
    remedy: 'Free some space on that disk, or restore into another data folder with --home.',
  });
}

/** Writes one file and compares it with the manifest; `target` null only compares. */
async function extract(part: {
  file: string;
  zip: ZipFile;
  entry: Entry;
  listed: Manifest['files'][number];
  target: string | null;
}): Promise<void> {
  const { file, zip, entry, listed, target } = part;
  if (entry.uncompressedSize !== listed.sizeBytes) throw damaged(file, `"${listed.path}" has another size`);
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, target === null ? undefined : chunk);
    },
  });
  try {
    if (target !== null) await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const source = await zip.openReadStreamPromise(entry);
    if (target === null) await pipeline(source, hashing.resume());
    else await pipeline(source, hashing, createWriteStream(target, { flags: 'wx', mode: 0o600, flush: true }));
  } catch (cause) {
    if (typeof (cause as NodeJS.ErrnoException).syscall === 'string') throw writeError(target ?? file, cause);
    throw damaged(file, `"${listed.path}" cannot be unpacked`, cause);
  }
  if (hash.digest('hex') !== listed.sha256) throw damaged(file, `the bytes of "${listed.path}" have changed`);
}

/** Renames the complete folder to the data folder; what was there before is kept under another name. */
async function takePlace(staging: string, home: string, occupied: boolean): Promise<string | null> {
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const previous = occupied ? `${home}.before-restore-${stamp}` : null;
  try {
    if (previous !== null) await rename(home, previous);
    // An empty folder is in the way on some systems.
    else await rmdir(home).catch(() => undefined);
    try {
      await rename(staging, home);
    } catch (cause) {
      if (previous !== null) await rename(previous, home);
      throw cause;
    }
  } catch (cause) {
    throw writeError(home, cause);
  }
  await syncFolder(dirname(home));
  return previous;
}

function notABackup(file: string, cause?: unknown): AtelierError {
  return new AtelierError('BAD_INPUT', `${basename(file)} is not a backup of Atelier (${file}).`, {
    place: { file },
    remedy: 'Name a file that "atelier backup" wrote.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function damaged(file: string, why: string, cause?: unknown): AtelierError {
  return new AtelierError('VERIFICATION_FAILED', `The backup ${file} is damaged: ${why}. Nothing was restored.`, {
    place: { file },
    remedy: 'Use another backup.',
    ...(cause === undefined ? {} : { cause }),
  });
}
