/** @file Converts half and bfloat16 bits to float32 and back, rounding to nearest, ties to even. */

const cell = new ArrayBuffer(4);
const asFloat = new Float32Array(cell);
const asBits = new Uint32Array(cell);

/** The value of one bfloat16 (the upper 16 bits of a float32). Exact. */
export function bfloat16ToFloat32(bits: number): number {
  asBits[0] = (bits & 0xffff) << 16;
  return asFloat[0]!;
}

/** The bfloat16 nearest to `value`, ties to even. NaN stays NaN; values that are too large become infinite. */
export function float32ToBfloat16(value: number): number {
  asFloat[0] = value;
  const bits = asBits[0]!;
  // A NaN whose payload is only in the lower half would turn into an infinity, so set the quiet bit.
  if (Number.isNaN(value)) return (bits >>> 16) | 0x0040;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** Values per block of a bulk conversion: bits and values share a buffer that stays in the processor's cache. */
const BLOCK = 2048;

/** `bfloat16ToFloat32` of many values. @param target at least as long as `halves` */
export function widenBfloat16(halves: Uint16Array, target: Float32Array): void {
  const bits = new Uint32Array(BLOCK);
  const values = new Float32Array(bits.buffer);
  for (let start = 0; start < halves.length; start += BLOCK) {
    const count = Math.min(BLOCK, halves.length - start);
    for (let i = 0; i < count; i++) bits[i] = halves[start + i]! << 16;
    target.set(count === BLOCK ? values : values.subarray(0, count), start);
  }
}

let everyHalf: Float32Array | null = null;

/** `float16ToFloat32` of many values. @param target at least as long as `halves` */
export function widenFloat16(halves: Uint16Array, target: Float32Array): void {
  everyHalf ??= Float32Array.from({ length: 65536 }, (_, bits) => float16ToFloat32(bits));
  for (let i = 0; i < halves.length; i++) target[i] = everyHalf[halves[i]!]!;
}

/** `float32ToBfloat16` of many values. @param target at least as long as `values` */
export function narrowToBfloat16(values: Float32Array, target: Uint16Array): void {
  const block = new Float32Array(BLOCK);
  const bits = new Uint32Array(block.buffer);
  for (let start = 0; start < values.length; start += BLOCK) {
    const count = Math.min(BLOCK, values.length - start);
    block.set(values.subarray(start, start + count));
    for (let i = 0; i < count; i++) {
      const each = bits[i]!;
      const isNaN = (each & 0x7fffffff) > 0x7f800000;
      target[start + i] = isNaN ? (each >>> 16) | 0x0040 : (each + 0x7fff + ((each >>> 16) & 1)) >>> 16;
    }
  }
}

/** The value of one IEEE 754 binary16. Exact, subnormals included. */
export function float16ToFloat32(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The binary16 nearest to `value` (a float32), ties to even. */
export function float32ToFloat16(value: number): number {
  asFloat[0] = value;
  const bits = asBits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  if (Number.isNaN(value)) return sign | 0x7e00;
  const exponent = ((bits >>> 23) & 0xff) - 127 + 15;
  const fraction = bits & 0x7fffff;
  if (exponent >= 0x1f) return sign | 0x7c00;
  if (exponent <= 0) {
    if (exponent < -10) return sign; // less than half of the smallest subnormal
    return sign | shiftToEven(fraction | 0x800000, 14 - exponent);
  }
  // A carry out of the fraction increments the exponent, which is correct (up to infinity).
  return sign | ((exponent << 10) + shiftToEven(fraction, 13));
}

/** `value >> places` of a non-negative integer, rounded to nearest, ties to even. */
function shiftToEven(value: number, places: number): number {
  const kept = value >>> places;
  const lost = value & ((1 << places) - 1);
  const half = 1 << (places - 1);
  return lost > half || (lost === half && (kept & 1) === 1) ? kept + 1 : kept;
}
