/** @file The GPU's own kernels, and what happens if memory runs out on it, a computation is refused, or it is lost. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { useSwiftShaderOpByOp } from '../../testing/swiftshader.ts';
import { loadRuntime, type Runtime } from '../backend.ts';
import { createProgram } from '../create-program.ts';
import { mergeRows } from '../merge-rows.ts';
import { entryOf, float32, type Program } from '../program.ts';
import { whenGpuLost } from './watch.ts';

const here = useSwiftShaderOpByOp();
let runtime: Runtime;

beforeAll(async () => {
  if (here) runtime = await loadRuntime();
});

async function valuesOf(tensor: Tensor): Promise<number[]> {
  return [...(await tensor.data())];
}

function range(count: number, shape: number[]): Tensor {
  return tf.tensor(
    Float32Array.from({ length: count }, (_, i) => i + 1),
    shape,
  );
}

describe.skipIf(!here)('kernels in place of those of tfjs', () => {
  it('add more tensors than a shader can bind', async () => {
    for (const count of [1, 2, 7, 8, 13, 14, 40]) {
      const all = Array.from({ length: count }, (_, i) => tf.mul(tf.ones([3]), i));
      expect(await valuesOf(tf.addN(all))).toEqual(Array<number>(3).fill((count * (count - 1)) / 2));
    }
  });

  it('repeat tensors of five axes', async () => {
    const x = range(12, [1, 2, 1, 3, 2]);
    const tiled = tf.tile(tf.mul(x, 1), [2, 1, 3, 1, 2]);
    expect(tiled.shape).toEqual([2, 2, 3, 3, 4]);
    const found = await valuesOf(tiled);
    const wanted: number[] = [];
    for (let a = 0; a < 2; a++)
      for (let b = 0; b < 2; b++)
        for (let c = 0; c < 3; c++)
          for (let d = 0; d < 3; d++) for (let e = 0; e < 4; e++) wanted.push(b * 6 + d * 2 + (e % 2) + 1);
    expect(found).toEqual(wanted);
    expect(await valuesOf(tf.tile(tf.mul(x, 1), [1, 1, 1, 1, 1]))).toEqual(await valuesOf(x));
  });

  it('choose between tensors of five axes', async () => {
    const x = range(8, [2, 1, 2, 1, 2]);
    const chosen = tf.where(tf.greater(x, 4), x, tf.neg(x));
    expect(await valuesOf(chosen)).toEqual([-1, -2, -3, -4, 5, 6, 7, 8]);
  });

  it('multiply long rows without atomic sums, whose order would be open', async () => {
    const [rows, inner, columns] = [8, 2400, 32];
    const a = tf.randomUniform([rows, inner], -1, 1, 'float32', 1);
    const b = tf.randomUniform([columns, inner], -1, 1, 'float32', 2);
    const found = await valuesOf(tf.matMul(a, b, false, true));
    const [left, right] = [await a.data(), await b.data()];
    let wanted = 0;
    for (let k = 0; k < inner; k++) wanted += left[3 * inner + k]! * right[5 * inner + k]!;
    expect(found[3 * columns + 5]).toBeCloseTo(wanted, 3);
    const { pipelineCache } = runtime.gpu!.backend as unknown as { pipelineCache: Record<string, unknown> };
    expect(Object.keys(pipelineCache).filter((key) => /splitk/i.test(key))).toEqual([]);
    expect(Object.keys(pipelineCache).filter((key) => /matmul/i.test(key))).not.toEqual([]);
  });

  it('find what is no finite number by its bits', async () => {
    const x = tf.tensor1d([0, -1.5, NaN, Infinity, -Infinity, 3.4e38, 1e-45]);
    expect(await valuesOf(tf.isFinite(x))).toEqual([1, 1, 0, 0, 0, 1, 1]);
    // Made on the device, too.
    const made = tf.log(tf.tensor1d([1, 0, -1]));
    expect(await valuesOf(tf.isFinite(made))).toEqual([1, 0, 0]);
  });
});

it.skipIf(!here)('an adapter is worked into stored weights', async () => {
  const [rows, columns, r] = [3, 4, 2];
  const weights = Float32Array.from({ length: rows * columns }, (_, i) => i);
  const a = Float32Array.from({ length: r * columns }, (_, i) => i / 8);
  const b = Float32Array.from({ length: rows * r }, (_, i) => 1 - i / 4);
  const job = { bytes: new Uint8Array(weights.buffer), dtype: 'F32', columns, a, b, r, scaling: 2 } as const;
  const merged = await mergeRows(runtime, job);
  const found = new Float32Array(merged.buffer, merged.byteOffset, rows * columns);
  found.forEach((value, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const change = b[row * r]! * a[column]! + b[row * r + 1]! * a[columns + column]!;
    expect(value).toBeCloseTo(weights[i]! + 2 * change, 5);
  });
});

describe.skipIf(!here)('a call', () => {
  const add = entryOf(['sum'], { x: float32([2]) }, ({ x }, { total }) => {
    const sum = tf.add(total!, x);
    return { outputs: { sum }, updates: { total: sum } };
  });
  let program: Program;

  beforeAll(async () => {
    program = await createProgram(runtime, {
      variables: { total: { role: 'weight', shape: [2], dtype: 'float32', initial: 'zeros' } },
      entries: { add },
    });
  });
  afterAll(() => program.dispose());

  it('changes variables on the device', async () => {
    expect(runtime.info).toMatchObject({ backend: 'webgpu', threads: 1 });
    await program.call(add, { x: Float32Array.of(1, 2) });
    expect((await program.call(add, { x: Float32Array.of(1, 2) })).sum).toEqual(Float32Array.of(2, 4));
  });

  it.each([
    [0, 'The GPU refused a computation: too many bindings'],
    [1, 'The GPU is out of memory: too many bindings'],
  ])('that the device reports as failed changes nothing (scope %i)', async (scope, message) => {
    const before = await program.get(['total']);
    const device = runtime.gpu!.device;
    const pop = device.popErrorScope.bind(device);
    let popped = 0;
    const spied = vi.spyOn(device, 'popErrorScope').mockImplementation(async () => {
      const own = await pop();
      return popped++ === scope ? ({ message: 'too many bindings\nmore' } as GPUError) : own;
    });
    await expect(program.call(add, { x: Float32Array.of(5, 5) })).rejects.toThrow(message);
    spied.mockRestore();
    expect(await program.get(['total'])).toEqual(before);
  });

  it('leaves no tensors behind', async () => {
    const { numTensors } = tf.memory();
    for (let turn = 0; turn < 3; turn++) await program.call(add, { x: Float32Array.of(0, 0) });
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('keeps large values on the GPU, and gives their memory back in the end', async () => {
    const { bufferManager } = runtime.gpu!.backend;
    const before = bufferManager.numBytesAllocated;
    const twice = entryOf(['sum'], {}, (_, { large }) => ({ outputs: { sum: tf.sum(tf.mul(large!, 2)) } }));
    const big = await createProgram(runtime, {
      variables: { large: { role: 'weight', shape: [100_000], dtype: 'float32' } },
      entries: { twice },
    });
    big.set({ large: new Float32Array(100_000).fill(1) });
    expect(bufferManager.numBytesAllocated - before).toBeGreaterThanOrEqual(400_000);
    expect((await big.call(twice, {})).sum).toEqual(Float32Array.of(200_000));
    big.dispose();
    expect(bufferManager.numBytesAllocated).toBeLessThanOrEqual(before);
    // Nothing that is still in use was taken away.
    expect((await program.call(add, { x: Float32Array.of(0, 0) })).sum).toEqual((await program.get(['total'])).total);
  });

  it('ends with ENGINE_LOST when the device is lost, and so does every later one', async () => {
    const lost = vi.fn<(sentence: string) => void>();
    whenGpuLost(lost);
    const call = program.call(add, { x: Float32Array.of(1, 1) });
    runtime.gpu?.device.destroy();
    await expect(call).rejects.toMatchObject({ code: 'ENGINE_LOST' });
    await expect(program.call(add, { x: Float32Array.of(1, 1) })).rejects.toMatchObject({ code: 'ENGINE_LOST' });
    expect(lost).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/^The GPU was lost/));
  });
});
