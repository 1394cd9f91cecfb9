/** @file The lines of a text file of any length and encoding, read in pieces, never the whole file at once. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import chardet from 'chardet';
import iconv from 'iconv-lite';
import { readError } from '../files.ts';
import { MAX_ROW_CHARACTERS, badLine } from './row-source.ts';
import { LEGACY_ENCODING_NAMES } from '../../method/encoding-names.ts';

/** `utf-8`, `utf-16le`, `utf-16be`, or the lower-case name of an older encoding such as `windows-1252`, `gb18030`. */
export type Encoding = string;

export interface TextFacts {
  readonly encoding: Encoding;
  /** The number of line breaks in the file, for estimating its rows. */
  readonly lineBreaks: number;
  /** Old tables end their lines with only a carriage return. */
  readonly lineBreak: '\n' | '\r';
  /** The first line that is not UTF-8; null if all are. If it is a number, the encoding is a guess. */
  readonly firstOddLine: number | null;
}

export interface Line {
  readonly line: number;
  /** Without its line break; null if it is longer than a row may be. */
  readonly text: string | null;
}

const SNIFFED_BYTES = 64 * 1024;

/**
 * Reads through a text file once to detect its encoding: a byte order mark, zero bytes (UTF-16 without a mark) or valid
 * UTF-8 decide. Otherwise chardet guesses from the words with bytes above ASCII; if it has no good guess, the text is
 * read as Windows-1252 (Latin-1), in which every byte is a character.
 * @param given the encoding that a person stated; it is taken as it is, but text that is not valid UTF-8 is refused as such
 * @throws AtelierError NOT_FOUND or BAD_INPUT
 */
export async function textFacts(path: string, given?: Encoding): Promise<TextFacts> {
  const found = await detected(path, given);
  if (given === 'utf-8' && found.firstOddLine !== null)
    throw badLine(path, found.firstOddLine, 'the text is not UTF-8, which was stated as its encoding.');
  return given === undefined ? found : { ...found, encoding: given, firstOddLine: null };
}

async function detected(path: string, given: Encoding | undefined): Promise<TextFacts> {
  try {
    const start = await firstBytes(path);
    const utf16 = given === undefined ? utf16Of(start) : null;
    const breaks = { lf: 0, cr: 0 };
    const utf8 = new TextDecoder('utf-8', { fatal: true });
    let odd: number | null = null;
    const words = oddWords();
    for await (const chunk of createReadStream(path)) {
      const bytes = chunk as Uint8Array;
      for (const byte of bytes) {
        if (byte === 0x0a) breaks.lf += 1;
        else if (byte === 0x0d) breaks.cr += 1;
      }
      if (utf16 === null) words.add(bytes);
      if (utf16 !== null || odd !== null) continue;
      try {
        utf8.decode(bytes, { stream: true });
      } catch {
        odd = breaks.lf + 1 - linesAfterOddByte(bytes);
      }
    }
    if (utf16 === null && odd === null) {
      try {
        utf8.decode();
      } catch {
        odd = breaks.lf + 1;
      }
    }
    return {
      encoding: utf16 ?? (odd === null ? 'utf-8' : guessEncoding(words.bytes())),
      lineBreaks: Math.max(breaks.lf, breaks.lf === 0 ? breaks.cr : 0),
      lineBreak: breaks.lf === 0 && breaks.cr > 0 ? '\r' : '\n',
      firstOddLine: odd,
    };
  } catch (cause) {
    throw readError(path, cause);
  }
}

/** Every line with its number. A line that is too long comes without its text and is never held in memory whole. */
export async function* textLines(path: string, facts: TextFacts): AsyncGenerator<Line> {
  const decode = decoderFor(facts.encoding);
  const { lineBreak } = facts;
  let rest = '';
  let tooLong = false;
  let line = 1;
  const finish = (text: string): Line => {
    const whole = tooLong || text.length > MAX_ROW_CHARACTERS ? null : text;
    tooLong = false;
    return { line: line++, text: whole?.endsWith('\r') === true ? whole.slice(0, -1) : whole };
  };
  try {
    for await (const chunk of createReadStream(path)) {
      rest += decode(chunk as Uint8Array);
      let start = 0;
      for (let end = rest.indexOf(lineBreak); end !== -1; end = rest.indexOf(lineBreak, start)) {
        yield finish(rest.slice(start, end));
        start = end + 1;
      }
      rest = rest.slice(start);
      if (rest.length > MAX_ROW_CHARACTERS) {
        tooLong = true;
        rest = '';
      }
    }
  } catch (cause) {
    throw readError(path, cause);
  }
  rest += decode();
  if (rest !== '' || tooLong) yield finish(rest);
}

/** Decodes a text in pieces; call it without bytes at the end to get the remainder. */
export function decoderFor(encoding: Encoding): (bytes?: Uint8Array) => string {
  if (encoding.startsWith('utf-')) {
    const decoder = new TextDecoder(encoding);
    return (bytes) => (bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true }));
  }
  const decoder = iconv.getDecoder(encoding);
  return (bytes) => (bytes === undefined ? (decoder.end() ?? '') : decoder.write(Buffer.from(bytes)));
}

/** An encoding's name for use in a sentence. */
export function encodingName(encoding: Encoding): string {
  const names: Partial<Record<Encoding, string>> = LEGACY_ENCODING_NAMES;
  return names[encoding] ?? encoding;
}

/** chardet's name for each likely encoding → the one used to decode: Windows code pages hold ISO's letters and more. */
const GUESSES: Record<string, Encoding> = {
  'ISO-8859-1': 'windows-1252',
  'windows-1252': 'windows-1252',
  'ISO-8859-2': 'windows-1250',
  'windows-1250': 'windows-1250',
  'ISO-8859-5': 'windows-1251',
  'windows-1251': 'windows-1251',
  'ISO-8859-7': 'windows-1253',
  'windows-1253': 'windows-1253',
  'ISO-8859-9': 'windows-1254',
  'windows-1254': 'windows-1254',
  'KOI8-R': 'koi8-r',
  GB18030: 'gb18030',
  Big5: 'big5',
  Shift_JIS: 'shift_jis',
  'EUC-JP': 'euc-jp',
  'EUC-KR': 'euc-kr',
};

function guessEncoding(words: Uint8Array): Encoding {
  const guesses = chardet.analyse(words).flatMap(({ name }) => GUESSES[name] ?? []);
  const best = guesses[0] ?? 'windows-1252';
  if (!isMostlyLatin(words)) return best;
  // Statistically, a few accents in Latin words can look Cyrillic or Greek, so consider only the Latin code pages.
  const latin = guesses.find((guess) => LATIN.has(guess)) ?? 'windows-1252';
  const asWestern = iconv.decode(Buffer.from(words), 'windows-1252');
  // If a Western reading puts symbols inside words (koci¹t, ¿ó³ty), they are really Central European letters.
  return latin === 'windows-1252' && /\p{L}[¹²³¼½¾¿¡£¥ª¬]/u.test(asWestern) ? 'windows-1250' : latin;
}

const LATIN = new Set(['windows-1252', 'windows-1250', 'windows-1254']);

function isMostlyLatin(words: Uint8Array): boolean {
  const letters = words.filter((byte) => byte > 0x40);
  return letters.filter((byte) => byte < 0x80).length * 3 > letters.length;
}

/** Collects the first words that contain a byte above ASCII: a table's English column names would mislead the guess. */
function oddWords(): { add(bytes: Uint8Array): void; bytes(): Uint8Array } {
  const found: number[] = [];
  return {
    add(bytes) {
      let start = 0;
      let isOdd = false;
      for (let at = 0; at <= bytes.length && found.length < SNIFFED_BYTES; at += 1) {
        const byte = bytes[at];
        if (byte !== undefined && byte > 0x7f) isOdd = true;
        // A word ends at a space, a separator or the end of this piece; second bytes of Asian characters are neither.
        if (byte !== undefined && byte > 0x2f && byte !== 0x3b) continue;
        if (isOdd) found.push(...bytes.subarray(start, at), 0x20);
        start = at + 1;
        isOdd = false;
      }
    },
    bytes: () => Uint8Array.from(found),
  };
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(SNIFFED_BYTES);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** In UTF-16, text in Latin letters has a zero in every other byte; in the other encodings it never has one. */
function utf16Of(start: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  let even = 0;
  let uneven = 0;
  for (let i = 0; i + 1 < start.length; i += 2) {
    if (start[i] === 0) even += 1;
    if (start[i + 1] === 0) uneven += 1;
  }
  const pairs = Math.floor(start.length / 2);
  if (pairs === 0 || Math.max(even, uneven) < pairs * 0.3) return null;
  return uneven > even ? 'utf-16le' : 'utf-16be';
}

/** About how many line breaks of this piece follow its first line that is not UTF-8; for a message only. */
function linesAfterOddByte(bytes: Uint8Array): number {
  let breaksAfter = 0;
  let start = 0;
  for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, start)) {
    if (isOdd(bytes.subarray(start, end))) {
      for (let i = end; i < bytes.length; i++) if (bytes[i] === 0x0a) breaksAfter += 1;
      return breaksAfter;
    }
    start = end + 1;
  }
  return breaksAfter;
}

function isOdd(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return false;
  } catch {
    return true;
  }
}
