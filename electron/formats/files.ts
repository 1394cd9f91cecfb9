/** @file Reads and writes other tools' files, with uniform errors and writes that never leave a partial file. */
import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AtelierError } from '../contract/errors/errors.ts';

/** Whether `path` is an existing regular file. */
export async function existsFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** The error for a failed read, in plain words. */
export function readError(path: string, cause: unknown): AtelierError {
  const code = (cause as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new AtelierError('NOT_FOUND', `${path} does not exist.`, {
      place: { file: path },
      remedy: 'Put it back, or enter its new path.',
      cause,
    });
  }
  const why =
    code === 'EACCES' || code === 'EPERM'
      ? 'you do not have permission to read it'
      : code === 'EISDIR'
        ? 'it is a folder'
        : cause instanceof Error
          ? cause.message
          : String(cause);
  return new AtelierError('BAD_INPUT', `${path} cannot be read: ${why}.`, { place: { file: path }, cause });
}

/** The error for a failed write, in plain words. */
export function writeError(path: string, cause: unknown): AtelierError {
  if (cause instanceof AtelierError) return cause;
  const code = (cause as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AtelierError('DISK_FULL', `The disk is full: ${path} cannot be written.`, {
      place: { file: path },
      remedy: 'Free some disk space and try again.',
      cause,
    });
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AtelierError('BAD_INPUT', `${path} cannot be written: ${why}.`, { place: { file: path }, cause });
}

/** All bytes of a (small) file. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw readError(path, cause);
  }
}

/** The text of a UTF-8 file, without its byte order mark. @throws AtelierError if it is not UTF-8 */
export function decodeUtf8(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AtelierError('BAD_INPUT', `${path} is not UTF-8 text.`, {
      place: { file: path },
      remedy: 'Save the file again with UTF-8 encoding.',
      cause,
    });
  }
}

/** Parses a JSON file's bytes into an object. @throws AtelierError if they are anything else */
export function parseJsonObject(bytes: Uint8Array, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(decodeUtf8(bytes, path));
  } catch (cause) {
    if (cause instanceof AtelierError) throw cause;
    throw new AtelierError('BAD_INPUT', `${path} is not JSON: ${(cause as Error).message}.`, {
      place: { file: path },
      cause,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AtelierError('BAD_INPUT', `${path} holds no JSON object.`, { place: { file: path } });
  }
  return value as Record<string, unknown>;
}

/** Reads a JSON object from a file. */
export async function readJsonObject(path: string): Promise<Record<string, unknown>> {
  return parseJsonObject(await readBytes(path), path);
}

/** Reads a JSON object from a file; undefined if the file does not exist. */
export async function readJsonObjectIfAny(path: string): Promise<Record<string, unknown> | undefined> {
  return (await existsFile(path)) ? readJsonObject(path) : undefined;
}

/**
 * Writes a file under another name in the same folder, flushes it to the disk and renames it to `path`.
 * If `produce` fails, `path` is unchanged and nothing is left behind.
 */
export async function writeAside(
  path: string,
  produce: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  const aside = `${path}.${randomUUID()}.partial`;
  try {
    const handle = await open(aside, 'wx');
    try {
      await produce(async (bytes) => {
        for (let done = 0; done < bytes.length;) done += (await handle.write(bytes, done)).bytesWritten;
      });
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(aside, { force: true });
    throw writeError(path, cause);
  }
}

/** Makes a rename durable if the system can. (Windows cannot open a folder and does not need this.) */
export async function syncFolder(dir: string): Promise<void> {
  try {
    const handle = await open(dir, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // The file itself is complete and flushed; we just do not know when its new name becomes durable.
  }
}
