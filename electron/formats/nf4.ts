/**
 * @file NF4, the numbers of 4 bits of QLoRA (arXiv 2305.14314): blocks of 64 values along a row, each value one of 16 numbers
 * times the largest absolute value of its block. The same bits as bitsandbytes gives (fixtures/nf4, made by nf4.py).
 */

/** The key in the metadata of an adapter's weights: whoever computes with the adapter rounds the base in the same way. */
export const FROZEN_WEIGHTS = 'atelier.frozen_weights';

/** Values that share a scale. */
export const NF4_BLOCK = 64;

/** Quantiles of a normal distribution, as published with QLoRA and in bitsandbytes. */
export const NF4_NUMBERS = Float32Array.of(
  -1,
  -0.6961928009986877,
  -0.5250730514526367,
  -0.39491748809814453,
  -0.28444138169288635,
  -0.18477343022823334,
  -0.09105003625154495,
  0,
  0.07958029955625534,
  0.16093020141124725,
  0.24611230194568634,
  0.33791524171829224,
  0.44070982933044434,
  0.5626170039176941,
  0.7229568362236023,
  1,
);

/** A value above a bound is rounded to a number above it. */
const BOUNDS = Float32Array.from({ length: NF4_NUMBERS.length - 1 }, (_, i) => {
  const [below = 0, above = 0] = NF4_NUMBERS.subarray(i, i + 2);
  return Math.fround(below + above) / 2;
});

/** Guards the division in a block of zeros. */
const SMALLEST = Math.fround(1e-38);

/** Bytes of a matrix of so many values. */
export function nf4Bytes(values: number): number {
  return values / 2 + (4 * values) / NF4_BLOCK;
}

/** Replaces values by those that NF4 keeps of them. @param values whole blocks of a matrix */
export function roundToNf4(values: Float32Array): void {
  for (let from = 0; from < values.length; from += NF4_BLOCK) {
    const block = values.subarray(from, from + NF4_BLOCK);
    const { scale, inverse } = scaleOf(block);
    for (let i = 0; i < block.length; i++)
      block[i] = (NF4_NUMBERS[codeOf(Math.fround(block[i]! * inverse))] ?? 0) * scale;
  }
}

/** @returns the number of each value, two to a byte with the first in the upper half, and the scale of each block */
export function quantiseToNf4(values: Float32Array): { codes: Uint8Array; scales: Float32Array } {
  const codes = new Uint8Array(values.length / 2);
  const scales = new Float32Array(values.length / NF4_BLOCK);
  for (let from = 0; from < values.length; from += NF4_BLOCK) {
    const { scale, inverse } = scaleOf(values.subarray(from, from + NF4_BLOCK));
    scales[from / NF4_BLOCK] = scale;
    for (let i = from; i < from + NF4_BLOCK; i++) {
      const code = codeOf(Math.fround(values[i]! * inverse));
      codes[i >> 1]! |= i % 2 === 0 ? code << 4 : code;
    }
  }
  return { codes, scales };
}

/** The values that codes and scales stand for: those of `roundToNf4`. */
export function unpackNf4(codes: Uint8Array, scales: Float32Array): Float32Array {
  const values = new Float32Array(2 * codes.length);
  for (let i = 0; i < values.length; i++) {
    const code = i % 2 === 0 ? codes[i >> 1]! >> 4 : codes[i >> 1]! & 15;
    values[i] = NF4_NUMBERS[code]! * scales[Math.floor(i / NF4_BLOCK)]!;
  }
  return values;
}

function scaleOf(block: Float32Array): { scale: number; inverse: number } {
  let scale = 0;
  for (const value of block) scale = Math.max(scale, Math.abs(value));
  return { scale, inverse: Math.fround(1 / Math.max(scale, SMALLEST)) };
}

/** How many bounds lie below. */
function codeOf(scaled: number): number {
  let code = 0;
  for (let half = 8; half > 0; half >>= 1) if (scaled > BOUNDS[code + half - 1]!) code += half;
  return code;
}
