/** @file Logits are float32, also where the table is kept in bfloat16. */
import { expect, it } from 'vitest';
import type { Tensor } from '@tensorflow/tfjs-core';
import { bfloat16ToFloat32, narrowToBfloat16 } from '../../formats/float-bits.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { programMemory } from '../runtime/compiled-program.ts';
import { createProgram } from '../runtime/create-program.ts';
import { entryOf, float32 } from '../runtime/program.ts';
import { outputProduct } from './output-product.ts';

const runtime = await loadRuntime();
// More than one block of the table, and a last one that is not whole.
const [VOCABULARY, WIDTH] = [5000, 1024];

it.skipIf(runtime.native === null).each([1, 3, 20])(
  'two tokens that differ by less than a step of bfloat16 do not tie (%i rows)',
  async (rows) => {
    const words = new Uint16Array(VOCABULARY * WIDTH);
    narrowToBfloat16(
      Float32Array.from({ length: words.length }, (_, i) => Math.sin(i % 7919)),
      words,
    );
    const table = Float32Array.from(words, bfloat16ToFloat32);
    const entry = entryOf(['logits'], { hidden: float32([rows, WIDTH]) }, ({ hidden }, variables) => ({
      outputs: { logits: outputProduct(hidden, variables['table'] as Tensor) },
    }));
    const program = await createProgram(runtime, {
      variables: { table: { role: 'weight', shape: [VOCABULARY, WIDTH], dtype: 'bfloat16' } },
      entries: { entry },
    });
    program.set({ table: new Uint8Array(words.buffer) });
    const hidden = Float32Array.from({ length: rows * WIDTH }, (_, i) => Math.cos(i));
    const logits = (await program.call(entry, { hidden }))['logits'] as Float32Array;
    program.dispose();
    let worst = 0;
    for (let row = 0; row < rows; row++) {
      for (let token = 0; token < VOCABULARY; token += 61) {
        let sum = 0;
        for (let i = 0; i < WIDTH; i++) sum += hidden[row * WIDTH + i]! * table[token * WIDTH + i]!;
        worst = Math.max(worst, Math.abs(sum - logits[row * VOCABULARY + token]!));
      }
    }
    // Magnitudes reach 25, where bfloat16 would be off by up to 0.06.
    expect(Math.max(...logits.map(Math.abs))).toBeGreaterThan(20);
    expect(worst).toBeLessThan(1e-3);
  },
);

it.skipIf(runtime.native === null)('the memory plan does not count the table as if it were widened as a whole', () => {
  const entry = entryOf(['logits'], { hidden: float32([1, WIDTH]) }, ({ hidden }, variables) => ({
    outputs: { logits: outputProduct(hidden, variables['table'] as Tensor) },
  }));
  const { calls } = programMemory(runtime.native!, {
    variables: { table: { role: 'weight', shape: [VOCABULARY, WIDTH], dtype: 'bfloat16' } },
    entries: { entry },
  });
  expect(calls['entry']).toBeGreaterThan(0);
  // A block of 2^21 values in bfloat16 and in float32, and the logits.
  expect(calls['entry']).toBeLessThan(16e6);
  expect(4 * VOCABULARY * WIDTH).toBeGreaterThan(20e6);
});
