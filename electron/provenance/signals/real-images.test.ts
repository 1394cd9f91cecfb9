/** @file Images made by the writers of others (fixtures/make.py): Content Credentials, XMP, IIM and EXIF as they are met. */
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { SignalKind } from '../../contract/model/signals.ts';
import { createC2paReader } from './c2pa-reader.ts';
import { readImage, stateOf, type ImageStatement } from './read-image.ts';

const c2pa = createC2paReader();
afterAll(() => c2pa.close());

async function bytesOf(name: string): Promise<Buffer> {
  return await readFile(new URL(`fixtures/${name}`, import.meta.url));
}

async function read(bytes: Buffer): Promise<ImageStatement> {
  const { format, xmp, exif, iptc } = await sharp(bytes).metadata();
  const hasExifOrIptc = exif !== undefined || iptc !== undefined;
  return stateOf(await readImage({ bytes, format, xmp, hasExifOrIptc }, c2pa), { signals: [], facts: [] });
}

function words({ signals }: ImageStatement, kind: SignalKind): string[] {
  return signals
    .filter((signal) => signal.kind === kind)
    .map(({ value, scope, trust }) => `${value} ${scope} ${trust}`);
}

describe('Content Credentials', () => {
  it('that do not allow training opt the image out; the signer is on no list, and that is said', async () => {
    const said = await read(await bytesOf('c2pa-not-allowed.jpg'));
    expect(said.verdict).toBe('opted-out');
    expect(words(said, 'c2pa').sort()).toEqual([
      'disallow infer valid',
      'disallow mine valid',
      'disallow train valid',
      'disallow train-generative valid',
    ]);
    const integrity = said.signals.find((signal) => signal.kind === 'c2pa-integrity');
    expect(integrity?.statement).toBe(
      'Content Credential signed as “Atelier test signer” (intact, signer not verified).',
    );
    expect(integrity?.raw).toContain('signingCredential.untrusted');
  });

  it('under terms count as not allowed, and the terms are kept', async () => {
    const said = await read(await bytesOf('cawg-constrained.png'));
    expect(said.verdict).toBe('opted-out');
    const signal = said.signals.find((entry) => entry.value === 'constrained');
    expect(signal).toMatchObject({ kind: 'cawg', scope: 'train-generative' });
    expect(JSON.parse(signal!.raw)).toEqual({ use: 'constrained', constraint_info: 'licence on request' });
    expect(signal!.statement).toContain('licence on request');
  });

  it('of an ingredient count for what was made of it', async () => {
    const said = await read(await bytesOf('c2pa-ingredient-not-allowed.jpg'));
    expect(said.verdict).toBe('opted-out');
    expect(
      said.signals.filter((signal) => signal.value === 'disallow').every((s) => s.locator.includes('ingredient')),
    ).toBe(true);
  });

  it('count in every form that writers use: beside `entries`, as JSON-LD ids, and in words', async () => {
    const beside = await read(await bytesOf('c2pa-beside-entries.jpg'));
    expect(words(beside, 'c2pa')).toEqual(['disallow train valid']);
    const id = await read(await bytesOf('cawg-metadata-id.jpg'));
    expect(words(id, 'plus')).toEqual(['disallow mine valid']);
    const text = await read(await bytesOf('cawg-metadata-words.jpg'));
    expect(words(text, 'iptc')).toContain('disallow train valid');
    for (const said of [beside, id, text]) expect(said.verdict).toBe('opted-out');
  });

  it('that hold for the image but not for what it was made from name the broken ingredient', async () => {
    const said = await read(await bytesOf('c2pa-ingredient-broken.jpg'));
    expect(said.signals.filter(({ kind }) => kind === 'c2pa-integrity').map(({ trust, statement }) => [trust, statement]))
      .toEqual([
        ['valid', 'Content Credential signed as “Atelier test signer” (intact, signer not verified).'],
        [
          'invalid',
          'The image was made from “broken.jpg”, whose own Content Credential does not pass validation (changed after it was signed, or damaged: assertion.dataHash.mismatch).',
        ],
      ]); // prettier-ignore
  });

  it('that only forbid captioning leave training open, and a permission by an unknown signer is none', async () => {
    const inference = await read(await bytesOf('c2pa-inference-only.jpg'));
    expect(words(inference, 'c2pa')).toContain('disallow infer valid');
    expect(inference.verdict).toBe('unknown');
    const allowed = await read(await bytesOf('cawg-allowed.webp'));
    expect(words(allowed, 'cawg')).toHaveLength(3);
    expect(words(allowed, 'cawg').every((word) => word.startsWith('allow'))).toBe(true);
    expect(allowed.verdict).toBe('unknown');
  });

  it('that say nothing about training are shown, and mean nothing about training', async () => {
    const said = await read(await bytesOf('c2pa-silent.jpg'));
    expect(said.signals.map((signal) => signal.kind)).toEqual(['c2pa-integrity', 'iptc']);
    expect(said.verdict).toBe('unknown');
  });

  it('still forbid after the pixels or the words were altered', async () => {
    const pixels = await bytesOf('c2pa-not-allowed.jpg');
    const at = pixels.length - 40;
    pixels[at] = pixels[at]! ^ 1;
    const altered = await read(pixels);
    expect(altered.verdict).toBe('opted-out');
    expect(words(altered, 'c2pa')).toContain('disallow train invalid');

    const wording = await bytesOf('c2pa-not-allowed.jpg');
    let changed = 0;
    for (let from = wording.indexOf('notAllowed'); from !== -1; from = wording.indexOf('notAllowed', from + 1)) {
      wording.write('allowedddd', from, 'latin1');
      changed += 1;
    }
    expect(changed).toBeGreaterThan(0);
    // No word that the vocabulary knows: it counts as "not allowed", and the seal does not hold.
    expect((await read(wording)).verdict).toBe('opted-out');
  });

  it('that are damaged are an error, never none; a word against training in their bytes still counts', async () => {
    const damaged = await bytesOf('c2pa-not-allowed.jpg');
    const claim = damaged.indexOf('c2pa.claim');
    damaged.fill(0xff, claim, claim + 200);
    const said = await read(damaged);
    expect(said.signals.map(({ kind, value, trust }) => `${kind} ${value} ${trust}`)).toEqual([
      'c2pa-integrity error invalid',
      'c2pa disallow invalid',
    ]);
    expect(said.verdict).toBe('opted-out');
    const silent = await bytesOf('c2pa-silent.jpg');
    const start = silent.indexOf('c2pa.claim');
    silent.fill(0xff, start, start + 200);
    const broken = await read(silent);
    expect(broken.signals.map((signal) => signal.value)).toEqual(['error']);
    expect(broken.verdict).toBe('unknown');
  });

  it('whose boxes are cut, claim to be huge, or contain themselves end with an error in bounded time', async () => {
    const original = await bytesOf('c2pa-not-allowed.jpg');
    const box = original.indexOf('jumb') - 4;
    for (const size of [0, 1, 7, 0x7fffffff, 0xffffffff]) {
      const bytes = Buffer.from(original);
      bytes.writeUInt32BE(size, box);
      const said = await read(bytes);
      expect(said.signals.some((signal) => signal.kind === 'c2pa-integrity')).toBe(true);
      expect(said.verdict).toBe('opted-out');
    }
  });

  it('whose boxes are nested without end, or are very many, are an error', async () => {
    for (const store of [nestedBoxes(20_000), wideBoxes(50_000)]) {
      const said = await read(await pngWith(store));
      expect(said.signals.map(({ kind, value }) => `${kind} ${value}`)).toEqual(['c2pa-integrity error']);
    }
  });

  it('are not read for longer than allowed: the thread is ended and the next image has a new one', async () => {
    const hasty = createC2paReader({ timeoutMs: 1 });
    const bytes = await bytesOf('c2pa-not-allowed.jpg');
    expect(await hasty.read(bytes, 'image/jpeg')).toEqual({
      kind: 'broken',
      why: 'reading it took longer than 0.001 seconds',
    });
    await hasty.close();
    expect((await c2pa.read(bytes, 'image/jpeg')).kind).toBe('report');
  });
});

describe('metadata', () => {
  it('of PLUS that prohibit training opt out; names in every script are read', async () => {
    const said = await read(await bytesOf('plus-prohibited.jpg'));
    expect(words(said, 'plus')).toEqual(['disallow train unsigned']);
    expect(said.verdict).toBe('opted-out');
    expect(said.creators).toEqual({ names: ['Zoë Müller', '岡田 健'], from: 'embedded' });
    expect(said.signals.map((signal) => signal.statement)).toContain('Credit line: Atelier Müller.');
  });

  it.each([
    ['plus-constraint.webp', 'plus', 'constrained mine unsigned'],
    ['prohibited.gif', 'plus', 'disallow mine unsigned'],
    ['tdm-reserved.tif', 'tdmrep', 'disallow mine unsigned'],
    ['usage-terms.jpg', 'iptc', 'disallow mine unsigned'],
    ['extended.jpg', 'iptc', 'disallow train unsigned'],
  ] as const)('in %s opt out', async (name, kind, word) => {
    const said = await read(await bytesOf(name));
    expect(words(said, kind)).toContain(word);
    expect(said.verdict).toBe('opted-out');
  });

  it('that allow mining prove nothing: anybody could have written them', async () => {
    const said = await read(await bytesOf('plus-allowed.png'));
    expect(words(said, 'plus')).toEqual(['allow mine unsigned']);
    expect(said.verdict).toBe('unknown');
  });

  it('name a Creative Commons licence by its address', async () => {
    const said = await read(await bytesOf('cc-by.jpg'));
    expect(said.licence).toEqual({ id: 'CC-BY-4.0', from: 'embedded', locator: 'XMP, cc:license' });
    expect(said.creators?.names).toEqual(['Ada Example']);
    expect(said.verdict).toBe('unknown');
  });

  it('of IIM and EXIF name the creator, IIM first', async () => {
    const said = await read(await bytesOf('iptc-exif.jpg'));
    expect(said.creators).toEqual({ names: ['Jürgen Groß'], from: 'embedded' });
    expect(said.signals.filter((signal) => signal.kind === 'exif').map((signal) => signal.raw)).toEqual([
      'J. Gross',
      '2026 Gross',
    ]);
  });

  it('that are not there are unknown, never consent', async () => {
    const said = await read(await bytesOf('silent.jpg'));
    expect(said).toEqual({ signals: [], verdict: 'unknown', creators: null, licence: null, credit: {} });
  });
});

it.each(['self#jumbf=/c2pa/urn:uuid:12345678-1234-1234-1234-123456789012', 'self#jumbf=c2pa/urn:c2pa:1234'])(
  'A packet that names a Content Credential (%s) in a file that holds none says that it was removed',
  async (address) => {
    const packet = Buffer.from(
      `http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="${address}"/></rdf:RDF></x:xmpmeta>`,
    );
    const head = Buffer.from([0xff, 0xe1, (packet.length + 2) >> 8, (packet.length + 2) & 0xff]);
    const plain = await bytesOf('silent.jpg');
    const said = await read(Buffer.concat([plain.subarray(0, 2), head, packet, plain.subarray(2)]));
    expect(said.signals.map(({ statement }) => statement)).toEqual([
      'The metadata name a Content Credential in this file, but there is none: it was removed.',
    ]);
  },
);

/** The description box of a C2PA manifest store. */
const DESCRIPTION = Buffer.concat([
  Buffer.from([0, 0, 0, 30]),
  Buffer.from('jumd', 'latin1'),
  Buffer.from('6332706100110010800000aa00389b71', 'hex'),
  Buffer.from([3]),
  Buffer.from('c2pa\0', 'latin1'),
]);

function boxHeader(sizeBytes: number): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(sizeBytes, 0);
  header.write('jumb', 4, 'latin1');
  return header;
}

function nestedBoxes(depth: number): Buffer {
  const unit = 8 + DESCRIPTION.length;
  return Buffer.concat(Array.from({ length: depth }, (_, at) => [boxHeader(unit * (depth - at)), DESCRIPTION]).flat());
}

function wideBoxes(count: number): Buffer {
  const unit = 8 + DESCRIPTION.length;
  const inner = Array.from({ length: count }, () => [boxHeader(unit), DESCRIPTION]).flat();
  return Buffer.concat([boxHeader(unit * (count + 1)), DESCRIPTION, ...inner]);
}

/** A PNG with a manifest store of these bytes in a chunk `caBX` after its header. */
async function pngWith(store: Buffer): Promise<Buffer> {
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#123' } })
    .png()
    .toBuffer();
  const body = Buffer.concat([Buffer.from('caBX', 'latin1'), store]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(store.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([png.subarray(0, 33), length, body, sum, png.subarray(33)]);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
