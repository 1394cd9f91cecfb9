/**
 * @file Images by the SHA-256 of their original bytes: `blobs/ab/cdef…`. Each image is written to a temporary file,
 * flushed and renamed into place, so a name always refers to complete bytes. Originals are never rewritten.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, utimes, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AtelierError } from '../../contract/errors/errors.ts';
import { processExists } from './owner.ts';
import { errorCode, fileError } from './store-errors.ts';

const HEX_64 = /^[0-9a-f]{64}$/;
/** `incoming/<pid>-<uuid>`: the name identifies the writing process, so files left by a dead process can be cleared. */
const INCOMING = 'incoming';
/**
 * An import stores its images first and names them in the store last, so younger orphans may belong to a running
 * import.
 */
export const ORPHAN_AGE_MS = 60 * 60 * 1000;

/** The file system calls that write; tests pass one that fails. */
export type BlobWriter = { write(handle: FileHandle, bytes: Uint8Array): Promise<void> };

const DISK: BlobWriter = {
  async write(handle, bytes) {
    let written = 0;
    // FileHandle.write may write fewer bytes than it was given.
    while (written < bytes.byteLength) written += (await handle.write(bytes, written)).bytesWritten;
  },
};

/** `created` is false if the bytes were already in the store. */
export type Blob = { sha256: string; sizeBytes: number; path: string; created: boolean; mtimeMs: number };

export type BlobStore = ReturnType<typeof createBlobStore>;

/** The blobs under `root`, which is created when first needed. */
export function createBlobStore(root: string, writer: BlobWriter = DISK) {
  /**
   * The path at which the bytes with this hash are or would be stored. Throws on anything but a hash, so it is safe for
   * URLs.
   */
  function pathOf(sha256: string): string {
    if (!HEX_64.test(sha256)) {
      throw new AtelierError('BAD_INPUT', `"${sha256.slice(0, 80)}" is not the hash of an image.`, {
        place: { field: 'sha256' },
      });
    }
    return join(root, sha256.slice(0, 2), sha256.slice(2));
  }

  async function has(sha256: string): Promise<boolean> {
    return (await sizeOf(pathOf(sha256))) !== undefined;
  }

  /** The path of an existing blob; throws NOT_FOUND if there is none. */
  async function get(sha256: string): Promise<string> {
    const path = pathOf(sha256);
    if ((await sizeOf(path)) !== undefined) return path;
    throw new AtelierError('NOT_FOUND', `The image ${sha256} is missing from the store (${path}).`, {
      place: { file: path },
      remedy: 'Put the folder "blobs" back from a copy, or import the dataset again.',
    });
  }

  /**
   * Copies a file into the store in pieces, hashing it on the way. Refuses a file that changes during the copy, because
   * its hash would name bytes that never existed together.
   */
  async function putFile(file: string, signal?: AbortSignal): Promise<Blob> {
    const before = await statSource(file);
    return await receive(async (write) => {
      for await (const chunk of createReadStream(file, signal === undefined ? {} : { signal }))
        await write(chunk as Uint8Array);
      const after = await statSource(file);
      if (after.size === before.size && after.mtimeMs === before.mtimeMs && after.ino === before.ino) return;
      throw new AtelierError('BAD_INPUT', `The file ${file} changed while it was read.`, {
        place: { file },
        remedy: 'Wait until nothing writes into that folder and import again.',
      });
    });
  }

  async function putBytes(bytes: Uint8Array): Promise<Blob> {
    return await receive((write) => write(bytes));
  }

  async function receive(fill: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>): Promise<Blob> {
    const folder = join(root, INCOMING);
    const aside = join(folder, `${process.pid}-${randomUUID()}`);
    try {
      await mkdir(folder, { recursive: true });
      const hash = createHash('sha256');
      let sizeBytes = 0;
      const handle = await open(aside, 'wx');
      try {
        await fill(async (bytes) => {
          hash.update(bytes);
          sizeBytes += bytes.byteLength;
          await writer.write(handle, bytes);
        });
        await handle.sync();
      } finally {
        await handle.close();
      }
      const sha256 = hash.digest('hex');
      return { sha256, sizeBytes, ...(await settle(aside, sha256, sizeBytes)) };
    } catch (error) {
      await rm(aside, { force: true }).catch(() => undefined);
      throw fileError(error, aside);
    }
  }

  /** Moves complete bytes to their final name. If the bytes are already there, only refreshes their timestamp. */
  async function settle(
    aside: string,
    sha256: string,
    sizeBytes: number,
  ): Promise<Pick<Blob, 'path' | 'created' | 'mtimeMs'>> {
    const path = pathOf(sha256);
    // A stored file that was damaged since is replaced by the bytes that just arrived.
    if ((await sizeOf(path)) === sizeBytes && (await verify(sha256))) {
      const now = new Date();
      // A collection running in another process removes only old orphans.
      await utimes(path, now, now);
      await rm(aside);
      return { path, created: false, mtimeMs: now.getTime() };
    }
    await mkdir(dirname(path), { recursive: true });
    await rename(aside, path);
    await syncFolder(dirname(path));
    return { path, created: true, mtimeMs: (await stat(path)).mtimeMs };
  }

  /** Files whose bytes this process found to match their name, with the size and time they had then. */
  const whole = new Map<string, string>();

  /**
   * The path of an existing blob whose bytes match its name. Bytes are hashed again only if the file has changed.
   * @throws AtelierError NOT_FOUND if there is none, VERIFICATION_FAILED if it is damaged
   */
  async function getWhole(sha256: string): Promise<string> {
    const path = await get(sha256);
    const { size, mtimeMs } = await stat(path);
    const state = `${size} ${mtimeMs}`;
    if (whole.get(sha256) === state) return path;
    if (!(await verify(sha256))) {
      throw new AtelierError(
        'VERIFICATION_FAILED',
        `The image ${path} is damaged: it is not the one that was imported.`,
        {
          place: { file: path },
          remedy: 'Import its dataset again, which repairs it, or restore a backup.',
        },
      );
    }
    whole.set(sha256, state);
    return path;
  }

  /** Rehashes the stored bytes. False if they are missing or do not match their name. */
  async function verify(sha256: string): Promise<boolean> {
    const path = pathOf(sha256);
    if ((await sizeOf(path)) === undefined) return false;
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
    return hash.digest('hex') === sha256;
  }

  /** Every hash in the store, sorted. */
  async function list(): Promise<string[]> {
    const found: string[] = [];
    for (const folder of await entries(root)) {
      if (!/^[0-9a-f]{2}$/.test(folder)) continue;
      for (const rest of await entries(join(root, folder))) if (HEX_64.test(folder + rest)) found.push(folder + rest);
    }
    return found.sort();
  }

  /** Removes a blob that this caller created, unless someone has put the same bytes again since. */
  async function discard(blob: Blob): Promise<void> {
    const found = await stat(blob.path).catch(() => undefined);
    if (found !== undefined && found.mtimeMs === blob.mtimeMs) await rm(blob.path, { force: true });
  }

  /** Blobs that are not in `used` and are older than `minAgeMs`. */
  async function orphans(used: ReadonlySet<string>, minAgeMs = ORPHAN_AGE_MS): Promise<string[]> {
    const found: string[] = [];
    for (const sha256 of await list()) {
      if (!used.has(sha256) && (await isOlder(pathOf(sha256), minAgeMs))) found.push(sha256);
    }
    return found;
  }

  /**
   * Removes orphans. Read `used` and call this inside one transaction of the store, so that no import can name a blob
   * between the check and the removal.
   */
  async function collect(used: ReadonlySet<string>, minAgeMs = ORPHAN_AGE_MS): Promise<number> {
    const found = await orphans(used, minAgeMs);
    for (const sha256 of found) await rm(pathOf(sha256), { force: true });
    return found.length;
  }

  /** Removes half-written files whose process no longer exists. */
  async function clearIncoming(): Promise<void> {
    for (const name of await entries(join(root, INCOMING))) {
      const path = join(root, INCOMING, name);
      const pid = Number.parseInt(name, 10);
      if (pid === process.pid || (processExists(pid) && !(await isOlder(path, ORPHAN_AGE_MS)))) continue;
      await rm(path, { force: true });
    }
  }

  return {
    root,
    pathOf,
    has,
    get,
    getWhole,
    putFile,
    putBytes,
    discard,
    verify,
    list,
    orphans,
    collect,
    clearIncoming,
  };
}

async function statSource(file: string): Promise<{ size: number; mtimeMs: number; ino: number }> {
  try {
    const found = await stat(file);
    if (found.isFile()) return found;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw fileError(error, file);
    throw new AtelierError('BAD_INPUT', `There is no file ${file}.`, { place: { file }, cause: error });
  }
  throw new AtelierError('BAD_INPUT', `${basename(file)} is not a file (${file}).`, { place: { file } });
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fileError(error, path);
  }
}

async function isOlder(path: string, ageMs: number): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs >= ageMs;
  } catch {
    return false;
  }
}

async function entries(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw fileError(error, folder);
  }
}

/** Flushes a rename to disk. Some file systems cannot open folders; there, the rename alone has to do. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch {
    // Not supported here.
  } finally {
    await handle?.close();
  }
}
