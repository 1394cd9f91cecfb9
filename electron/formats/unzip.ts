/**
 * @file Unpacks the images and tables of a zip archive into a folder. The archive's own claims are checked before
 * anything is written, and every size is checked again during writing, so that escaping paths, links, nested archives
 * and zip bombs do no harm.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { causeWords } from '../contract/errors/cause-words.ts';
import { AtelierError } from '../contract/errors/errors.ts';
import { readError, writeError } from './files.ts';
import { CAPTION_EXTENSIONS, IMAGE_EXTENSIONS } from './rows/image-tree.ts';
import { TABLE_EXTENSIONS } from './rows/open-rows.ts';

export interface ZipLimits {
  readonly entries: number;
  readonly totalBytes: number;
  /** Unpacked bytes per packed byte, for entries above one megabyte and for the whole archive. */
  readonly ratio: number;
}

export const ZIP_LIMITS: ZipLimits = { entries: 500_000, totalBytes: 64 * 1024 ** 3, ratio: 200 };

const RATIO_MATTERS_ABOVE = 1024 * 1024;
/** Files that describe images: sidecars, headers, rights reservations, captions. */
const BESIDE = new Set<string>(['.xmp', ...CAPTION_EXTENSIONS]);
/** The dataset card, which may state class names. */
const CARD = 'README.md';
const ARCHIVES = new Set(['.zip', '.tar', '.gz', '.tgz', '.7z', '.rar', '.bz2', '.xz', '.zst']);
const LINK = 0o120000;
const KIND = 0o170000;

export interface Unpacked {
  readonly files: number;
  readonly warnings: string[];
}

export interface UnzipOptions {
  readonly limits?: ZipLimits;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}

/** @throws AtelierError BAD_INPUT for an archive that is broken, encrypted, a zip bomb or leads out of its folder */
export async function unzip(archive: string, folder: string, options: UnzipOptions = {}): Promise<Unpacked> {
  const { limits = ZIP_LIMITS, signal, onProgress } = options;
  const before = await statOf(archive);
  const zip = await open(archive);
  try {
    const { wanted, warnings } = await survey(archive, zip, before.size, limits);
    await mkdir(folder, { recursive: true });
    for (const [index, entry] of wanted.entries()) {
      if (signal?.aborted === true)
        throw new AtelierError('CANCELLED', 'Unpacking was cancelled. Nothing was imported.');
      await write(archive, zip, entry, folder);
      onProgress?.(index + 1, wanted.length);
    }
    const after = await statOf(archive);
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs)
      throw bad(archive, 'changed while it was read', 'Wait until nothing is writing to it, then import again.');
    return { files: wanted.length, warnings };
  } finally {
    zip.close();
  }
}

async function survey(
  archive: string,
  zip: ZipFile,
  archiveBytes: number,
  limits: ZipLimits,
): Promise<{ wanted: Entry[]; warnings: string[] }> {
  if (zip.entryCount > limits.entries) throw bad(archive, `holds ${zip.entryCount} files, more than ${limits.entries}`);
  const wanted: Entry[] = [];
  const names = new Set<string>();
  const passed = { links: 0, archives: 0, twice: 0 };
  let total = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName;
      const extension = extname(name).toLowerCase();
      if (name.endsWith('/') || basename(name).startsWith('.') || name.startsWith('__MACOSX/')) continue;
      if (((entry.externalFileAttributes >>> 16) & KIND) === LINK) passed.links += 1;
      else if (ARCHIVES.has(extension)) passed.archives += 1;
      else if (isWanted(extension) || basename(name) === CARD) {
        if (entry.isEncrypted())
          throw bad(archive, `is protected by a password ("${name}")`, 'Unpack it and import the folder.');
        if (
          entry.uncompressedSize > RATIO_MATTERS_ABOVE &&
          entry.uncompressedSize > entry.compressedSize * limits.ratio
        )
          throw bomb(archive, `"${name}" would grow to ${entry.uncompressedSize} bytes from ${entry.compressedSize}`);
        total += entry.uncompressedSize;
        const key = name.toLowerCase().normalize('NFC');
        if (names.has(key)) passed.twice += 1;
        else wanted.push(entry);
        names.add(key);
      }
      if (total > limits.totalBytes) throw bomb(archive, `it would grow to more than ${limits.totalBytes} bytes`);
    }
  } catch (cause) {
    throw cause instanceof AtelierError ? cause : broken(archive, cause);
  }
  // Entries that share their bytes can grow without any of them looking suspicious.
  if (total > RATIO_MATTERS_ABOVE && total > archiveBytes * limits.ratio)
    throw bomb(archive, `its ${archiveBytes} bytes would grow to ${total}`);
  return { wanted, warnings: warningsFor(passed) };
}

function warningsFor(passed: { links: number; archives: number; twice: number }): string[] {
  const say = (count: number, what: string): string[] => (count === 0 ? [] : [`${count} ${what}`]);
  return [
    ...say(passed.links, 'links in the archive were skipped, because a link could lead anywhere.'),
    ...say(
      passed.archives,
      'archives inside the archive were not opened. If you need them, unpack them and import their folder.',
    ),
    ...say(
      passed.twice,
      'files in the archive share a name with an earlier one; only the first of each name was unpacked.',
    ),
  ];
}

function isWanted(extension: string): boolean {
  return IMAGE_EXTENSIONS.has(extension) || TABLE_EXTENSIONS.has(extension) || BESIDE.has(extension);
}

async function write(archive: string, zip: ZipFile, entry: Entry, folder: string): Promise<void> {
  const path = resolve(folder, entry.fileName);
  const way = relative(folder, path);
  // The library already refuses such names, but checking twice protects this folder's neighbours.
  if (way === '' || way.startsWith('..') || resolve(folder, way) !== path)
    throw bad(archive, `contains a file whose path leads out of it ("${entry.fileName}")`);
  try {
    await mkdir(dirname(path), { recursive: true });
  } catch (cause) {
    throw writeError(path, cause);
  }
  let source: Awaited<ReturnType<ZipFile['openReadStreamPromise']>>;
  try {
    source = await zip.openReadStreamPromise(entry);
  } catch (cause) {
    throw broken(archive, cause, entry.fileName);
  }
  try {
    // The stream itself fails if more or fewer bytes arrive than the archive claimed.
    await pipeline(source, createWriteStream(path, { flags: 'wx' }));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    if (['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'EEXIST', 'ENAMETOOLONG'].includes(code)) throw writeError(path, cause);
    throw broken(archive, cause, entry.fileName);
  }
}

async function open(archive: string): Promise<ZipFile> {
  try {
    return await openPromise(archive, { lazyEntries: true, autoClose: false, validateEntrySizes: true });
  } catch (cause) {
    throw broken(archive, cause);
  }
}

async function statOf(archive: string): Promise<{ size: number; mtimeMs: number }> {
  try {
    return await stat(archive);
  } catch (cause) {
    throw readError(archive, cause);
  }
}

/** The archive's name and an entry's path in it, in readable form. */
export function nameInArchive(archive: string, folder: string, path: string): string {
  return join(archive, relative(folder, path)).split(sep).join('/');
}

function bad(archive: string, why: string, remedy?: string): AtelierError {
  return new AtelierError('BAD_INPUT', `${archive} ${why}. Nothing was imported.`, {
    place: { file: archive },
    ...(remedy === undefined ? {} : { remedy }),
  });
}

function bomb(archive: string, why: string): AtelierError {
  return bad(
    archive,
    `is refused, because ${why}: archives of pictures do not grow like that`,
    'If you trust it, unpack it and import the folder.',
  );
}

function broken(archive: string, cause: unknown, entry?: string): AtelierError {
  const why = causeWords(cause, 'its parts do not fit together');
  return bad(archive, `cannot be read as a zip archive (${entry === undefined ? '' : `"${entry}": `}${why})`);
}
