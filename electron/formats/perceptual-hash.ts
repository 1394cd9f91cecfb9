/**
 * @file A perceptual hash of 208 bytes that survives re-encoding, resizing and small corrections: a 64-bit difference
 * hash (dHash: is each of 9 × 8 cells brighter than its left neighbour?) and the mean colours of 8 × 8 cells. The hash
 * finds candidates, and the colours confirm them. Either one alone would match plain pictures of the same kind.
 */
import sharp, { type Sharp } from 'sharp';
import type { DecodedImage } from './image-decode.ts';

/** Two pictures are similar if at most this many of the 64 bits differ … */
export const NEAR_BITS = 6;
/** … and the colours of their cells rise and fall together: Pearson's correlation is at least this … */
export const NEAR_CORRELATION = 0.95;
/** … and no cell differs by more than this (of 255) in any channel: a recoloured picture counts as a different one. */
const WORST_TONE = 48;
/** Pictures with fewer real steps in brightness are too plain to compare. */
export const MIN_DETAIL = 8;

/** A smaller step between neighbouring cells is encoder noise; it must not flip bits in flat areas. */
const STEP = 2.5;
/** Divisible into 9 columns, 8 rows and 8 × 8 cells. */
const SIDE = 72;

export type PerceptualHash = {
  /** 64 bits as 16 hex digits. */
  dhash: string;
  /** Steps in brightness that exceed noise, 0 to 64. */
  detail: number;
  /** Mean red, green and blue of 8 × 8 cells, row by row: 192 bytes. */
  tones: Uint8Array;
};

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

/** Whether the colours of two pictures agree cell by cell. Overall brightness and saturation do not matter. */
export function tonesAgree(a: Uint8Array, b: Uint8Array): boolean {
  let sumA = 0;
  let sumB = 0;
  for (let i = 0; i < a.length; i++) {
    if (Math.abs(a[i]! - b[i]!) > WORST_TONE) return false;
    sumA += a[i]!;
    sumB += b[i]!;
  }
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    const da = a[i]! - sumA / a.length;
    const db = b[i]! - sumB / b.length;
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return ab >= NEAR_CORRELATION * Math.sqrt(aa * bb);
}

/** The number of bits in which two hashes of 16 hex digits differ. */
export function hashDistance(a: string, b: string): number {
  let count = 0;
  for (let at = 0; at < 16; at += 8)
    count += ones(Number.parseInt(a.slice(at, at + 8), 16) ^ Number.parseInt(b.slice(at, at + 8), 16));
  return count;
}

/** The number of ones among the 32 bits of an integer. */
export function ones(value: number): number {
  let v = value - ((value >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
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
