/** @file Lines of a text file in whatever encoding it is, however long: in pieces, never the whole file at once. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { readError } from '../files.ts';
import { MAX_ROW_CHARACTERS } from './row-source.ts';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

export interface TextFacts {
  readonly encoding: Encoding;
  /** Line breaks in the file, for an estimate of its rows. */
  readonly lineBreaks: number;
  /** Old tables end their lines with a carriage return alone. */
  readonly lineBreak: '\n' | '\r';
  /** The first line that is not UTF-8; null where all are. */
  readonly firstOddLine: number | null;
}

export interface Line {
  readonly line: number;
  /** Without its line break; null where it is longer than a row may be. */
  readonly text: string | null;
}

const SNIFFED_BYTES = 64 * 1024;

/**
 * Reads a text file through once: its encoding is told by its byte order mark, by zero bytes (UTF-16 without a mark), or
 * by whether it is UTF-8. What is none of these is read as Windows-1252 (Latin-1), in which every byte means something.
 * @throws AtelierError NOT_FOUND or BAD_INPUT
 */
export async function textFacts(path: string): Promise<TextFacts> {
  try {
    const start = await firstBytes(path);
    const utf16 = utf16Of(start);
    const breaks = { lf: 0, cr: 0 };
    const utf8 = new TextDecoder('utf-8', { fatal: true });
    let odd: number | null = null;
    for await (const chunk of createReadStream(path)) {
      const bytes = chunk as Uint8Array;
      for (const byte of bytes) {
        if (byte === 0x0a) breaks.lf += 1;
        else if (byte === 0x0d) breaks.cr += 1;
      }
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
      encoding: utf16 ?? (odd === null ? 'utf-8' : 'windows-1252'),
      lineBreaks: Math.max(breaks.lf, breaks.lf === 0 ? breaks.cr : 0),
      lineBreak: breaks.lf === 0 && breaks.cr > 0 ? '\r' : '\n',
      firstOddLine: odd,
    };
  } catch (cause) {
    throw readError(path, cause);
  }
}

/** Every line with its number. A line that is too long is given without its text, and was never held whole. */
export async function* textLines(path: string, facts: TextFacts): AsyncGenerator<Line> {
  const decoder = new TextDecoder(facts.encoding);
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
      rest += decoder.decode(chunk as Uint8Array, { stream: true });
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
  rest += decoder.decode();
  if (rest !== '' || tooLong) yield finish(rest);
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

/** Texts in Latin letters have a zero in every other byte of UTF-16, and never one in the other encodings. */
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

/** Line breaks of this piece that come after its first byte above ASCII that is no UTF-8, nearly: for a message only. */
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
