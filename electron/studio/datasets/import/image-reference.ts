/** @file A row's reference to its image: a file name, or the image itself. */
import { parseJsonExactly } from '../../../formats/rows/exact-json.ts';

export type ImageReference =
  | { kind: 'file'; name: string }
  | { kind: 'bytes'; bytes: Uint8Array; name: string }
  | { kind: 'fault'; reason: string };

/** The first bytes of the supported image formats in base64: PNG, JPEG, GIF, WebP, BMP, TIFF. */
const BASE64_STARTS = ['iVBORw0KGgo', '/9j/', 'R0lGOD', 'UklGR', 'Qk', 'SUkq', 'TU0A'];
/** Shorter than any image, longer than most names that could look like one. */
const SHORTEST_BASE64 = 100;
const SHOWN_CHARACTERS = 80;

/**
 * Reads an image from a `data:` URL, plain base64, bytes, or the hub's `{bytes, path}` (whose bytes may be base64 or a
 * list of numbers in JSON). Any other text is a file name. A list of one such value also works, even in a CSV cell.
 */
export function imageReference(value: unknown, column: string, line: number): ImageReference {
  const single = onlyOne(typeof value === 'string' ? (listInText(value) ?? value) : value);
  if (single instanceof Uint8Array) return embedded(single, null, line);
  if (typeof single === 'string') {
    const text = single.trim();
    if (text === '') return fault(`The column "${column}" is empty.`);
    if (/^data:image\//i.test(text)) return fromDataAddress(text, line);
    const bytes = fromBase64(text);
    return bytes === null ? { kind: 'file', name: text } : embedded(bytes, null, line);
  }
  if (Array.isArray(single))
    return fault(
      single.length === 0
        ? `The column "${column}" is empty.`
        : `The row has ${single.length} pictures; Atelier trains on one picture per question.`,
    );
  if (typeof single === 'object' && single !== null) {
    const { bytes, path, file_name: fileName } = single as Record<string, unknown>;
    const name = typeof path === 'string' ? path : typeof fileName === 'string' ? fileName : null;
    const content = bytesOf(bytes);
    if (content !== null && content.length > 0) return embedded(content, name, line);
    if (name !== null && name !== '') return { kind: 'file', name };
    return fault(`The column "${column}" holds an object that is neither an image nor the name of one.`);
  }
  if (single === undefined || single === null) return fault(`The column "${column}" is empty.`);
  return { kind: 'file', name: JSON.stringify(single) };
}

/** Shortens a name for messages: an encoded image mistaken for a name would fill the screen. */
export function shownName(name: string): string {
  return name.length <= SHOWN_CHARACTERS
    ? name
    : `${name.slice(0, SHOWN_CHARACTERS)}… (${name.length} characters in all)`;
}

function onlyOne(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? (value as unknown[])[0] : value;
}

/** Parses a list from JSON (`["a.png"]`) or as Python prints it (`['a.png']`); null for any other text. */
function listInText(text: string): unknown[] | null {
  if (!/^\s*\[\s*["'{].*\]\s*$/s.test(text)) return null;
  for (const spelling of [text, text.replaceAll(/'((?:[^'\\]|\\.)*)'/g, (_, inner: string) => JSON.stringify(inner))]) {
    try {
      const list = parseJsonExactly(spelling);
      if (Array.isArray(list)) return list as unknown[];
    } catch {
      // The text is not valid in this spelling.
    }
  }
  return null;
}

function bytesOf(value: unknown): Uint8Array | null {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return fromBase64(value.trim());
  if (Array.isArray(value) && value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255))
    return Uint8Array.from(value as number[]);
  return null;
}

/** The bytes of a text that consists only of a base64 image; null for any other text. */
function fromBase64(text: string): Uint8Array | null {
  if (text.length < SHORTEST_BASE64 || !BASE64_STARTS.some((start) => text.startsWith(start))) return null;
  return /^[A-Za-z0-9+/\r\n]+={0,2}\s*$/.test(text) ? Buffer.from(text, 'base64') : null;
}

function embedded(bytes: Uint8Array, path: string | null, line: number): ImageReference {
  // Only the last part: it is a name to show, not a path to follow.
  const name = path?.split(/[\\/]/).at(-1);
  return { kind: 'bytes', bytes, name: name === undefined || name === '' ? `row-${line}` : name };
}

function fromDataAddress(text: string, line: number): ImageReference {
  const match = /^data:image\/[a-z0-9.+-]+;base64,/i.exec(text);
  if (match === null) return fault('The image is a data: address that is not encoded as base64.');
  return embedded(Buffer.from(text.slice(match[0].length), 'base64'), null, line);
}

function fault(reason: string): ImageReference {
  return { kind: 'fault', reason };
}
