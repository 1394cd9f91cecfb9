/** @file A picture as a model sees it, pixel by pixel as the image processor makes it. */
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { decodeImage } from '../formats/image-decode.ts';
import { resizeBicubic } from '../formats/resample.ts';
import { localPictures } from './work.ts';

const PATH = fileURLToPath(new URL('../engine/fixtures/qwen2vl-tiny/images/tall_42x98.png', import.meta.url));

it.each([
  [3136, [28, 84]],
  [31_360, [56, 112]],
])('limited to %i pixels', async (maxPixels, size) => {
  const drawn = await localPictures.seen(
    { path: PATH, upright: true },
    { minPixels: 784, maxPixels, pixelsPerToken: 784 },
  );
  const { data, info } = await sharp(drawn).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual(size);
  const { rgb } = resizeBicubic(await decodeImage(PATH), info.width, info.height);
  expect(data.equals(rgb)).toBe(true);
});
