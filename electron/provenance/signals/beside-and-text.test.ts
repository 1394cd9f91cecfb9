/** @file Credentials beside an image and text chunks of PNG, made by the writers of others; and what tries to choke them. */
import { readFile } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { createC2paReader } from './c2pa-reader.ts';
import { readC2paSidecar } from './c2pa-sidecar.ts';
import { combineSignals } from './combine.ts';
import { readPngText } from './png-text.ts';

const c2pa = createC2paReader();
afterAll(() => c2pa.close());
const fixture = (name: string): Promise<Buffer> => readFile(new URL(`fixtures/${name}`, import.meta.url));

describe('a Content Credential beside its image', () => {
  it('opts the image out that it was made for', async () => {
    const bytes = await fixture('sidecar.jpg.c2pa');
    const signals = await readC2paSidecar({ name: 'sidecar.jpg.c2pa', bytes }, await fixture('sidecar.jpg'), c2pa);
    expect(combineSignals(signals)).toBe('opted-out');
    const training = signals.filter(({ kind }) => kind === 'cawg');
    expect(training.map(({ value, scope, trust }) => [value, scope, trust])).toEqual(
      expect.arrayContaining([['disallow', 'train', 'valid'], ['allow', 'mine', 'valid']]),
    ); // prettier-ignore
    expect(training.every(({ locator }) => locator.startsWith('sidecar.jpg.c2pa, C2PA manifest'))).toBe(true);
    expect(training[0]?.statement).toContain('made for this very file; signer not verified');
  });

  it('of another file keeps its word against training, and is said to be of another file', async () => {
    const bytes = await fixture('sidecar.jpg.c2pa');
    const signals = await readC2paSidecar({ name: 'x.c2pa', bytes }, await fixture('silent.jpg'), c2pa);
    expect(combineSignals(signals)).toBe('opted-out');
    expect(signals.every(({ trust }) => trust === 'invalid')).toBe(true);
    expect(signals[0]?.statement).toContain('made for another file');
  });

  it('that is damaged is an error, never silence, and its words still count', async () => {
    const bytes = (await fixture('sidecar.jpg.c2pa')).subarray(0, 3000);
    const signals = await readC2paSidecar({ name: 'x.c2pa', bytes }, await fixture('sidecar.jpg'), c2pa);
    expect(signals.some(({ kind, value }) => kind === 'c2pa-integrity' && value === 'error')).toBe(true);
    const noise = await readC2paSidecar({ name: 'x.c2pa', bytes: Buffer.alloc(4096, 'jumbc2pa') }, null, c2pa);
    expect(noise.map(({ value }) => value)).toEqual(['error']);
  });
});

describe('text chunks of PNG', () => {
  it('name the author and the notice, and a disclaimer against training counts', async () => {
    const { signals, facts } = readPngText(await fixture('png-text.png'));
    expect(facts.creators).toEqual(['Ada Example']);
    expect(facts.copyright).toEqual(['© 2026 Ada Example']);
    expect(signals.find(({ value }) => value === 'disallow')?.locator).toContain('Disclaimer');
    expect(combineSignals(signals)).toBe('opted-out');
  });

  it('are read where they are compressed or in other scripts', async () => {
    const { facts, signals } = readPngText(await fixture('png-text-zipped.png'));
    expect(facts).toMatchObject({ creators: ['Ada Example'], copyright: ['© 2026 岡田 健'] });
    expect(combineSignals(signals)).toBe('unknown');
  });

  it('unpack no bomb, count no endless chunks, and survive damage', async () => {
    const plain = await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const bomb = deflateSync(Buffer.alloc(40 * 1024 * 1024, 'A'));
    const chunks = [
      chunk('zTXt', Buffer.concat([Buffer.from('Author\0\0'), bomb])),
      ...Array.from({ length: 20_000 }, () => chunk('tEXt', Buffer.from('Author\0Mallory'))),
    ];
    const { signals, facts } = readPngText(Buffer.concat([plain.subarray(0, 33), ...chunks]));
    expect(facts.creators).toEqual(['Mallory']);
    expect(signals.length).toBeLessThanOrEqual(100);
    const lying = Buffer.concat([
      plain.subarray(0, 33),
      Buffer.from('fffffff074455874', 'hex'),
      Buffer.from('Author\0x'),
    ]);
    expect(readPngText(lying).signals).toEqual([]);
    expect(readPngText(Buffer.from('no image')).signals).toEqual([]);
  });
});

/** A chunk without a right checksum, which no reader of texts needs. */
function chunk(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, data, Buffer.alloc(4)]);
}
