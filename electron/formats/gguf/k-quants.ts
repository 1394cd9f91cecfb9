/**
 * @file Blocks of 4, 5 and 6 bits as ggml stores them (q4_K, q5_0, q6_K), and back. What is written equals the bytes of ggml's
 * reference quantisers (https://github.com/ggml-org/ggml, MIT): so every operation rounds to float32, in the same order. Pure.
 */
import { float16ToFloat32, float32ToFloat16 } from '../float-bits.ts';

/** Values in a block of q4_K and q6_K. */
const K_VALUES = 256;
const Q4_K_BYTES = 144;
const Q6_K_BYTES = 210;
const Q5_VALUES = 32;
const Q5_BYTES = 22;

const round = Math.fround;
/** Added to a float32 and taken away again, it rounds to the nearest integer, ties to even. */
const TO_INTEGER = 12582912;
/** Groups below it count as zero. */
const NOTHING = round(1e-15);
const TENTH = round(0.1);

function nearest(value: number): number {
  return round(value + TO_INTEGER) - TO_INTEGER;
}

function nearestWithin(value: number, least: number, most: number): number {
  const level = round(value + TO_INTEGER) - TO_INTEGER;
  return level < least ? least : level > most ? most : level;
}

function writeHalf(out: Uint8Array, at: number, value: number): number {
  const half = float32ToFloat16(value);
  out[at] = half & 0xff;
  out[at + 1] = half >>> 8;
  return float16ToFloat32(half);
}

function readHalf(bytes: Uint8Array, at: number): number {
  return float16ToFloat32(bytes[at]! | (bytes[at + 1]! << 8));
}

// q4_K: 8 groups of 32 values, each of them `scale * level - offset`, with scales and offsets in 6 bits of two f16.

const GROUP = 32;
const GROUPS = K_VALUES / GROUP;
const Q4_LEVELS = 15;
/** Ranges that are tried for a group, from 16 levels less one to one more. */
const Q4_TRIALS = 20;

interface Fit {
  scale: number;
  /** Not positive: what level 0 stands for. */
  least: number;
}

/**
 * Scale and least value of a group that come closest to its values, and the level of each value.
 * @param weights how much the error of each value counts
 * @param levels are written from `at`
 */
function fitGroup(
  values: Float32Array,
  from: number,
  weights: Float32Array,
  levels: Uint8Array,
  at: number,
  trial: Uint8Array,
): Fit {
  let least = values[from]!;
  let most = least;
  let weightSum = weights[0]!;
  let valueSum = round(weightSum * least);
  for (let i = 1; i < GROUP; i++) {
    const value = values[from + i]!;
    if (value < least) least = value;
    if (value > most) most = value;
    weightSum = round(weightSum + weights[i]!);
    valueSum = round(valueSum + round(weights[i]! * value));
  }
  if (least > 0) least = 0;
  if (most === least) {
    levels.fill(0, at, at + GROUP);
    return { scale: 0, least };
  }
  let inverse = round(Q4_LEVELS / round(most - least));
  let scale = round(1 / inverse);
  let error = 0;
  for (let i = 0; i < GROUP; i++) {
    const value = values[from + i]!;
    const level = nearestWithin(round(inverse * round(value - least)), 0, Q4_LEVELS);
    levels[at + i] = level;
    const difference = round(round(round(scale * level) + least) - value);
    error = round(error + round(weights[i]! * round(difference * difference)));
  }
  for (let step = 0; step <= Q4_TRIALS; step++) {
    inverse = round(round(round(-1 + round(TENTH * step)) + Q4_LEVELS) / round(most - least));
    let levelSum = 0;
    let squareSum = 0;
    let productSum = 0;
    for (let i = 0; i < GROUP; i++) {
      const value = values[from + i]!;
      const level = nearestWithin(round(inverse * round(value - least)), 0, Q4_LEVELS);
      trial[i] = level;
      const weighted = round(weights[i]! * level);
      levelSum = round(levelSum + weighted);
      squareSum = round(squareSum + round(weighted * level));
      productSum = round(productSum + round(weighted * value));
    }
    const determinant = round(round(weightSum * squareSum) - round(levelSum * levelSum));
    if (!(determinant > 0)) continue;
    let newScale = round(round(round(weightSum * productSum) - round(valueSum * levelSum)) / determinant);
    let newLeast = round(round(round(squareSum * valueSum) - round(levelSum * productSum)) / determinant);
    if (newLeast > 0) {
      newLeast = 0;
      newScale = round(productSum / squareSum);
    }
    let newError = 0;
    for (let i = 0; i < GROUP; i++) {
      const difference = round(round(round(newScale * trial[i]!) + newLeast) - values[from + i]!);
      newError = round(newError + round(weights[i]! * round(difference * difference)));
    }
    if (newError < error) {
      levels.set(trial, at);
      error = newError;
      scale = newScale;
      least = newLeast;
    }
  }
  return { scale, least };
}

/** A value's error counts as its magnitude plus the root mean square of its group. */
function weightsOf(values: Float32Array, from: number, weights: Float32Array): void {
  let squares = 0;
  for (let i = 0; i < GROUP; i++) squares = round(squares + round(values[from + i]! * values[from + i]!));
  const mean = round(Math.sqrt(round(squares / GROUP)));
  for (let i = 0; i < GROUP; i++) weights[i] = round(mean + Math.abs(values[from + i]!));
}

/** 6 bits of a scale and 6 of an offset for each of 8 groups, in 12 bytes. */
function packScales(out: Uint8Array, at: number, group: number, scale: number, offset: number): void {
  if (group < 4) {
    out[at + group] = scale;
    out[at + group + 4] = offset;
    return;
  }
  out[at + group + 4] = (scale & 15) | ((offset & 15) << 4);
  out[at + group - 4]! |= (scale >> 4) << 6;
  out[at + group]! |= (offset >> 4) << 6;
}

function unpackScale(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return bytes[at + group]! & 63;
  return (bytes[at + group + 4]! & 15) | ((bytes[at + group - 4]! >> 6) << 4);
}

function unpackOffset(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return bytes[at + group + 4]! & 63;
  return (bytes[at + group + 4]! >> 4) | ((bytes[at + group]! >> 6) << 4);
}

/** @param values whole blocks of 256 */
export function encodeQ4K(values: Float32Array): Uint8Array {
  const blocks = values.length / K_VALUES;
  const out = new Uint8Array(blocks * Q4_K_BYTES);
  const levels = new Uint8Array(K_VALUES);
  const trial = new Uint8Array(GROUP);
  const weights = new Float32Array(GROUP);
  const scales = new Float32Array(GROUPS);
  const offsets = new Float32Array(GROUPS);
  for (let block = 0; block < blocks; block++) {
    const from = block * K_VALUES;
    const at = block * Q4_K_BYTES;
    let [mostScale, mostOffset] = [0, 0];
    for (let group = 0; group < GROUPS; group++) {
      weightsOf(values, from + group * GROUP, weights);
      const fit = fitGroup(values, from + group * GROUP, weights, levels, group * GROUP, trial);
      scales[group] = fit.scale;
      offsets[group] = -fit.least;
      mostScale = Math.max(mostScale, fit.scale);
      mostOffset = Math.max(mostOffset, -fit.least);
    }
    const inverseScale = mostScale > 0 ? round(63 / mostScale) : 0;
    const inverseOffset = mostOffset > 0 ? round(63 / mostOffset) : 0;
    for (let group = 0; group < GROUPS; group++) {
      const scale = Math.min(63, nearest(round(inverseScale * scales[group]!)) & 255);
      const offset = Math.min(63, nearest(round(inverseOffset * offsets[group]!)) & 255);
      packScales(out, at + 4, group, scale, offset);
    }
    const blockScale = writeHalf(out, at, round(mostScale / 63));
    const blockOffset = writeHalf(out, at + 2, round(mostOffset / 63));
    for (let group = 0; group < GROUPS; group++) {
      const scale = round(blockScale * unpackScale(out, at + 4, group));
      if (scale === 0) continue;
      const offset = round(blockOffset * unpackOffset(out, at + 4, group));
      for (let i = group * GROUP; i < (group + 1) * GROUP; i++)
        levels[i] = nearestWithin(round(round(values[from + i]! + offset) / scale), 0, Q4_LEVELS);
    }
    // Of each pair of groups, the first is in the low halves of the bytes.
    for (let i = 0; i < K_VALUES / 2; i++) {
      const low = 2 * GROUP * Math.floor(i / GROUP) + (i % GROUP);
      out[at + 16 + i] = levels[low]! | (levels[low + GROUP]! << 4);
    }
  }
  return out;
}

export function decodeQ4K(bytes: Uint8Array): Float32Array {
  const blocks = bytes.length / Q4_K_BYTES;
  const values = new Float32Array(blocks * K_VALUES);
  for (let block = 0; block < blocks; block++) {
    const at = block * Q4_K_BYTES;
    const blockScale = readHalf(bytes, at);
    const blockOffset = readHalf(bytes, at + 2);
    for (let group = 0; group < GROUPS; group++) {
      const scale = round(blockScale * unpackScale(bytes, at + 4, group));
      const offset = round(blockOffset * unpackOffset(bytes, at + 4, group));
      const stored = at + 16 + GROUP * (group >> 1);
      const shift = 4 * (group & 1);
      for (let i = 0; i < GROUP; i++)
        values[block * K_VALUES + group * GROUP + i] = round(scale * ((bytes[stored + i]! >> shift) & 15)) - offset;
    }
  }
  return values;
}

// q6_K: 16 groups of 16 values, each `scale * level` with levels from -32 to 31, and scales in 8 bits of one f16.

const SMALL_GROUP = 16;
const SMALL_GROUPS = K_VALUES / SMALL_GROUP;
const Q6_LEVELS = 32;

/** The scale that comes closest to a group's values, large ones first, and the level of each, 32 added. */
function fitAroundZero(values: Float32Array, from: number, levels: Uint8Array, at: number): number {
  let extreme = 0;
  for (let i = 0; i < SMALL_GROUP; i++) {
    const value = values[from + i]!;
    if (Math.abs(value) > Math.abs(extreme)) extreme = value;
  }
  if (Math.abs(extreme) < NOTHING) {
    levels.fill(0, at, at + SMALL_GROUP);
    return 0;
  }
  let scale = 0;
  let best = 0;
  // Without any change of the range first, then with one of up to nine tenths of a level.
  for (let trial = -10; trial <= 9; trial++) {
    if (trial === 0) continue;
    const change = trial === -10 ? 0 : round(TENTH * trial);
    const inverse = round(-round(Q6_LEVELS + change) / extreme);
    let products = 0;
    let squares = 0;
    for (let i = 0; i < SMALL_GROUP; i++) {
      const value = values[from + i]!;
      const level = nearestWithin(round(inverse * value), -Q6_LEVELS, Q6_LEVELS - 1);
      const weight = round(value * value);
      products = round(products + round(round(weight * value) * level));
      squares = round(squares + round(round(weight * level) * level));
    }
    const isFirst = trial === -10;
    if (!isFirst && !(squares > 0 && round(products * products) > round(best * squares))) continue;
    for (let i = 0; i < SMALL_GROUP; i++)
      levels[at + i] = nearestWithin(round(inverse * values[from + i]!), -Q6_LEVELS, Q6_LEVELS - 1) + Q6_LEVELS;
    scale = squares === 0 ? 0 : round(products / squares);
    best = round(scale * products);
  }
  return scale;
}

/** @param values whole blocks of 256 */
export function encodeQ6K(values: Float32Array): Uint8Array {
  const blocks = values.length / K_VALUES;
  const out = new Uint8Array(blocks * Q6_K_BYTES);
  const signed = new Int8Array(out.buffer);
  const levels = new Uint8Array(K_VALUES);
  const scales = new Float32Array(SMALL_GROUPS);
  for (let block = 0; block < blocks; block++) {
    const from = block * K_VALUES;
    const at = block * Q6_K_BYTES;
    let extreme = 0;
    for (let group = 0; group < SMALL_GROUPS; group++) {
      const scale = fitAroundZero(values, from + group * SMALL_GROUP, levels, group * SMALL_GROUP);
      scales[group] = scale;
      if (Math.abs(scale) > Math.abs(extreme)) extreme = scale;
    }
    if (Math.abs(extreme) < NOTHING) continue;
    const inverse = round(-128 / extreme);
    const blockScale = writeHalf(out, at + 208, round(1 / inverse));
    for (let group = 0; group < SMALL_GROUPS; group++) {
      const stored = Math.min(127, nearest(round(inverse * scales[group]!)));
      signed[at + 192 + group] = stored;
      const scale = round(blockScale * stored);
      if (scale === 0) continue;
      for (let i = group * SMALL_GROUP; i < (group + 1) * SMALL_GROUP; i++)
        levels[i] = nearestWithin(round(values[from + i]! / scale), -Q6_LEVELS, Q6_LEVELS - 1) + Q6_LEVELS;
    }
    // Of each half of the block, the four quarters share bytes: 4 bits each in the first 128, 2 bits each in the next 64.
    for (let half = 0; half < 2; half++)
      for (let i = 0; i < 32; i++) {
        const first = 128 * half + i;
        const a = levels[first]!;
        const b = levels[first + 32]!;
        const c = levels[first + 64]!;
        const d = levels[first + 96]!;
        out[at + 64 * half + i] = (a & 15) | ((c & 15) << 4);
        out[at + 64 * half + 32 + i] = (b & 15) | ((d & 15) << 4);
        out[at + 128 + 32 * half + i] = (a >> 4) | ((b >> 4) << 2) | ((c >> 4) << 4) | ((d >> 4) << 6);
      }
  }
  return out;
}

export function decodeQ6K(bytes: Uint8Array): Float32Array {
  const blocks = bytes.length / Q6_K_BYTES;
  const values = new Float32Array(blocks * K_VALUES);
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let block = 0; block < blocks; block++) {
    const at = block * Q6_K_BYTES;
    const blockScale = readHalf(bytes, at + 208);
    for (let i = 0; i < K_VALUES; i++) {
      const [half, quarter, place] = [i >> 7, (i >> 5) & 3, i & 31];
      const low = (bytes[at + 64 * half + 32 * (quarter & 1) + place]! >> (4 * (quarter >> 1))) & 15;
      const high = (bytes[at + 128 + 32 * half + place]! >> (2 * quarter)) & 3;
      const scale = round(blockScale * signed[at + 192 + (i >> 4)]!);
      values[block * K_VALUES + i] = scale * ((low | (high << 4)) - Q6_LEVELS);
    }
  }
  return values;
}

// q5_0: 32 values, each `scale * level` with levels from -16 to 15.

const Q5_LEVELS = 16;

/** @param values whole blocks of 32 */
export function encodeQ5(values: Float32Array): Uint8Array {
  const blocks = values.length / Q5_VALUES;
  const out = new Uint8Array(blocks * Q5_BYTES);
  for (let block = 0; block < blocks; block++) {
    const from = block * Q5_VALUES;
    const at = block * Q5_BYTES;
    let extreme = 0;
    for (let i = 0; i < Q5_VALUES; i++)
      if (Math.abs(values[from + i]!) > Math.abs(extreme)) extreme = values[from + i]!;
    const scale = round(extreme / -Q5_LEVELS);
    const inverse = scale === 0 ? 0 : round(1 / scale);
    writeHalf(out, at, scale);
    for (let i = 0; i < Q5_VALUES; i++) {
      const share = round(round(values[from + i]! * inverse) + (Q5_LEVELS + 0.5));
      const level = Math.min(2 * Q5_LEVELS - 1, Math.trunc(share));
      // The second half of the values is in the high halves of the bytes; fifth bits are in 32 bits of their own.
      out[at + 6 + (i & 15)]! |= (level & 15) << (4 * (i >> 4));
      out[at + 2 + (i >> 3)]! |= (level >> 4) << (i & 7);
    }
  }
  return out;
}

export function decodeQ5(bytes: Uint8Array): Float32Array {
  const blocks = bytes.length / Q5_BYTES;
  const values = new Float32Array(blocks * Q5_VALUES);
  for (let block = 0; block < blocks; block++) {
    const at = block * Q5_BYTES;
    const scale = readHalf(bytes, at);
    for (let i = 0; i < Q5_VALUES; i++) {
      const low = (bytes[at + 6 + (i & 15)]! >> (4 * (i >> 4))) & 15;
      const high = (bytes[at + 2 + (i >> 3)]! >> (i & 7)) & 1;
      values[block * Q5_VALUES + i] = ((low | (high << 4)) - Q5_LEVELS) * scale;
    }
  }
  return values;
}
