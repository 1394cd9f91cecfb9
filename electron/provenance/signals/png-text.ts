/**
 * @file What the text chunks of a PNG say: author, copyright and terms by the keywords of the PNG specification
 * (11.3.3), what any text says about training, and the EXIF and IIM that are stored as raw profiles.
 */
import type { Signal } from '../../contract/model/signals.ts';
import { readExif, type ExifReading } from './exif-signals.ts';
import { licenceStated, licencesInWords } from './licence-words.ts';
import { makeSignal } from './make-signal.ts';
import { isMetadata, pngTexts, rawProfiles } from './png-chunks.ts';
import { NO_FACTS, namesOf, type RightsFacts } from './rights-facts.ts';
import { textOf } from './text-bytes.ts';
import { signalsOfWords } from './words-signal.ts';

/** Texts beyond these are not read. */
const MAX_TEXTS = 100;

const SAYS: Record<string, string> = {
  author: 'Author',
  title: 'Title',
  copyright: 'Copyright notice',
  source: 'Source',
  disclaimer: 'Disclaimer',
  'usage terms': 'Terms of use',
  license: 'Licence',
};
const ABOUT_RIGHTS = /^(?:author|copyright|disclaimer|source|.*terms.*|.*rights.*|.*licen[cs]e.*|.*instructions.*)$/;

/** What the text chunks say. A damaged chunk ends the reading: what stands before it counts. */
export function readPngText(image: Uint8Array): { signals: Signal[]; facts: RightsFacts } {
  const signals: Signal[] = [];
  const authors: string[] = [];
  const titles: string[] = [];
  const notices: string[] = [];
  const licences: RightsFacts['licences'] = [];
  let taken = 0;
  for (const { type, keyword, bytes } of pngTexts(view(image))) {
    if (taken >= MAX_TEXTS) break;
    if (isMetadata(keyword)) continue;
    const text = textOf(bytes).replaceAll('\0', ' ').trim();
    if (text === '') continue;
    taken += 1;
    const key = keyword.toLowerCase();
    const locator = `image, PNG ${type} ${keyword}`;
    if (/^no(?:image)?ai$/.test(key)) {
      const statement = 'A text in the image is called “noai”.';
      const common = { kind: 'noai', value: 'disallow', scope: 'train', trust: 'unsigned' } as const;
      signals.push(makeSignal({ ...common, locator, raw: text, statement }));
    } else {
      const place = ABOUT_RIGHTS.test(key) ? 'rights' : 'description';
      const name = `the text “${keyword}” in the image`;
      signals.push(...signalsOfWords({ text, place, name, locator, kind: 'iptc' }));
    }
    if (/^licen[cs]e$/.test(key)) licences.push(...licenceStated(text, locator));
    else if (ABOUT_RIGHTS.test(key) && key !== 'author' && key !== 'source')
      licences.push(...licencesInWords(text, locator));
    const says = SAYS[key];
    if (says === undefined) continue;
    if (key === 'author') authors.push(text);
    if (key === 'title') titles.push(text);
    if (key === 'copyright') notices.push(text);
    const statement = `${says}: ${text.slice(0, 500).replace(/\.$/, '')}.`;
    const common = { kind: 'exif', value: 'unknown', scope: 'any', trust: 'unsigned' } as const;
    signals.push(makeSignal({ ...common, locator, raw: text, statement }));
  }
  const facts = {
    creators: namesOf(authors),
    title: namesOf(titles).slice(0, 1),
    copyright: namesOf(notices),
    licences,
  };
  return { signals, facts: { ...NO_FACTS, ...facts } };
}

/** EXIF and IIM that are stored as raw profiles. XMP profiles are read with the other packets. */
export function readPngProfiles(image: Uint8Array): ExifReading {
  const readings = rawProfiles(view(image)).flatMap(({ type, bytes }) => {
    const isExif = bytes.subarray(0, 4).toString('latin1') === 'Exif';
    if (isExif) return [readExif(segmentAlone(0xe1, bytes), 'image')];
    if (type === 'iptc' || type === '8bim')
      return [readExif(segmentAlone(0xed, Buffer.concat([Buffer.from('Photoshop 3.0\0'), bytes])), 'image')];
    return [];
  });
  return {
    signals: readings.flatMap(({ signals }) => signals),
    facts: readings.flatMap(({ facts }) => facts),
  };
}

/** The least JPEG that a reader of metadata takes: one segment. */
function segmentAlone(marker: number, payload: Buffer): Buffer {
  const head = Buffer.from([0xff, 0xd8, 0xff, marker, 0, 0]);
  head.writeUInt16BE(Math.min(payload.length + 2, 0xffff), 4);
  return Buffer.concat([head, payload.subarray(0, 0xffff - 2), Buffer.from([0xff, 0xd9])]);
}

function view(image: Uint8Array): Buffer {
  return Buffer.from(image.buffer, image.byteOffset, image.byteLength);
}
