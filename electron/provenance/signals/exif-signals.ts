/** @file Artist and copyright of EXIF, by-line, credit and copyright of IPTC-IIM. */
import ExifReader from 'exifreader';
import type { Signal } from '../../contract/model/signals.ts';
import { makeSignal } from './make-signal.ts';
import { NO_FACTS, namesOf, type RightsFacts } from './rights-facts.ts';

/** An image may claim any number of names; nobody reads more. */
const MAX_NAMES = 50;

const FIELDS = [
  { group: 'iptc', tag: 'By-line', fact: 'creators', says: 'Creator' },
  { group: 'iptc', tag: 'Copyright Notice', fact: 'copyright', says: 'Copyright notice' },
  { group: 'iptc', tag: 'Credit', fact: 'credit', says: 'Credit line' },
  { group: 'exif', tag: 'Artist', fact: 'creators', says: 'Artist' },
  { group: 'exif', tag: 'Copyright', fact: 'copyright', says: 'Copyright notice' },
] as const;

export interface ExifReading {
  signals: Signal[];
  /** IIM first, then EXIF. */
  facts: RightsFacts[];
}

/** Reads the bytes of an image file. Blocks that cannot be read are passed over: they hold no word on training. */
export function readExif(image: Uint8Array, where: string): ExifReading {
  let tags: Record<string, unknown>;
  try {
    const { buffer, byteOffset, byteLength } = image;
    tags = ExifReader.load(Buffer.from(buffer, byteOffset, byteLength), {
      expanded: true,
      async: false,
      // Names only: its reader of XMP knows no namespaces, and nothing here needs places or thumbnails.
      includeTags: {
        exif: ['Artist', 'Copyright'],
        iptc: ['By-line', 'Copyright Notice', 'Credit', 'Coded Character Set'],
      },
    }) as Record<string, unknown>;
  } catch {
    return { signals: [], facts: [] };
  }
  const signals: Signal[] = [];
  const facts = { iptc: { ...NO_FACTS }, exif: { ...NO_FACTS } };
  for (const { group, tag, fact, says } of FIELDS) {
    const values = textsOf((tags[group] as Record<string, unknown> | undefined)?.[tag]);
    if (values.length === 0) continue;
    facts[group] = { ...facts[group], [fact]: namesOf(values) };
    const raw = values.join('; ');
    const locator = `${where}, ${group === 'iptc' ? 'IIM' : 'EXIF'} ${tag}`;
    signals.push(
      makeSignal({
        kind: group,
        value: 'unknown',
        scope: 'any',
        trust: 'unsigned',
        locator,
        raw,
        statement: `${says}: ${raw.replace(/\.$/, '')}.`,
      }),
    );
  }
  return { signals, facts: [facts.iptc, facts.exif] };
}

function textsOf(tag: unknown): string[] {
  const tags: unknown[] = Array.isArray(tag) ? tag.slice(0, MAX_NAMES) : [tag];
  return tags
    .map((item) => (item as { description?: unknown } | undefined)?.description)
    .filter((text): text is string => typeof text === 'string')
    .map((text) => text.replaceAll('\0', ' ').trim())
    .filter((text) => text !== '');
}
