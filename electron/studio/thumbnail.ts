/** @file Sample pictures for the screen, turned as the dataset shows them to a model. */
import sharp, { type Sharp } from 'sharp';
import { decodeImage, probeImage } from '../formats/image-decode.ts';

export type ShownPicture = {
  path: string;
  /** Whether to turn the picture according to its EXIF orientation; false: show it as stored. */
  upright: boolean;
};

/** A small WebP of the picture with a longer side of at most `size` pixels. */
export async function drawThumbnail(picture: ShownPicture, size: number): Promise<Buffer> {
  return await (
    await opened(picture)
  )
    .resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 82 })
    .toBuffer();
}

/**
 * The whole picture if a browser would not show its file as a model sees it: a bitmap, or a photograph that is used as
 * stored although its EXIF data asks for rotation. Null if the file itself can be shown.
 */
export async function redrawn(picture: ShownPicture): Promise<Buffer | null> {
  const { format, orientation } = await probeImage(picture.path);
  if (format !== 'bmp' && (picture.upright || orientation === 1)) return null;
  return await (await opened(picture)).png().toBuffer();
}

async function opened({ path, upright }: ShownPicture): Promise<Sharp> {
  const { format } = await probeImage(path);
  if (format === 'bmp') {
    const { rgb, width, height } = await decodeImage(path);
    return sharp(rgb, { raw: { width, height, channels: 3 } });
  }
  const image = sharp(path, { failOn: 'error' });
  return upright ? image.autoOrient() : image;
}
