/** @file Reads and writes other tools' files, with uniform errors and writes that never leave a partial file. */
import { randomUUID } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { causeWords, jsonWords } from '../contract/errors/cause-words.ts';
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
      ? 'you do not have permission to read it; change that, or move it aside'
      : code === 'EISDIR'
        ? 'it is a folder'
        : systemWords(cause);
  return new AtelierError('BAD_INPUT', `${path} cannot be read: ${why}.`, { place: { file: path }, cause });
}

/**
 * The entries of a folder. @throws AtelierError naming the folder if it cannot be read
 */
export async function readFolder(path: string): Promise<Dirent[]> {
  return await readdir(path, { withFileTypes: true }).catch((cause: unknown) => {
    throw readError(path, cause);
  });
}

/** What the system says about a file. Its codes mean something to those who look them up. */
function systemWords(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException | null)?.code;
  return causeWords(cause, code === undefined ? 'the system gives no reason' : `the system answers ${code}`);
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
  const why =
    code === 'ENOENT' || code === 'ENOTDIR'
      ? 'its folder does not exist'
      : code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
        ? 'you do not have permission to write there'
        : systemWords(cause);
  return new AtelierError('BAD_INPUT', `${path} cannot be written: ${why}.`, {
    place: { file: path },
    remedy: 'Choose another place.',
    cause,
  });
}

// Windows has no such flag, and no pipes among its files.
const READ = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);

/**
 * Opens a file for reading; the caller closes it. Links are followed (model folders often consist of them), but a pipe
 * or a device is refused: it could block for ever or never end.
 * @throws AtelierError NOT_FOUND or BAD_INPUT naming the file
 */
export async function openFile(path: string): Promise<{ handle: FileHandle; sizeBytes: number }> {
  let handle: FileHandle;
  try {
    handle = await open(path, READ);
  } catch (cause) {
    throw readError(path, cause);
  }
  try {
    const found = await handle.stat();
    if (found.isFile()) return { handle, sizeBytes: found.size };
    const why = found.isDirectory() ? 'it is a folder' : 'it is a pipe or a device, not a file';
    throw new AtelierError('BAD_INPUT', `${path} cannot be read: ${why}.`, { place: { file: path } });
  } catch (cause) {
    await handle.close();
    throw cause instanceof AtelierError ? cause : readError(path, cause);
  }
}

/** Far above any description of a model: the largest published tokenizers have about 35 MB. */
const MAX_SMALL_FILE_BYTES = 64 * 1024 * 1024;
/** A parsed object takes many times its bytes. A large tokenizer has half a million (its merges). */
const MAX_JSON_OBJECTS = 2_000_000;

/**
 * All bytes of a small file.
 * @throws AtelierError NOT_FOUND, or BAD_INPUT if it is larger than `mostBytes` or not a file
 */
export async function readBytes(path: string, mostBytes = MAX_SMALL_FILE_BYTES): Promise<Uint8Array> {
  const { handle, sizeBytes } = await openFile(path);
  try {
    if (sizeBytes > mostBytes) {
      throw new AtelierError('BAD_INPUT', `${path} has ${sizeBytes} bytes; at most ${mostBytes} are read.`, {
        place: { file: path },
        remedy: 'Check that it is the right file.',
      });
    }
    return await handle.readFile();
  } catch (cause) {
    throw cause instanceof AtelierError ? cause : readError(path, cause);
  } finally {
    await handle.close();
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

/** Whether JSON has so many objects and lists that parsing it could fill the memory. */
export function hasTooManyObjects(bytes: Uint8Array): boolean {
  let count = 0;
  for (const byte of bytes) if (byte === 0x7b || byte === 0x5b) count += 1;
  return count > MAX_JSON_OBJECTS;
}

/** Parses a JSON file's bytes into an object. @throws AtelierError if they are anything else */
export function parseJsonObject(bytes: Uint8Array, path: string): Record<string, unknown> {
  if (hasTooManyObjects(bytes)) {
    throw new AtelierError('BAD_INPUT', `${path} has more than ${MAX_JSON_OBJECTS} objects and lists.`, {
      place: { file: path },
      remedy: 'Check that it is the right file.',
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(decodeUtf8(bytes, path));
  } catch (cause) {
    if (cause instanceof AtelierError) throw cause;
    throw new AtelierError('BAD_INPUT', `${path} is not JSON: ${jsonWords(cause)}.`, {
      place: { file: path },
      cause,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AtelierError('BAD_INPUT', `${path} does not contain a JSON object.`, { place: { file: path } });
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

/** Flushes a finished file to the disk. */
export async function syncFile(path: string): Promise<void> {
  // Windows flushes only what may be written.
  const handle = await open(path, process.platform === 'win32' ? 'r+' : 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
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
