/** @file Quantised blocks against the bytes that ggml makes of the same values (fixtures/k-quants.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeGgml, encodeGgml, mostGgmlError } from './ggml-values.ts';
import { GGML_TYPES } from './gguf-header.ts';

const TYPES = ['Q4_K', 'Q6_K', 'Q5_0', 'Q8_0'] as const;
const golden = JSON.parse(readFileSync(new URL('../fixtures/k-quants.json', import.meta.url), 'utf8')) as Record<
  'values' | (typeof TYPES)[number],
  string
>;
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'));
const values = new Float32Array(bytesOf(golden.values).buffer);

describe.each(TYPES)('%s', (type) => {
  it('has the bytes of ggml', () => {
    expect(encodeGgml(values, type)).toEqual(bytesOf(golden[type]));
  });

  it('reads back what was stored, within the bound that an export holds it to', () => {
    const stored = decodeGgml(bytesOf(golden[type]), type);
    const { block } = GGML_TYPES[type];
    for (let from = 0; from < values.length; from += block) {
      const part = values.subarray(from, from + block);
      const bound = mostGgmlError(type, Math.max(...part.map(Math.abs)));
      const errors = part.map((value, i) => Math.abs(stored[from + i]! - value));
      expect(Math.max(...errors)).toBeLessThanOrEqual(bound);
    }
  });
});
