/**
 * @file Takes single files out of a zip archive, such as a Python wheel, without unpacking the rest. yauzl reads the
 * archive; it does not compare checksums, so the CRC-32 is checked here. The package is loaded late, because set-up
 * installs it before reading any archive.
 */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';

/**
 * Runs `read` on an open archive and closes it.
 * @template Result
 * @param {string} path
 * @param {(zip: import('yauzl').ZipFile) => Promise<Result>} read
 * @returns {Promise<Result>}
 */
async function withArchive(path, read) {
  const { default: yauzl } = await import('yauzl');
  let zip;
  try {
    zip = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false });
  } catch (error) {
    throw new Error(`${path} is not a complete zip archive: it may have been cut short`, { cause: error });
  }
  try {
    return await read(zip);
  } finally {
    zip.close();
  }
}

/**
 * The entries of an archive in the order of its directory.
 * @param {string} archive
 * @returns {Promise<{ name: string, sizeBytes: number, crc: number, record: import('yauzl').Entry }[]>}
 */
export async function listEntries(archive) {
  return await withArchive(
    archive,
    (zip) =>
      new Promise((resolve, reject) => {
        const entries = [];
        zip.on('entry', (record) => {
          const { fileName: name, uncompressedSize: sizeBytes, crc32: crc } = record;
          entries.push({ name, sizeBytes, crc, record });
          zip.readEntry();
        });
        zip.on('end', () => resolve(entries));
        zip.on('error', reject);
        zip.readEntry();
      }),
  );
}

/**
 * Writes one entry to `target` and checks its length and CRC-32.
 * @param {string} archive
 * @param {Awaited<ReturnType<typeof listEntries>>[number]} entry
 * @param {string} target
 * @param {(sizeBytes: number) => void} [onBytes] called with the bytes written so far
 */
export async function extractEntry(archive, entry, target, onBytes = () => undefined) {
  await mkdir(dirname(target), { recursive: true });
  let crc = 0;
  let written = 0;
  const check = new Transform({
    transform(chunk, _encoding, done) {
      crc = crc32(chunk, crc);
      written += chunk.length;
      onBytes(written);
      done(null, chunk);
    },
  });
  await withArchive(archive, async (zip) => {
    const source = await zip.openReadStreamPromise(entry.record);
    await pipeline(source, check, createWriteStream(target));
  });
  if (written !== entry.sizeBytes || crc !== entry.crc) throw new Error(`${entry.name} is damaged in the archive`);
}
