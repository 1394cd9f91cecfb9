/** @file What is only read from files of others: blocks of q4_1, and rows in llama.cpp's order. */
import { expect, it } from 'vitest';
import { decodeGgml } from './ggml-values.ts';
import { halvedRows, pairedRows } from './paired-rows.ts';

it('reads a block of q4_1: a scale, a least value, and two values in each byte', () => {
  // 0.5 and -2 as f16, then bytes whose low half counts up and whose high half is 15 less that.
  const bytes = Uint8Array.from([0x00, 0x38, 0x00, 0xc0, ...Array.from({ length: 16 }, (_, i) => i | ((15 - i) << 4))]);
  const values = Array.from({ length: 16 }, (_, i) => 0.5 * i - 2);
  expect([...decodeGgml(bytes, 'Q4_1')]).toEqual([...values, ...values.toReversed()]);
});

it('puts the rows of a head back into the order of transformers', () => {
  const values = Float32Array.from({ length: 2 * 8 * 3 }, (_, i) => i);
  expect(pairedRows(values, 3, 8)).not.toEqual(values);
  expect(halvedRows(pairedRows(values, 3, 8), 3, 8)).toEqual(values);
});
