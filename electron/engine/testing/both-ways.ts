/** @file For tests only: a function as compiled kernels, against the same on the processor's kernels. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import type { Runtime } from '../runtime/backend.ts';
import { createEagerProgram } from '../runtime/eager-program.ts';
import { entryOf, type Entry, type FeedData, type TensorSpec, type Tensors } from '../runtime/program.ts';
import { ALONE } from '../runtime/webgpu/subgroups.ts';
import { createWgslProgram } from '../runtime/wgsl/wgsl-program.ts';

/** Numbers that do not depend on the machine. */
export function numbers(count: number, seed: number): Float32Array {
  let state = seed * 2654435761 + 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

export interface KernelCase {
  inputs: Record<string, TensorSpec>;
  run: (inputs: Tensors) => Record<string, Tensor>;
  /** Integer inputs. */
  whole?: Record<string, number[]>;
  within?: number;
  /** Also with kernels whose threads hand no values to each other. */
  alone?: boolean;
}

/** Computes a function compiled for the GPU, and on the processor's kernels, and compares. */
export async function bothWays(
  runtime: Runtime,
  { inputs, run, whole = {}, within = 1e-5, alone = false }: KernelCase,
): Promise<void> {
  const entry = entryOf(['none'], inputs, (given) => ({ outputs: run(given) })) as unknown as Entry;
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }], at): [string, FeedData] => {
      const count = shape.reduce((a, b) => a * b, 1);
      return [name, dtype === 'int32' ? Int32Array.from(whole[name] ?? []) : numbers(count, at + 1)];
    }),
  );
  const spec = { variables: {}, entries: { entry } };
  await tf.setBackend('cpu');
  const wanted = await createEagerProgram(spec).call(entry, feeds as never);
  await tf.setBackend('webgpu');
  const gpu = runtime.gpu!;
  for (const together of alone ? [gpu.programs.together, ALONE] : [gpu.programs.together]) {
    const compiled = createWgslProgram(spec, { ...gpu, programs: { times: null, together } });
    const found = await compiled.call(entry, feeds as never);
    compiled.dispose();
    expectEqual(found, wanted, within);
  }
}

function expectEqual(found: object, wanted: object, within: number): void {
  expect(Object.keys(found)).toEqual(Object.keys(wanted));
  for (const [name, values] of Object.entries(wanted as Record<string, FeedData>)) {
    const own = (found as Record<string, FeedData>)[name]!;
    expect(own.length, name).toBe(values.length);
    let worst = 0;
    values.forEach((value, i) => {
      const difference = Math.abs(value - own[i]!) / Math.max(1, Math.abs(value));
      if (!(difference <= worst)) worst = difference;
    });
    expect(worst, name).toBeLessThanOrEqual(within);
  }
}
