/** @file Float values as ggml stores them, and back: f32, f16, bf16, q8_0 and the types of k-quants.ts; q4_1 is only read. Pure. */
import { float16ToFloat32, float32ToFloat16, narrowToBfloat16, widenBfloat16, widenFloat16 } from '../float-bits.ts';
import { GGML_TYPES, type GgmlType, type WrittenType } from './gguf-header.ts';
import { decodeQ4K, decodeQ5, decodeQ6K, encodeQ4K, encodeQ5, encodeQ6K } from './k-quants.ts';

const { block: Q8_VALUES, bytes: Q8_BYTES } = GGML_TYPES.Q8_0;
const { block: Q4_VALUES, bytes: Q4_BYTES } = GGML_TYPES.Q4_1;

interface Blocks {
  readonly encode?: (values: Float32Array) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => Float32Array;
}

const BLOCKS: Readonly<Partial<Record<GgmlType, Blocks>>> = {
  Q4_1: { decode: decodeQ4 },
  Q5_0: { encode: encodeQ5, decode: decodeQ5 },
  Q8_0: { encode: encodeQ8, decode: decodeQ8 },
  Q4_K: { encode: encodeQ4K, decode: decodeQ4K },
  Q6_K: { encode: encodeQ6K, decode: decodeQ6K },
};

/**
 * Rounds to nearest, ties to even; q8_0 as `quantize_row_q8_0_ref` of ggml does: a block's largest magnitude becomes 127,
 * and halves round away from zero.
 * @param values whole blocks
 */
export function encodeGgml(values: Float32Array, type: WrittenType): Uint8Array {
  if (type === 'F32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const encode = BLOCKS[type]?.encode;
  if (encode !== undefined) return encode(values);
  const halves = new Uint16Array(values.length);
  if (type === 'BF16') narrowToBfloat16(values, halves);
  else for (let i = 0; i < values.length; i++) halves[i] = float32ToFloat16(values[i]!);
  return new Uint8Array(halves.buffer);
}

function encodeQ8(values: Float32Array): Uint8Array {
  const blocks = values.length / Q8_VALUES;
  const out = new Uint8Array(blocks * Q8_BYTES);
  for (let block = 0; block < blocks; block++) {
    const from = block * Q8_VALUES;
    let most = 0;
    for (let i = 0; i < Q8_VALUES; i++) most = Math.max(most, Math.abs(values[from + i]!));
    const scale = Math.fround(most / 127);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    const half = float32ToFloat16(scale);
    const at = block * Q8_BYTES;
    out[at] = half & 0xff;
    out[at + 1] = half >>> 8;
    for (let i = 0; i < Q8_VALUES; i++) {
      const share = Math.fround(values[from + i]! * inverse);
      out[at + 2 + i] = Math.sign(share) * Math.floor(Math.abs(share) + 0.5);
    }
  }
  return out;
}

/** The largest difference that storing a finite value can make, as a share of the largest value in its tensor, and beside it. */
const MOST_ERROR: Readonly<Record<WrittenType, number>> = {
  F32: 0,
  F16: 2 ** -11,
  BF16: 2 ** -8,
  // Half a step of 127, with a scale in f16.
  Q8_0: 1 / 254 + 2 ** -11,
  // A whole step of 16 at the end of the range that has one level less.
  Q5_0: 1 / 16 + 2 ** -10,
  // Fitted to all values of a block: found to be 0.017 and 0.11 at most, of many kinds of values.
  Q6_K: 0.05,
  Q4_K: 0.2,
};
/** Scales in f16 have steps that no smaller value can have. */
const LEAST_STEP = 2 ** -25;
const MOST_LEVELS = 128;

/** @param largest the largest magnitude in a tensor */
export function mostGgmlError(type: WrittenType, largest: number): number {
  return type === 'F32' ? 0 : MOST_ERROR[type] * largest + LEAST_STEP * MOST_LEVELS;
}

/** The values that a reader of the file sees. */
export function decodeGgml(bytes: Uint8Array, type: GgmlType): Float32Array {
  const decode = BLOCKS[type]?.decode;
  if (decode !== undefined) return decode(bytes);
  const aligned = Uint8Array.from(bytes);
  if (type === 'F32') return new Float32Array(aligned.buffer);
  const halves = new Uint16Array(aligned.buffer);
  const values = new Float32Array(halves.length);
  (type === 'BF16' ? widenBfloat16 : widenFloat16)(halves, values);
  return values;
}

function decodeQ8(bytes: Uint8Array): Float32Array {
  const blocks = bytes.length / Q8_BYTES;
  const values = new Float32Array(blocks * Q8_VALUES);
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let block = 0; block < blocks; block++) {
    const at = block * Q8_BYTES;
    const scale = float16ToFloat32(bytes[at]! | (bytes[at + 1]! << 8));
    for (let i = 0; i < Q8_VALUES; i++) values[block * Q8_VALUES + i] = signed[at + 2 + i]! * scale;
  }
  return values;
}

/** A block is a scale, a least value (both f16), and 16 bytes: the low halves are the first 16 values, the high ones the rest. */
function decodeQ4(bytes: Uint8Array): Float32Array {
  const blocks = bytes.length / Q4_BYTES;
  const values = new Float32Array(blocks * Q4_VALUES);
  const half = (at: number): number => float16ToFloat32(bytes[at]! | (bytes[at + 1]! << 8));
  for (let block = 0; block < blocks; block++) {
    const at = block * Q4_BYTES;
    const scale = half(at);
    const least = half(at + 2);
    for (let i = 0; i < Q4_VALUES / 2; i++) {
      const pair = bytes[at + 4 + i]!;
      values[block * Q4_VALUES + i] = Math.fround((pair & 15) * scale) + least;
      values[block * Q4_VALUES + Q4_VALUES / 2 + i] = Math.fround((pair >>> 4) * scale) + least;
    }
  }
  return values;
}
