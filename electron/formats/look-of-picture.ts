/** @file Makes the perceptual hash of a picture. Loads libvips, so only the picture process may use it. */
import sharp, { type Sharp } from 'sharp';
import type { DecodedImage } from './image-decode.ts';
import type { PerceptualHash } from './perceptual-hash.ts';

/** A smaller step between neighbouring cells is encoder noise; it must not flip bits in flat areas. */
const STEP = 2.5;
/** Divisible into 9 columns, 8 rows and 8 × 8 cells. */
const SIDE = 72;

/** The perceptual hash of a decoded picture, rotated by its EXIF orientation so that an upright copy has the same. */
export async function perceptualHashOf(
  image: Pick<DecodedImage, 'rgb' | 'width' | 'height' | 'orientation'>,
): Promise<PerceptualHash> {
  const { rgb, width, height, orientation } = image;
  const small = await upright(sharp(rgb, { raw: { width, height, channels: 3 } }), orientation)
    .resize(SIDE, SIDE, { fit: 'fill' })
    .raw()
    .toBuffer();
  const grid = meansOf(small, 9, 8);
  let dhash = '';
  let detail = 0;
  for (let row = 0; row < 8; row++) {
    let bits = 0;
    for (let column = 0; column < 8; column++) {
      const step = lightness(grid, row * 9 + column + 1) - lightness(grid, row * 9 + column);
      bits = (bits << 1) | (step > STEP ? 1 : 0);
      if (Math.abs(step) > STEP) detail += 1;
    }
    dhash += bits.toString(16).padStart(2, '0');
  }
  return { dhash, detail, tones: Uint8Array.from(meansOf(small, 8, 8), Math.round) };
}

function upright(image: Sharp, orientation: number): Sharp {
  // EXIF: 2, 4, 5 and 7 are mirrored. Sharp mirrors before it rotates only if it is called in this order.
  const quarterTurns = { 3: 180, 4: 180, 5: 270, 6: 90, 7: 90, 8: 270 }[orientation] ?? 0;
  const mirrored = [2, 4, 5, 7].includes(orientation);
  const turned = quarterTurns === 0 ? image : image.rotate(quarterTurns);
  return mirrored ? turned.flop() : turned;
}

/** Mean colours of `columns` × `rows` equal cells of the small picture. */
function meansOf(small: Uint8Array, columns: number, rows: number): Float64Array {
  const means = new Float64Array(columns * rows * 3);
  const fieldWidth = SIDE / columns;
  const fieldHeight = SIDE / rows;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const field = (Math.floor(y / fieldHeight) * columns + Math.floor(x / fieldWidth)) * 3;
      const pixel = (y * SIDE + x) * 3;
      for (let channel = 0; channel < 3; channel++) means[field + channel]! += small[pixel + channel]!;
    }
  }
  const pixels = fieldWidth * fieldHeight;
  return means.map((sum) => sum / pixels);
}

/** Rec. 601 luma. */
function lightness(means: Float64Array, field: number): number {
  return 0.299 * means[field * 3]! + 0.587 * means[field * 3 + 1]! + 0.114 * means[field * 3 + 2]!;
}
