/** @file Words against training in every place of an image file where people write them (fixtures/make.py, by exiftool). */
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { createC2paReader } from './c2pa-reader.ts';
import { combineSignals, isAgainstTraining } from './combine.ts';
import { readExif } from './exif-signals.ts';
import { readImage, stateOf, type ImageStatement } from './read-image.ts';

const c2pa = createC2paReader();
afterAll(() => c2pa.close());

async function read(name: string): Promise<ImageStatement> {
  const bytes = await readFile(new URL(`fixtures/${name}`, import.meta.url));
  const { format, xmp, exif, iptc } = await sharp(bytes).metadata();
  const hasExifOrIptc = exif !== undefined || iptc !== undefined || format === 'tiff';
  return stateOf(await readImage({ bytes, format, xmp, hasExifOrIptc }, c2pa), { signals: [], facts: [] });
}

function against({ signals }: ImageStatement): string[] {
  return signals.filter(isAgainstTraining).map(({ value, locator }) => `${value} in ${locator}`);
}

describe('words against training in an image', () => {
  it.each([
    ['words-exif-copyright.jpg', 'disallow in image, EXIF Copyright'],
    ['words-exif-description.jpg', 'disallow in image, EXIF ImageDescription'],
    ['words-exif-comment-ascii.jpg', 'disallow in image, EXIF UserComment'],
    ['words-exif-comment-unicode.jpg', 'disallow in image, EXIF UserComment'],
    ['words-exif-comment-unicode-ii.jpg', 'disallow in image, EXIF UserComment'],
    ['words-exif-xp.jpg', 'disallow in image, EXIF XPComment'],
    ['words-exif.webp', 'disallow in image, EXIF Copyright'],
    ['words-exif.png', 'disallow in image, EXIF Copyright'],
    ['words-exif.tif', 'disallow in image, EXIF ImageDescription'],
    ['words-iim-copyright.jpg', 'disallow in image, IIM Copyright Notice'],
    ['words-iim-instructions.jpg', 'disallow in image, IIM Special Instructions'],
    ['words-iim.png', 'disallow in image, IIM Copyright Notice'],
    ['words-iim.tif', 'disallow in image, IIM Copyright Notice'],
    ['words-xmp-instructions.jpg', 'disallow in XMP, photoshop:Instructions'],
    ['words-xmp-description.jpg', 'disallow in XMP, dc:description'],
    ['words-xmp-rights.jpg', 'disallow in XMP, dc:rights'],
    ['words-xmp-terms.jpg', 'constrained in XMP, xmpRights:UsageTerms'],
    ['words-comment.jpg', 'disallow in image, JPEG comment'],
    ['words-comment.gif', 'disallow in image, GIF comment'],
    ['xmp-raw-profile.png', 'disallow in XMP in a raw profile, plus:DataMining'],
    ['xmp-two-packets.png', 'disallow in XMP, plus:DataMining'],
  ])('opt it out: %s', async (name, found) => {
    const said = await read(name);
    expect(against(said)).toEqual([found]);
    expect(said.verdict).toBe('opted-out');
  });

  it('count in every property of PLUS, PRISM, Creative Commons and XMP Rights that holds terms', async () => {
    const said = await read('words-xmp-terms-elsewhere.jpg');
    expect(against(said).map((place) => place.replace('disallow in XMP, ', ''))).toEqual([
      'plus:OtherLicenseRequirements',
      'plus:MediaConstraints',
      'plus:RegionConstraints',
      'plus:ProductOrServiceConstraints',
      'plus:LicensorNotes',
      'plus:OtherImageInfo',
      'pur:restrictions',
      'pur:permissions',
      'cc:useGuidelines',
      'xmpRights:Certificate',
    ]);
  });

  it('are quoted in a sentence, with the exact text beside it', async () => {
    const [signal] = (await read('words-iim-copyright.jpg')).signals.filter(isAgainstTraining);
    expect(signal).toMatchObject({
      kind: 'iptc',
      scope: 'mine',
      trust: 'unsigned',
      raw: 'Text- und Data-Mining vorbehalten (§ 44b UrhG)',
      statement:
        'IIM Copyright Notice forbids training or data mining: “Text- und Data-Mining vorbehalten (§ 44b UrhG)”.',
    });
  });

  it('are not read into notices that forbid nothing of the kind', async () => {
    const said = await read('words-none.jpg');
    expect(against(said)).toEqual([]);
    expect(said.verdict).toBe('unknown');
    expect(said.signals.some(({ raw }) => raw.includes('Ai Weiwei Studio'))).toBe(true);
  });
});

describe('the comment of EXIF', () => {
  const UNICODE = 'UNICODE\0';
  it.each([
    ['UTF-16, big-endian', comment(UNICODE, Buffer.from('Kein KI-Training', 'utf16le').swap16())],
    ['UTF-16, little-endian', comment(UNICODE, Buffer.from('Kein KI-Training', 'utf16le'))],
    ['UTF-16 with its mark', comment(UNICODE, Buffer.from('\uFEFFKein KI-Training', 'utf16le'))],
    ['ASCII under the wrong code', comment(UNICODE, Buffer.from('Kein KI-Training'))],
    ['ASCII', comment('ASCII\0\0\0', Buffer.from('Kein KI-Training'))],
    ['UTF-8 under the code of ASCII', comment('ASCII\0\0\0', Buffer.from('Für KI-Training verboten'))],
    ['no code', comment('\0'.repeat(8), Buffer.from('Kein KI-Training'))],
    ['no code, UTF-16', comment('\0'.repeat(8), Buffer.from('Kein KI-Training', 'utf16le'))],
    ['JIS', comment('JIS\0\0\0\0\0', Buffer.from('\u001b(BNo AI training', 'latin1'))],
    ['text from the first byte', comment('No AI tr', Buffer.from('aining'))],
    ['padding', comment('ASCII\0\0\0', Buffer.from(`No AI training${' \0'.repeat(200)}`))],
  ])('is read in %s', (_encoding, bytes) => {
    expect(combineSignals(readExif(bytes, 'image').signals)).toBe('opted-out');
  });

  it('of any bytes ends the reading quietly', () => {
    for (const length of [0, 1, 7, 8, 9, 64])
      expect(readExif(comment('', Buffer.alloc(length, 0xff)), 'image').signals).toEqual([]);
  });
});

/** A JPEG whose EXIF block holds only a UserComment. */
function comment(code: string, text: Buffer): Buffer {
  const value = Buffer.concat([Buffer.from(code, 'latin1'), text]);
  const entry = (tag: number, type: number, count: number, offset: number): Buffer => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16BE(tag, 0);
    bytes.writeUInt16BE(type, 2);
    bytes.writeUInt32BE(count, 4);
    bytes.writeUInt32BE(offset, 8);
    return bytes;
  };
  const one = Buffer.from([0, 1]);
  const end = Buffer.alloc(4);
  const tiff = Buffer.concat([
    Buffer.from('MM\0*\0\0\0\x08', 'latin1'),
    Buffer.concat([one, entry(0x8769, 4, 1, 26), end]),
    Buffer.concat([one, entry(0x9286, 7, value.length, 44), end]),
    value,
  ]);
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(tiff.length + 8, 4);
  return Buffer.concat([head, Buffer.from('Exif\0\0', 'latin1'), tiff, Buffer.from([0xff, 0xd9])]);
}
