/** @file Bulk conversions give the bits of the conversions of single values, for every half and for NaN. */
import { expect, it } from 'vitest';
import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  narrowToBfloat16,
  widenBfloat16,
  widenFloat16,
} from './float-bits.ts';

const HALVES = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
const bitsOf = (values: Float32Array): Uint32Array => new Uint32Array(values.buffer, values.byteOffset, values.length);

it.each([
  ['bfloat16', widenBfloat16, bfloat16ToFloat32],
  ['float16', widenFloat16, float16ToFloat32],
] as const)('widens every %s', (_, widen, one) => {
  // Not a multiple of a block, and into the middle of another array.
  const target = new Float32Array(65540);
  widen(HALVES, target.subarray(3));
  const single = Float32Array.from(HALVES, (bits) => one(bits));
  const isNumber = (bits: number): boolean => !Number.isNaN(one(bits));
  expect([...bitsOf(target.slice(3, 65539))].filter((_bits, index) => isNumber(index))).toEqual(
    [...bitsOf(single)].filter((_bits, index) => isNumber(index)),
  );
  expect([...target.slice(3, 65539)].map(Number.isNaN)).toEqual([...single].map(Number.isNaN));
  expect([target[2], target[65539]]).toEqual([0, 0]);
});

it('narrows to the nearest bfloat16, ties to even, with infinities and NaN', () => {
  const bits = Uint32Array.from({ length: 3001 }, (_, index) => (index * 2_654_435_761) >>> 0);
  const values = new Float32Array(bits.buffer);
  const found = new Uint16Array(values.length);
  narrowToBfloat16(values, found);
  expect([...found]).toEqual([...values].map(float32ToBfloat16));
  const special = Float32Array.of(NaN, Infinity, -Infinity, -0, 3.4e38, 1.00390625, 1.01171875);
  narrowToBfloat16(special, found);
  expect([...found.subarray(0, special.length)]).toEqual([...special].map(float32ToBfloat16));
});
