/** @file Logits are float32, also where the table is kept in bfloat16. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Tensor } from '@tensorflow/tfjs-core';
import { bfloat16ToFloat32, narrowToBfloat16 } from '../../formats/float-bits.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { programMemory } from '../runtime/compiled-program.ts';
import { createProgram } from '../runtime/create-program.ts';
import { entryOf, float32 } from '../runtime/program.ts';
import { registerOwnOps } from '../runtime/own-ops.ts';
import { outputProduct } from './output-product.ts';

const runtime = await loadRuntime();
const { native } = runtime;
const hasOwnOps = native?.ownOps === true;
// More than one block of the table, and a last one that is not whole.
const [VOCABULARY, WIDTH] = [5000, 1024];

/** How a product is computed: `set` before the graph is made. */
const WAYS = [
  { way: 'in blocks', here: native !== null, set: () => undefined },
  { way: 'by our own op', here: hasOwnOps, set: () => registerOwnOps(1) },
  { way: 'by our own op with AVX-512', here: hasOwnOps, set: () => registerOwnOps(1, { most: 'AVX-512' }) },
  { way: 'by our own op with AVX2', here: hasOwnOps, set: () => registerOwnOps(1, { most: 'AVX2' }) },
  { way: 'by our own op on three threads', here: hasOwnOps, set: () => registerOwnOps(3) },
];

const MOST = ['AVX-512 BF16', 'AVX-512', 'AVX2'] as const;

/** Logits of `hidden` [rows, width] with the table of `words`. */
async function logitsOf(hidden: Float32Array, words: Uint16Array, width: number): Promise<Float32Array> {
  const [rows, vocabulary] = [hidden.length / width, words.length / width];
  const entry = entryOf(['logits'], { hidden: float32([rows, width]) }, ({ hidden }, variables) => ({
    outputs: { logits: outputProduct(hidden, variables['table'] as Tensor) },
  }));
  const program = await createProgram(runtime, {
    variables: { table: { role: 'weight', shape: [vocabulary, width], dtype: 'bfloat16' } },
    entries: { entry },
  });
  program.set({ table: new Uint8Array(words.buffer) });
  const { logits } = await program.call(entry, { hidden });
  program.dispose();
  return logits as Float32Array;
}

const tables = new Map<string, Uint16Array>();

function tableOf(vocabulary: number, width: number): Uint16Array {
  const known = tables.get(`${vocabulary} ${width}`);
  if (known !== undefined) return known;
  const words = new Uint16Array(vocabulary * width);
  narrowToBfloat16(
    Float32Array.from({ length: words.length }, (_, i) => Math.sin(i % 7919)),
    words,
  );
  tables.set(`${vocabulary} ${width}`, words);
  return words;
}

/** Numbers that bfloat16 holds: to that, our own op rounds what it is given. */
function rowsOf(rows: number, width: number): Float32Array {
  const words = new Uint16Array(rows * width);
  narrowToBfloat16(
    Float32Array.from({ length: words.length }, (_, i) => Math.cos(i)),
    words,
  );
  return Float32Array.from(words, bfloat16ToFloat32);
}

afterEach(() => {
  if (hasOwnOps) {
    native.ownOps = true;
    registerOwnOps(1);
  }
});

describe.each(WAYS)('two tokens that differ by less than a step of bfloat16 do not tie, $way', ({ way, here, set }) => {
  it.skipIf(!here).each([
    [1, VOCABULARY, WIDTH],
    [3, VOCABULARY, WIDTH],
    [20, VOCABULARY, WIDTH],
    [150, 301, 1003],
    [7, 5, 31],
  ])('%i rows, %i tokens, %i wide', async (rows, vocabulary, width) => {
    if (hasOwnOps) native.ownOps = way !== 'in blocks';
    set();
    const words = tableOf(vocabulary, width);
    const hidden = rowsOf(rows, width);
    const logits = await logitsOf(hidden, words, width);
    let worst = 0;
    for (let row = 0; row < rows; row++) {
      for (let token = 0; token < vocabulary; token += Math.ceil(vocabulary / 82)) {
        let sum = 0;
        for (let i = 0; i < width; i++) sum += hidden[row * width + i]! * bfloat16ToFloat32(words[token * width + i]!);
        worst = Math.max(worst, Math.abs(sum - logits[row * vocabulary + token]!));
      }
    }
    // Magnitudes reach 25, where bfloat16 would be off by up to 0.06.
    if (width > 1000) expect(Math.max(...logits.map(Math.abs))).toBeGreaterThan(20);
    expect(worst).toBeLessThan(1e-3);
  });
});

describe.skipIf(!hasOwnOps)('our own op', () => {
  const width = 1003;
  const words = tableOf(3000, width);

  it.each(MOST)('rounds its rows to bfloat16, as every product of such a model does (%s)', async (most) => {
    registerOwnOps(1, { most });
    const rows = rowsOf(3, width);
    expect(
      await logitsOf(
        rows.map((value) => value * (1 + 2 ** -10)),
        words,
        width,
      ),
    ).toEqual(await logitsOf(rows, words, width));
  });

  it.each(MOST)('gives a row the same logits in any batch, on any number of threads (%s)', async (most) => {
    const hidden = rowsOf(23, width);
    registerOwnOps(1, { most });
    const together = await logitsOf(hidden, words, width);
    registerOwnOps(4, { most });
    expect(
      Buffer.compare(Buffer.from((await logitsOf(hidden, words, width)).buffer), Buffer.from(together.buffer)),
    ).toBe(0);
    const last = await logitsOf(hidden.slice(22 * width), words, width);
    expect(last).toEqual(together.slice(22 * 3000));
  });

  it.each(MOST)('keeps what is not a number to its own row and token (%s)', async (most) => {
    registerOwnOps(2, { most });
    const hidden = rowsOf(6, width);
    hidden[4 * width + width - 1] = Number.NaN;
    const spoilt = words.slice();
    spoilt[17 * width + 500] = 0x7fc0;
    const logits = await logitsOf(hidden, spoilt, width);
    const wrong = [...logits.keys()].filter(
      (i) => Number.isNaN(logits[i]!) !== (i % 3000 === 17 || Math.floor(i / 3000) === 4),
    );
    expect(wrong).toEqual([]);
  });

  it('is left out, with the reason, where it cannot be loaded', () => {
    expect(registerOwnOps(1, { file: '/nowhere/atelier_ops.node' })).toEqual({
      instructions: null,
      reason: 'Set-up has not built them.',
    });
    expect(registerOwnOps(1, { file: import.meta.filename }).reason).toMatch(/^They cannot be loaded \(/);
    const cut = join(mkdtempSync(join(tmpdir(), 'atelier-ops-')), 'atelier_ops.node');
    writeFileSync(cut, readFileSync('out/native/atelier_ops.node').subarray(0, 50_000));
    expect(registerOwnOps(1, { file: cut }).reason).toBe('The file that set-up built is damaged.');
  });
});

it.skipIf(runtime.native === null)('the memory plan does not count the table as if it were widened as a whole', () => {
  const entry = entryOf(['logits'], { hidden: float32([1, WIDTH]) }, ({ hidden }, variables) => ({
    outputs: { logits: outputProduct(hidden, variables['table'] as Tensor) },
  }));
  const { calls } = programMemory(runtime.native!, {
    variables: { table: { role: 'weight', shape: [VOCABULARY, WIDTH], dtype: 'bfloat16' } },
    entries: { entry },
  });
  expect(calls['entry']).toBeGreaterThan(0);
  // At most a block of 2^21 values in bfloat16 and in float32, and the logits.
  expect(calls['entry']).toBeLessThan(16e6);
  expect(4 * VOCABULARY * WIDTH).toBeGreaterThan(20e6);
});
