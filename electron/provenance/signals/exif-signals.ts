/**
 * @file EXIF and IPTC-IIM: who made an image and whose it is, and what its texts say about training. Texts are read in
 * every field in which people state rights: notices, instructions, captions, comments and keywords.
 */
import ExifReader from 'exifreader';
import type { Signal } from '../../contract/model/signals.ts';
import { licencesInWords } from './licence-words.ts';
import { makeSignal } from './make-signal.ts';
import { NO_FACTS, namesOf, type RightsFacts } from './rights-facts.ts';
import type { TextPlace } from './rights-words.ts';
import { textOf } from './text-bytes.ts';
import { signalsOfWords } from './words-signal.ts';

/** A field may repeat without end; nobody reads more. */
const MAX_VALUES = 50;

interface Field {
  group: 'iptc' | 'exif';
  tag: string;
  /** Whether its text is about rights or about the picture. */
  place: TextPlace;
  /** Shown, and kept as a fact about rights. */
  shown?: { fact: 'creators' | 'title' | 'copyright' | 'credit'; says: string };
}

export const FIELDS: readonly Field[] = [
  { group: 'iptc', tag: 'By-line', place: 'rights', shown: { fact: 'creators', says: 'Creator' } },
  { group: 'iptc', tag: 'Copyright Notice', place: 'rights', shown: { fact: 'copyright', says: 'Copyright notice' } },
  { group: 'iptc', tag: 'Credit', place: 'rights', shown: { fact: 'credit', says: 'Credit line' } },
  { group: 'iptc', tag: 'Special Instructions', place: 'rights' },
  { group: 'iptc', tag: 'Caption/Abstract', place: 'description' },
  { group: 'iptc', tag: 'Headline', place: 'description' },
  { group: 'iptc', tag: 'Object Name', place: 'description', shown: { fact: 'title', says: 'Title' } },
  { group: 'iptc', tag: 'Keywords', place: 'description' },
  { group: 'exif', tag: 'Artist', place: 'rights', shown: { fact: 'creators', says: 'Artist' } },
  { group: 'exif', tag: 'XPAuthor', place: 'rights', shown: { fact: 'creators', says: 'Author' } },
  { group: 'exif', tag: 'Copyright', place: 'rights', shown: { fact: 'copyright', says: 'Copyright notice' } },
  { group: 'exif', tag: 'ImageDescription', place: 'description' },
  { group: 'exif', tag: 'UserComment', place: 'description' },
  { group: 'exif', tag: 'XPTitle', place: 'description', shown: { fact: 'title', says: 'Title' } },
  { group: 'exif', tag: 'XPComment', place: 'description' },
  { group: 'exif', tag: 'XPSubject', place: 'description' },
  { group: 'exif', tag: 'XPKeywords', place: 'description' },
];

export interface ExifReading {
  signals: Signal[];
  /** IIM first, then EXIF. */
  facts: RightsFacts[];
}

/**
 * Reads the bytes of an image file. A block that cannot be read adds nothing.
 * @param where how the file is called in the places named, such as `image`
 */
export function readExif(image: Uint8Array, where: string): ExifReading {
  let tags: Record<string, unknown>;
  try {
    const { buffer, byteOffset, byteLength } = image;
    tags = ExifReader.load(Buffer.from(buffer, byteOffset, byteLength), {
      expanded: true,
      async: false,
      // XMP is not asked for: this library knows no namespaces.
      includeTags: {
        exif: FIELDS.filter(({ group }) => group === 'exif').map(({ tag }) => tag),
        iptc: [...FIELDS.filter(({ group }) => group === 'iptc').map(({ tag }) => tag), 'Coded Character Set'],
      },
    }) as Record<string, unknown>;
  } catch {
    return { signals: [], facts: [] };
  }
  const signals: Signal[] = [];
  const facts = { iptc: { ...NO_FACTS }, exif: { ...NO_FACTS } };
  for (const { group, tag, place, shown } of FIELDS) {
    const values = textsOf((tags[group] as Record<string, unknown> | undefined)?.[tag], tag);
    if (values.length === 0) continue;
    const name = `${group === 'iptc' ? 'IIM' : 'EXIF'} ${tag}`;
    const locator = `${where}, ${name}`;
    const raw = values.join('; ');
    if (shown !== undefined) {
      // Artist and XPAuthor name the same people; the first that is there counts.
      if (facts[group][shown.fact].length === 0) facts[group] = { ...facts[group], [shown.fact]: namesOf(values) };
      const statement = `${shown.says}: ${raw.replace(/\.$/, '')}.`;
      signals.push(
        makeSignal({ kind: group, value: 'unknown', scope: 'any', trust: 'unsigned', locator, raw, statement }),
      );
    }
    if (tag === 'Copyright Notice' || tag === 'Copyright' || tag === 'Special Instructions') {
      const named = values.flatMap((text) => licencesInWords(text, locator));
      facts[group] = { ...facts[group], licences: [...facts[group].licences, ...named] };
    }
    // Each value by itself: a word of one keyword must not govern the next.
    const words = values.flatMap((text) => signalsOfWords({ text, place, name, locator, kind: group }));
    signals.push(...words);
  }
  return { signals, facts: [facts.iptc, facts.exif] };
}

function textsOf(tag: unknown, name: string): string[] {
  const tags: unknown[] = Array.isArray(tag) ? tag.slice(0, MAX_VALUES) : [tag];
  return tags
    .map((item) => {
      const { value, description } = (item ?? {}) as { value?: unknown; description?: unknown };
      if (name === 'UserComment' && Array.isArray(value)) return userComment(Uint8Array.from(value as number[]));
      return description;
    })
    .filter((text): text is string => typeof text === 'string')
    .map((text) => text.replaceAll('\0', ' ').trim())
    .filter((text) => text !== '');
}

/**
 * A comment with its character code in the first eight bytes (EXIF 2.3, table 9): ASCII, JIS, UNICODE or none. Writers
 * put UTF-8 behind `ASCII` as well, and UTF-16 of either byte order behind `UNICODE`.
 */
function userComment(bytes: Uint8Array): string {
  const code = Buffer.from(bytes.subarray(0, 8)).toString('latin1').replaceAll('\0', ' ').trim().toUpperCase();
  const body = bytes.subarray(8);
  if (code === 'UNICODE') return utf16(body);
  if (code === 'JIS') return new TextDecoder('iso-2022-jp').decode(body);
  if (code === 'ASCII' || code === '') return looksLikeUtf16(body) ? utf16(body) : textOf(body);
  // No code at all: the text begins at once.
  return textOf(bytes);
}

/** A zero byte in every second place of the first characters. */
function looksLikeUtf16(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, 8);
  return start.length === 8 && start.filter((byte) => byte === 0).length >= 3 && trimmedEnd(start).includes(0);
}

function utf16(bytes: Uint8Array): string {
  const [a, b] = bytes;
  if (a === 0xfe && b === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (a === 0xff && b === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (!trimmedEnd(bytes).includes(0) && /^[\x20-\x7e\s]*$/.test(textOf(bytes))) return textOf(bytes);
  // Texts in these languages are mostly Latin letters: their upper byte is zero.
  const zeros = [0, 0];
  for (const [at, byte] of bytes.entries()) if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  return new TextDecoder((zeros[0] ?? 0) > (zeros[1] ?? 0) ? 'utf-16be' : 'utf-16le').decode(bytes);
}

function trimmedEnd(bytes: Uint8Array): Uint8Array {
  const end = bytes.findLastIndex((byte) => byte !== 0);
  return bytes.subarray(0, end + 1);
}
