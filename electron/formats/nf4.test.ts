/** @file NF4 has the bits of bitsandbytes (fixtures/nf4.json, made by fixtures/nf4.py). */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { quantiseToNf4, roundToNf4, unpackNf4 } from './nf4.ts';

const golden = JSON.parse(await readFile(new URL('./fixtures/nf4.json', import.meta.url), 'utf8')) as Record<
  'values' | 'codes' | 'scales' | 'rounded',
  number[]
>;
const bitsOf = (values: Float32Array): number[] => [...new Int32Array(values.buffer)];
const values = (): Float32Array => new Float32Array(Int32Array.from(golden.values).buffer);

describe('NF4', () => {
  it('gives every value the code and every block the scale that bitsandbytes gives it', () => {
    const { codes, scales } = quantiseToNf4(values());
    expect([...codes]).toEqual(golden.codes);
    expect(bitsOf(scales)).toEqual(golden.scales);
    expect(bitsOf(unpackNf4(codes, scales))).toEqual(golden.rounded);
  });

  it('rounds every value to the bits that bitsandbytes dequantises', () => {
    const rounded = values();
    roundToNf4(rounded);
    expect(bitsOf(rounded)).toEqual(golden.rounded);
  });
});
