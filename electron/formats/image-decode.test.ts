/** @file Decoding, compared with Pillow's output for the same files (fixtures/images/expected.json, upright.json). */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, probeImage } from './image-decode.ts';

const FOLDER = fileURLToPath(new URL('fixtures/images/', import.meta.url));
const EXPECTED = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as Record<
  string,
  { width: number; height: number; pages: number; rgbSha256: string }
>;

const UPRIGHT = JSON.parse(readFileSync(join(FOLDER, 'upright.json'), 'utf8')) as Record<
  string,
  { width: number; height: number; rgbSha256: string }
>;

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function resized(bitmap: Buffer, width: number, height: number, compression: number): Buffer {
  const changed = Buffer.from(bitmap);
  changed.writeInt32LE(width, 18);
  changed.writeInt32LE(height, 22);
  changed.writeUInt32LE(compression, 30);
  return changed;
}

describe('decodeImage', () => {
  it.each(Object.entries(EXPECTED))('gives the same pixels as Pillow for %s', async (name, expected) => {
    const image = await decodeImage(join(FOLDER, name));
    expect({ width: image.width, height: image.height, pages: image.pages, rgbSha256: sha256(image.rgb) }).toEqual(
      expected,
    );
  });

  it.each(Object.entries(UPRIGHT))(
    'turns %s as ImageOps.exif_transpose does, when asked to',
    async (name, expected) => {
      const { width, height, rgb } = await decodeImage(join(FOLDER, name), { autoOrient: true });
      expect({ width, height, rgbSha256: sha256(rgb) }).toEqual(expected);
    },
  );

  it.each([
    ['cut in its pixels', (whole: Buffer) => whole.subarray(0, whole.length - 40)],
    ['cut in its header', (whole: Buffer) => whole.subarray(0, 40)],
    ['of 60,000 × 60,000 pixels', (whole: Buffer) => resized(whole, 60_000, 60_000, 1)],
    ['of no width', (whole: Buffer) => resized(whole, 0, 18, 0)],
  ])('refuses a bitmap %s', async (_, change) => {
    const bytes = change(readFileSync(join(FOLDER, 'colour.bmp')));
    await expect(decodeImage(bytes, { name: 'a.bmp' })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { file: 'a.bmp' },
    });
  });

  it('refuses a bitmap of 3 GiB, more than can be read at once, by its size', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'atelier-decode-')), 'long.bmp');
    await copyFile(join(FOLDER, 'colour.bmp'), path);
    await truncate(path, 3 * 2 ** 30);
    await expect(decodeImage(path)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: `${path} has 3221225472 bytes, far more than its pixels need.`,
    });
  });

  /** A TIFF with one entry in its first directory. */
  const tiffWith = (tag: number, value: number): Buffer => {
    const bytes = Buffer.alloc(64);
    bytes.write('II*\0', 'latin1');
    bytes.writeUInt32LE(8, 4);
    bytes.writeUInt16LE(1, 8);
    for (const [at, word] of [
      [10, tag],
      [12, 4],
      [14, 1],
      [18, value],
    ] as const)
      bytes.writeUInt16LE(word, at);
    return bytes;
  };

  it.each<[string, Buffer]>([
    ['DNG', tiffWith(50706, 1)],
    ['a raw file that begins with its preview (NEF, ARW)', tiffWith(254, 1)],
    ['CR2', Buffer.concat([Buffer.from('II*\0\x10\0\0\0CR\x02\0', 'latin1'), Buffer.alloc(64)])],
    ['CR3', Buffer.from('\0\0\0\x18ftypcrx \0\0\0\x01crx isom', 'latin1')],
    ['RAF', Buffer.from('FUJIFILMCCD-RAW 0201', 'latin1')],
  ])('says what to do with a raw file, and never takes its preview for the picture: %s', async (_, bytes) => {
    await expect(decodeImage(bytes, { name: 'DSC_1' })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: 'DSC_1 is a file of the format "raw", which is not supported.',
      remedy: expect.stringContaining('Develop it') as string,
    });
  });

  it('says what to do with a photograph of an iPhone', async () => {
    const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
    await expect(decodeImage(heic, { name: 'IMG_1.HEIC' })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: 'IMG_1.HEIC is a file of the format "heif", which is not supported.',
      remedy: expect.stringContaining('export it as JPEG') as string,
    });
  });

  it('keeps the upper eight bits of 16-bit grey', async () => {
    const levels = Uint16Array.of(0, 255, 256, 40_000, 65_535, 12_345);
    const png = await sharp(levels, { raw: { width: 3, height: 2, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    const { rgb } = await decodeImage(png);
    expect([...rgb]).toEqual([...levels].flatMap((level) => [level >> 8, level >> 8, level >> 8]));
  });

  it('refuses an image above the limit, naming the file and its size', async () => {
    const path = join(FOLDER, 'grey.jpg');
    await expect(decodeImage(path, { maxPixels: 27 * 18 - 1 })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('27 × 18') as string,
      place: { file: path },
    });
    expect((await decodeImage(path, { maxPixels: 27 * 18 })).width).toBe(27);
  });

  it.each(['colour_420_progressive.jpg', 'grey_alpha.png', 'alpha.webp'])(
    'refuses %s when its end is missing',
    async (name) => {
      const whole = readFileSync(join(FOLDER, name));
      const cut = whole.subarray(0, Math.floor(whole.length * 0.6));
      await expect(decodeImage(cut, { name: 'cut.img' })).rejects.toMatchObject({
        code: 'BAD_INPUT',
        place: { file: 'cut.img' },
      });
    },
  );

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('this is not an image')],
    ['a drawing', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>')],
  ])('refuses %s', async (_, bytes) => {
    await expect(decodeImage(bytes, { name: 'odd.png' })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { file: 'odd.png' },
    });
  });

  it('says that a missing file is missing', async () => {
    await expect(decodeImage('/nowhere/at-all.png')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      place: { file: '/nowhere/at-all.png' },
    });
  });

  it('sees the new pixels of a file that was replaced', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'atelier-image-')), 'a.png');
    const solid = (level: number): Promise<Buffer> =>
      sharp({ create: { width: 2, height: 2, channels: 3, background: { r: level, g: level, b: level } } })
        .png()
        .toBuffer();
    await writeFile(path, await solid(10));
    expect((await decodeImage(path)).rgb[0]).toBe(10);
    await writeFile(path, await solid(200));
    expect((await decodeImage(path)).rgb[0]).toBe(200);
  });
});

describe('probeImage', () => {
  it('reads the header without the pixels', async () => {
    const head = readFileSync(join(FOLDER, 'colour_444.jpg')).subarray(0, 700);
    expect(await probeImage(head)).toMatchObject({ width: 27, height: 18, format: 'jpeg', pages: 1, hasAlpha: false });
    expect(await probeImage(join(FOLDER, 'alpha.webp'))).toMatchObject({ format: 'webp', hasAlpha: true });
  });
});
