/** @file Takes chosen files out of a zip archive (a Python wheel is one) without unpacking the rest. */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const END_BYTES = 22;
const LONGEST_COMMENT_BYTES = 0xffff;
const LOCAL_HEADER_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
const ZIP64_MARK = 0xffffffff;

async function readAt(handle, position, length) {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  if (bytesRead !== length) throw new Error('the archive ends too early');
  return buffer;
}

/**
 * The entries of an archive, from its central directory (APPNOTE.TXT 4.3.12).
 * @param {string} archive
 * @returns {Promise<{ name: string, method: number, crc: number, compressedBytes: number, sizeBytes: number, offset: number }[]>}
 */
export async function listEntries(archive) {
  const handle = await open(archive);
  try {
    const { size } = await handle.stat();
    const tailBytes = Math.min(size, END_BYTES + LONGEST_COMMENT_BYTES);
    const tail = await readAt(handle, size - tailBytes, tailBytes);
    let end = tailBytes - END_BYTES;
    while (end >= 0 && tail.readUInt32LE(end) !== END_SIGNATURE) end--;
    if (end < 0) throw new Error('this is no zip archive, or it was cut short');
    const count = tail.readUInt16LE(end + 10);
    const directory = await readAt(handle, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
    const entries = [];
    let at = 0;
    // A count of 65,535 stands for "more": the directory itself says where it ends.
    while (at + 46 <= directory.length && directory.readUInt32LE(at) === ENTRY_SIGNATURE) {
      const nameBytes = directory.readUInt16LE(at + 28);
      const entry = {
        name: directory.toString('utf8', at + 46, at + 46 + nameBytes),
        method: directory.readUInt16LE(at + 10),
        crc: directory.readUInt32LE(at + 16),
        compressedBytes: directory.readUInt32LE(at + 20),
        sizeBytes: directory.readUInt32LE(at + 24),
        offset: directory.readUInt32LE(at + 42),
      };
      if (entry.offset === ZIP64_MARK || entry.sizeBytes === ZIP64_MARK) {
        throw new Error(`${entry.name} lies beyond 4 GB, which this reader does not do`);
      }
      entries.push(entry);
      at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    }
    if (count !== 0xffff && entries.length !== count) throw new Error('the directory of the archive is damaged');
    return entries;
  } finally {
    await handle.close();
  }
}

/**
 * Writes one entry to `target` and checks its length and CRC-32.
 * @param {string} archive
 * @param {Awaited<ReturnType<typeof listEntries>>[number]} entry
 * @param {string} target
 * @param {(sizeBytes: number) => void} [onBytes] called with the bytes written so far
 */
export async function extractEntry(archive, entry, target, onBytes = () => undefined) {
  if (entry.method !== STORED && entry.method !== DEFLATED) throw new Error(`${entry.name}: unknown compression`);
  await mkdir(dirname(target), { recursive: true });
  const handle = await open(archive);
  let start;
  try {
    // The local header's own name and extra lengths decide where the data begins.
    const header = await readAt(handle, entry.offset, LOCAL_HEADER_BYTES);
    start = entry.offset + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  } finally {
    await handle.close();
  }
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
  const out = createWriteStream(target);
  if (entry.compressedBytes === 0) {
    out.end();
    await new Promise((resolve, reject) => out.on('close', resolve).on('error', reject));
  } else {
    const source = createReadStream(archive, { start, end: start + entry.compressedBytes - 1, highWaterMark: 1 << 20 });
    const steps = entry.method === DEFLATED ? [source, createInflateRaw({ chunkSize: 1 << 20 })] : [source];
    await pipeline([...steps, check, out]);
  }
  if (written !== entry.sizeBytes || crc !== entry.crc) throw new Error(`${entry.name} is damaged in the archive`);
}
