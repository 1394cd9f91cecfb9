/** @file Reads and draws pictures with libvips. Runs in the picture process; tests call it in their own. */
import { createHash } from 'node:crypto';
import sharp, { type Sharp } from 'sharp';
import { decodeImage, probeImage, type DecodedImage } from '../formats/image-decode.ts';
import { resizeBicubic } from '../formats/resample.ts';
import { fitToTiles } from '../formats/picture-tiles.ts';
import { seenSize } from '../formats/seen-size.ts';
import { perceptualHashOf } from '../formats/look-of-picture.ts';
import { writeExamples } from '../starter/write-examples.ts';
import type { Pictures, PictureWork, ShownPicture } from './pictures.ts';

/** Below this, a picture is enlarged to show its cells. */
const SMALL_SIDE = 560;

export const pictureWork: PictureWork = {
  examine: async (source, name) => {
    const image = await decodeImage(source, { name });
    const { rgb: _rgb, ...facts } = image;
    return { ...facts, look: await perceptualHashOf(image), pixels: pixelHash(image) };
  },
  thumbnail: async (picture, size) =>
    await (
      await opened(picture)
    )
      .resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 82 })
      .toBuffer(),
  seen: async (picture, limits) => {
    const image = await decodeImage(picture.path, { autoOrient: picture.upright });
    const size = seenSize(image, limits);
    const { rgb, width, height } =
      size.tiles === undefined ? resizeBicubic(image, size.width, size.height) : fitToTiles(image, size.tiles);
    return await sharp(rgb, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 3 })
      .toBuffer();
  },
  veiled: async ({ path, upright }, { rows, columns, rgba }) => {
    const { rgb, ...stored } = await decodeImage(path, { autoOrient: upright });
    const scale = Math.max(1, Math.ceil(SMALL_SIDE / Math.max(stored.width, stored.height)));
    const [width, height] = [scale * stored.width, scale * stored.height];
    const stretched = { width, height, fit: 'fill', kernel: 'nearest' } as const;
    const veil = await sharp(rgba, { raw: { width: columns, height: rows, channels: 4 } })
      .resize(stretched)
      .png({ compressionLevel: 1 })
      .toBuffer();
    const picture = await sharp(rgb, { raw: { width: stored.width, height: stored.height, channels: 3 } })
      .resize(stretched)
      .toBuffer();
    return await sharp(picture, { raw: { width, height, channels: 3 } })
      .composite([{ input: veil }])
      .png()
      .toBuffer();
  },
  drawExample: writeExamples,
  decoder: async () => ({
    sharp: sharp.versions.sharp ?? '',
    libvips: sharp.versions.vips,
    node: process.versions.node,
  }),
  redrawn: async (picture) => {
    const { format, orientation } = await probeImage(picture.path);
    if (format !== 'bmp' && (picture.upright || orientation === 1)) return null;
    return await (await opened(picture)).png().toBuffer();
  },
};

/** The same work in the calling process. */
export const localPictures: Pictures = { ...pictureWork, close: async () => undefined };

async function opened({ path, upright }: ShownPicture): Promise<Sharp> {
  const { format } = await probeImage(path);
  if (format === 'bmp') {
    const { rgb, width, height } = await decodeImage(path);
    return sharp(rgb, { raw: { width, height, channels: 3 } });
  }
  const image = sharp(path, { failOn: 'error' });
  return upright ? image.autoOrient() : image;
}

function pixelHash({ rgb, width, height, orientation }: DecodedImage): string {
  return createHash('sha256').update(`${width} ${height} ${orientation}\n`).update(rgb).digest('hex');
}
