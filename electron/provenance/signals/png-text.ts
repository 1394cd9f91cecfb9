/**
 * @file Text chunks of PNG (tEXt, zTXt, iTXt): author, copyright and terms by the keywords of the PNG specification
 * (11.3.3). XMP in PNG is read elsewhere. Bounded: chunks are counted, texts are cut, nothing is unpacked beyond a limit.
 */
import { inflateSync } from 'node:zlib';
import type { Signal } from '../../contract/model/signals.ts';
import { makeSignal } from './make-signal.ts';
import { NO_FACTS, namesOf, type RightsFacts } from './rights-facts.ts';
import { RESERVED_IN_WORDS } from './xmp-signals.ts';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MAX_CHUNKS = 10_000;
const MAX_TEXTS = 100;
const MAX_TEXT_BYTES = 256 * 1024;

const SAYS: Record<string, string> = {
  author: 'Author',
  copyright: 'Copyright notice',
  source: 'Source',
  disclaimer: 'Disclaimer',
  'usage terms': 'Terms of use',
  license: 'Licence',
};

/** What the text chunks say. Damaged chunks end the reading: what stands before them counts. */
export function readPngText(image: Uint8Array): { signals: Signal[]; facts: RightsFacts } {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  const signals: Signal[] = [];
  const authors: string[] = [];
  const notices: string[] = [];
  let taken = 0;
  for (const { type, data } of chunksOf(bytes)) {
    if (taken >= MAX_TEXTS) break;
    const chunk = textOf(type, data);
    if (chunk === null) continue;
    taken++;
    const key = chunk.keyword.toLowerCase();
    const locator = `image, PNG ${type} ${chunk.keyword}`;
    const common = { trust: 'unsigned', locator, raw: chunk.text } as const;
    const noAi = /^no(?:image)?ai$/.exec(key) ?? /(?:^|[\s,])no(?:image)?ai(?:$|[\s,])/i.exec(chunk.text);
    if (noAi !== null) {
      const statement = 'A text in the image says “noai” (claim present, not signed).';
      signals.push(makeSignal({ kind: 'noai', value: 'disallow', scope: 'train', ...common, statement }));
    } else if (RESERVED_IN_WORDS.test(chunk.text.slice(0, 4096))) {
      const statement = `The words of the text “${chunk.keyword}” in the image speak against training or data mining.`;
      signals.push(makeSignal({ kind: 'iptc', value: 'constrained', scope: 'train', ...common, statement }));
    }
    const says = SAYS[key];
    if (says === undefined) continue;
    if (key === 'author') authors.push(chunk.text);
    if (key === 'copyright') notices.push(chunk.text);
    const statement = `${says}: ${chunk.text.slice(0, 500).replace(/\.$/, '')}.`;
    signals.push(makeSignal({ kind: 'exif', value: 'unknown', scope: 'any', ...common, statement }));
  }
  return { signals, facts: { ...NO_FACTS, creators: namesOf(authors), copyright: namesOf(notices) } };
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

/** Keyword and text; null for other chunks, XMP, and what cannot be read. */
function textOf(type: string, data: Buffer): { keyword: string; text: string } | null {
  if (type !== 'tEXt' && type !== 'zTXt' && type !== 'iTXt') return null;
  const end = data.indexOf(0);
  if (end < 1 || end > 79) return null;
  const keyword = data.toString('latin1', 0, end).trim();
  if (keyword === '' || keyword.startsWith('XML:') || keyword.startsWith('Raw profile')) return null;
  const text =
    type === 'tEXt' ? latin1(data.subarray(end + 1)) : type === 'zTXt' ? zipped(data, end) : international(data, end);
  const trimmed = text?.replaceAll('\0', ' ').trim() ?? '';
  return trimmed === '' ? null : { keyword, text: trimmed };
}

function zipped(data: Buffer, end: number): string | null {
  return data[end + 1] === 0 ? mapped(inflated(data.subarray(end + 2)), latin1) : null;
}

/** Keyword 0 flag method language 0 translated 0 text (UTF-8). */
function international(data: Buffer, end: number): string | null {
  const language = data.indexOf(0, end + 3);
  const translated = language === -1 ? -1 : data.indexOf(0, language + 1);
  if (translated === -1) return null;
  const rest = data.subarray(translated + 1);
  return mapped(data[end + 1] === 1 ? inflated(rest) : rest, (bytes) => bytes.toString('utf8', 0, MAX_TEXT_BYTES));
}

function latin1(bytes: Buffer): string {
  return bytes.toString('latin1', 0, MAX_TEXT_BYTES);
}

function mapped(bytes: Buffer | null, toText: (bytes: Buffer) => string): string | null {
  return bytes === null ? null : toText(bytes);
}

/** Null for a bomb and for what is no deflate stream. */
function inflated(bytes: Buffer): Buffer | null {
  try {
    return inflateSync(bytes, { maxOutputLength: MAX_TEXT_BYTES });
  } catch {
    return null;
  }
}
