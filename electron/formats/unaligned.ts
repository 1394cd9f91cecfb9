/**
 * @file Arrays that begin 4 bytes into their buffer. Buffers begin on multiples of at least 8 bytes, so such an array's
 * address is never a multiple of 8: a library that borrows memory only where it lies on its vector units' grid takes
 * a copy of it instead (engine/runtime/native-binding.ts says why that matters).
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

/** The same numbers, off the grid: the array itself where it is so already, and a copy otherwise. */
export function unaligned<T extends Float32Array | Int32Array | Uint8Array>(values: T): T {
  if (values.byteOffset % GRID !== 0) return values;
  const copy = unalignedBytes(values.byteLength);
  copy.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  const Kind = values.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => T;
  return new Kind(copy.buffer, OFFSET, values.length);
}
