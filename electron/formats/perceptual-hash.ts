/**
 * @file A perceptual hash of 208 bytes that survives re-encoding, resizing and small corrections: a 64-bit difference
 * hash (dHash: is each of 9 × 8 cells brighter than its left neighbour?) and the mean colours of 8 × 8 cells. The hash
 * finds candidates, and the colours confirm them. Either one alone would match plain pictures of the same kind.
 * `look-of-picture.ts` makes it; this file compares.
 */
/** Two pictures are similar if at most this many of the 64 bits differ … */
export const NEAR_BITS = 6;
/** … and the colours of their cells rise and fall together: Pearson's correlation is at least this … */
export const NEAR_CORRELATION = 0.95;
/** … and no cell differs by more than this (of 255) in any channel: a recoloured picture counts as a different one. */
const WORST_TONE = 48;
/** Pictures with fewer real steps in brightness are too plain to compare. */
export const MIN_DETAIL = 8;

export type PerceptualHash = {
  /** 64 bits as 16 hex digits. */
  dhash: string;
  /** Steps in brightness that exceed noise, 0 to 64. */
  detail: number;
  /** Mean red, green and blue of 8 × 8 cells, row by row: 192 bytes. */
  tones: Uint8Array;
};

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
