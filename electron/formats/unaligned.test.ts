import { describe, expect, it } from 'vitest';
import { unaligned, unalignedBytes, unalignedFloats } from './unaligned.ts';

const places = (view: ArrayBufferView): number => view.byteOffset % 8;

describe('arrays off the grid', () => {
  it('hold as much as asked for, and zeros', () => {
    expect(unalignedBytes(3)).toEqual(new Uint8Array(3));
    expect(unalignedFloats(3)).toEqual(new Float32Array(3));
    expect([places(unalignedBytes(0)), places(unalignedFloats(2))]).toEqual([4, 4]);
  });

  it.each([Float32Array.of(1, -2, NaN), Int32Array.of(1, -2), Uint8Array.of(1, 2, 3), new Float32Array()])(
    'keep the type and the numbers of %s',
    (values) => {
      const copy = unaligned(values);
      expect(copy).toEqual(values);
      expect(copy).not.toBe(values);
      expect(places(copy)).toBe(4);
    },
  );

  it('take a part of an array and no more', () => {
    expect(unaligned(Float32Array.of(1, 2, 3, 4).subarray(2))).toEqual(Float32Array.of(3, 4));
  });

  it('are not copied again', () => {
    const values = unalignedFloats(2);
    expect(unaligned(values)).toBe(values);
  });

  it.each([unalignedBytes, unalignedFloats])(
    'too large for the memory or the language are refused in a sentence',
    (make) => {
      expect(() => make(2 ** 50)).toThrow(
        expect.objectContaining({ code: 'OUT_OF_MEMORY', remedy: expect.any(String) as string }),
      );
    },
  );
});
