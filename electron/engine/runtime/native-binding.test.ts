/** @file TensorFlow never holds on to JavaScript's memory: what is fed can change afterwards, and comes back at once. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { loadRuntime } from './backend.ts';
import { createProgram } from './create-program.ts';
import { entryOf, float32, variables, type Program } from './program.ts';

const runtime = await loadRuntime();
const { native } = runtime;
const SIZE = 16;
// Among so many small arrays some hundred lie where the addon would lend them.
const names = Array.from({ length: 400 }, (_, index) => `v${String(index)}`);

const grow = entryOf([], { by: float32([SIZE]) }, ({ by }, current) => ({
  outputs: {},
  updates: Object.fromEntries(names.map((name) => [name, tf.add(current[name] as tf.Tensor, by)])),
}));

/** Variables that one step changes all at once, on as many threads as there are. */
function build(): Promise<Program> {
  const shapes = Object.fromEntries(names.map((name) => [name, [SIZE]]));
  return createProgram(runtime, { variables: variables('weight', shapes), entries: { grow } });
}

const filled = (value: number): Float32Array => new Float32Array(SIZE).fill(value);
const everyOne = (): Record<string, Float32Array> =>
  Object.fromEntries(names.map((name, index) => [name, filled(index)]));

describe.skipIf(native === null)('what TensorFlow is given', () => {
  it('is copied, wherever it lies, for every type', () => {
    const { binding } = native!;
    const kinds = [
      { dtype: binding.TF_FLOAT, make: () => new Float32Array(SIZE) },
      { dtype: binding.TF_INT32, make: () => new Int32Array(SIZE) },
      { dtype: binding.TF_BOOL, make: () => new Uint8Array(SIZE) },
    ];
    for (const { dtype, make } of kinds) {
      for (let round = 0; round < 100; round++) {
        const values = make().fill(1);
        const id = binding.createTensor([SIZE], dtype, values);
        values.fill(0);
        const dataId = {};
        native!.tensorMap.set(dataId, { shape: [SIZE], dtype, id, values: null, refCount: 1 });
        expect(Array.from(native!.readSync(dataId) as Float32Array)).toEqual(Array<number>(SIZE).fill(1));
        binding.deleteTensor(id);
      }
    }
  });

  it('is its own when it becomes a variable: neither side sees what the other changes', async () => {
    const program = await build();
    const values = everyOne();
    program.set(values);
    for (const array of Object.values(values)) array.fill(-1);
    await program.call(grow, { by: filled(1) });
    expect(await program.get(names)).toEqual(Object.fromEntries(names.map((name, index) => [name, filled(index + 1)])));
    for (const array of Object.values(values)) expect(array).toEqual(filled(-1));
    program.dispose();
  });

  it('is given back by the thread that gave it: variables assigned side by side leave the process whole', async () => {
    const program = await build();
    for (let round = 0; round < 100; round++) {
      program.set(everyOne());
      await program.call(grow, { by: filled(1) });
    }
    expect(await program.get(['v7'])).toEqual({ v7: filled(8) });
    program.dispose();
  });
});
