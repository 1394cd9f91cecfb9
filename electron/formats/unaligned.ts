/**
 * @file Arrays that begin 4 bytes into their buffer. Buffers begin at multiples of at least 8 bytes, so such an array's
 * address is never a multiple of 8. A library that borrows only memory aligned for its vector units therefore copies it
 * (engine/runtime/native-binding.ts explains why that matters).
 */
import { AtelierError } from '../contract/errors/errors.ts';
import { bytes } from '../method/byte-size.ts';

const OFFSET = 4;
const GRID = 8;

/** @param byteLength of the array @returns zeros @throws AtelierError OUT_OF_MEMORY */
export function unalignedBytes(byteLength: number): Uint8Array<ArrayBuffer> {
  return reserve(byteLength, (buffer) => new Uint8Array(buffer, OFFSET, byteLength));
}

/** @param length in numbers @returns zeros @throws AtelierError OUT_OF_MEMORY */
export function unalignedFloats(length: number): Float32Array<ArrayBuffer> {
  return reserve(4 * length, (buffer) => new Float32Array(buffer, OFFSET, length));
}

function reserve<T>(byteLength: number, view: (buffer: ArrayBuffer) => T): T {
  try {
    return view(new ArrayBuffer(OFFSET + byteLength));
  } catch (cause) {
    // There is not enough memory, or the array would be longer than the language allows.
    throw new AtelierError('OUT_OF_MEMORY', `The engine is out of memory: one array takes ${bytes(byteLength)}.`, {
      remedy: 'Close other programs, or choose a smaller model or less detail.',
      cause,
    });
  }
}

/** The same numbers, unaligned: the array itself if it already is, otherwise a copy. */
export function unaligned<T extends Float32Array | Int32Array | Uint8Array>(values: T): T {
  if (values.byteOffset % GRID !== 0) return values;
  const copy = unalignedBytes(values.byteLength);
  copy.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  const Kind = values.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => T;
  return new Kind(copy.buffer, OFFSET, values.length);
}
