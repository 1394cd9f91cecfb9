/** @file Pictures of samples for the screen, turned as the dataset shows them to a model. */
import sharp, { type Sharp } from 'sharp';
import { decodeImage, probeImage } from '../formats/image-decode.ts';

export type ShownPicture = {
  path: string;
  /** Whether the picture is turned as its EXIF orientation says; false: shown as it is stored. */
  upright: boolean;
};

/** A small WebP of the picture whose longer side has at most `size` pixels. */
export async function drawThumbnail(picture: ShownPicture, size: number): Promise<Buffer> {
  return await (
    await opened(picture)
  )
    .resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 82 })
    .toBuffer();
}

/**
 * The whole picture where a browser would not show its file as a model sees it: a bitmap, or a photograph that is used as
 * stored but asks to be turned. Null where the file itself can be shown.
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
