/**
 * @file Text chunks of PNG (tEXt, zTXt, iTXt), and the profiles that ImageMagick and others store in them. Bounded:
 * chunks are counted, texts are cut, and nothing is unpacked beyond a limit.
 */
import { inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MAX_CHUNKS = 10_000;
const MAX_PROFILES = 100;
const MAX_TEXT_BYTES = 256 * 1024;
/** A profile is two hexadecimal digits per byte, and may hold a whole XMP packet. */
const MAX_PROFILE_BYTES = 9 * 1024 * 1024;

export interface PngText {
  type: 'tEXt' | 'zTXt' | 'iTXt';
  keyword: string;
  /** Unpacked. UTF-8 for iTXt; Latin-1 for tEXt and zTXt by the specification, UTF-8 by many writers. */
  bytes: Buffer;
}

/** Every text chunk that can be read, XMP and profiles among them. */
export function* pngTexts(bytes: Buffer): Generator<PngText> {
  for (const { type, data } of chunksOf(bytes)) {
    if (type !== 'tEXt' && type !== 'zTXt' && type !== 'iTXt') continue;
    const end = data.indexOf(0);
    if (end < 1 || end > 79) continue;
    const keyword = data.toString('latin1', 0, end).trim();
    if (keyword === '') continue;
    const limit = isMetadata(keyword) ? MAX_PROFILE_BYTES : MAX_TEXT_BYTES;
    const text =
      type === 'tEXt'
        ? data.subarray(end + 1)
        : type === 'zTXt'
          ? zipped(data, end, limit)
          : international(data, end, limit);
    if (text !== null) yield { type, keyword, bytes: text.subarray(0, limit) };
  }
}

/** Profiles `Raw profile type NAME`: a name, a length in bytes, and hexadecimal digits. */
export function rawProfiles(bytes: Buffer): { type: string; bytes: Buffer }[] {
  const profiles: { type: string; bytes: Buffer }[] = [];
  for (const { keyword, bytes: text } of pngTexts(bytes)) {
    const name = /^raw profile type (.+)$/i.exec(keyword)?.[1];
    if (name === undefined || profiles.length >= MAX_PROFILES) continue;
    const digits = /^\s*[^\n]*\n\s*\d+\s+([0-9a-f\s]+)/i.exec(text.toString('latin1'))?.[1];
    if (digits === undefined) continue;
    profiles.push({ type: name.toLowerCase(), bytes: Buffer.from(digits.replaceAll(/\s+/g, ''), 'hex') });
  }
  return profiles;
}

/** Keywords under which PNG stores metadata of other formats, not a text for people. */
export function isMetadata(keyword: string): boolean {
  return keyword.startsWith('XML:') || /^raw profile/i.test(keyword);
}

function* chunksOf(bytes: Buffer): Generator<{ type: string; data: Buffer }> {
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return;
  let at = SIGNATURE.length;
  for (let count = 0; count < MAX_CHUNKS && at + 12 <= bytes.length; count++) {
    const length = bytes.readUInt32BE(at);
    if (length > bytes.length - at - 12) return;
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IEND') return;
    yield { type, data: bytes.subarray(at + 8, at + 8 + length) };
    at += 12 + length;
  }
}

function zipped(data: Buffer, end: number, limit: number): Buffer | null {
  return data[end + 1] === 0 ? inflated(data.subarray(end + 2), limit) : null;
}

/** Keyword 0 flag method language 0 translated 0 text (UTF-8). */
function international(data: Buffer, end: number, limit: number): Buffer | null {
  const language = data.indexOf(0, end + 3);
  const translated = language === -1 ? -1 : data.indexOf(0, language + 1);
  if (translated === -1) return null;
  const rest = data.subarray(translated + 1);
  return data[end + 1] === 1 ? inflated(rest, limit) : rest;
}

/** Null for a bomb and for anything but a deflate stream. */
function inflated(bytes: Buffer, limit: number): Buffer | null {
  try {
    return inflateSync(bytes, { maxOutputLength: limit });
  } catch {
    return null;
  }
}
