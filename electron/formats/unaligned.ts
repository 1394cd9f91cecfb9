/**
 * @file Arrays that begin 4 bytes into their buffer. Buffers begin at multiples of at least 8 bytes, so such an array's
 * address is never a multiple of 8. A library that borrows only memory aligned for its vector units therefore copies it
 * (engine/runtime/native-binding.ts explains why that matters).
 */
const OFFSET = 4;
const GRID = 8;

/** @param byteLength of the array @returns zeros */
export function unalignedBytes(byteLength: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(OFFSET + byteLength), OFFSET, byteLength);
}

/** @param length in numbers @returns zeros */
export function unalignedFloats(length: number): Float32Array<ArrayBuffer> {
  return new Float32Array(new ArrayBuffer(OFFSET + 4 * length), OFFSET, length);
}

/** The same numbers, unaligned: the array itself if it already is, otherwise a copy. */
export function unaligned<T extends Float32Array | Int32Array | Uint8Array>(values: T): T {
  if (values.byteOffset % GRID !== 0) return values;
  const copy = unalignedBytes(values.byteLength);
  copy.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  const Kind = values.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => T;
  return new Kind(copy.buffer, OFFSET, values.length);
}
