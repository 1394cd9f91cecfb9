/** @file What becomes one kernel: how many a function takes, and that it computes the same. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { silu } from '../../model/ops.ts';
import { bothWays, type KernelCase } from '../../testing/both-ways.ts';
import { useSwiftShader } from '../../testing/swiftshader.ts';
import { loadRuntime, type Runtime } from '../backend.ts';
import { entryOf, float32, type Entry, type Tensors } from '../program.ts';
import { planProgram } from './wgsl-program.ts';

const here = useSwiftShader();
let runtime: Runtime;

beforeAll(async () => {
  if (here) runtime = await loadRuntime();
});

/** The kinds of kernels that a function starts. */
function kernelsOf({ inputs, run }: KernelCase): string[] {
  const entry = entryOf(['none'], inputs, (given) => ({ outputs: run(given) })) as unknown as Entry;
  const { plans } = planProgram({ variables: {}, entries: { entry } });
  return plans.get(entry)!.plan.steps.map((step) => (step.kind === 'kernel' ? step.kernel.label : step.kind));
}

function product(x: Tensor | undefined, w: Tensor | undefined): Tensor {
  return tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D, false, true);
}

function norm(x: Tensor, weight: Tensor): Tensor {
  return tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-5))), weight);
}

/** The names of a linear layer with LoRA. */
function adapted({ x, w, bias, a, b }: Tensors, scale = 2): Tensor {
  return tf.add(tf.add(product(x, w), bias!), tf.mul(product(product(x, a), b), scale));
}

describe.skipIf(!here)('one kernel', () => {
  it.each([3, 40, 600])('norms %d rows of 70, and of 300', async (rows) => {
    for (const width of [70, 300]) {
      const norms: KernelCase = {
        alone: true,
        inputs: { x: float32([2, rows, width]), weight: float32([width]) },
        run: ({ x, weight }) => {
          const y = norm(x!, weight!);
          return { y, turned: tf.transpose(tf.mul(y, 2), [0, 2, 1]) };
        },
      };
      expect(kernelsOf(norms).filter((label) => label.includes('mean'))).toHaveLength(1);
      expect(kernelsOf(norms)).toHaveLength(2);
      await bothWays(runtime, norms);
    }
  });

  it('takes each row less its mean, and divides it by its deviation', async () => {
    const layer: KernelCase = {
      within: 1e-4,
      inputs: { x: float32([9, 70]), weight: float32([70]), bias: float32([70]) },
      run: ({ x, weight, bias }) => {
        const centred = tf.sub(x!, tf.mean(x!, -1, true));
        const y = tf.add(norm(centred, weight!), bias!);
        return { y };
      },
    };
    expect(kernelsOf(layer)).toEqual(['mean', 'mean']);
    await bothWays(runtime, layer);
  });

  it('goes over rows whose sum is all that another kernel needs', async () => {
    const sums: KernelCase = {
      inputs: { x: float32([9, 70]), w: float32([50, 70]) },
      run: ({ x, w }) => ({ y: product(tf.mul(x!, tf.rsqrt(tf.add(tf.mean(tf.square(x!), -1, true), 1))), w) }),
    };
    expect(kernelsOf(sums)).toEqual(['mean', 'product']);
    await bothWays(runtime, sums);
  });

  it.each([
    [3, 50],
    [100, 3],
    [70, 50],
    [600, 520],
  ])('adds what LoRA gives to a product of %d rows and %d columns', async (rows, columns) => {
    const lora: KernelCase = {
      alone: true,
      inputs: {
        x: float32([rows, 40]),
        w: float32([columns, 40]),
        bias: float32([columns]),
        a: float32([8, 40]),
        b: float32([columns, 8]),
      },
      run: (given) => ({ y: adapted(given) }),
    };
    expect(kernelsOf(lora)).toHaveLength(2);
    await bothWays(runtime, lora);
  });

  it.each([
    [3, 50],
    [100, 3],
    [70, 50],
    [600, 520],
  ])('multiplies with a gate and its partner: %d rows, %d columns', async (rows, columns) => {
    const gated: KernelCase = {
      alone: true,
      inputs: { x: float32([rows, 40]), gate: float32([columns, 40]), up: float32([columns, 40]) },
      run: ({ x, gate, up }) => ({ y: tf.mul(silu(product(x, gate)), product(x, up)) }),
    };
    expect(kernelsOf(gated)).toHaveLength(1);
    await bothWays(runtime, gated);
  });

  it('multiplies with a gate and its partner, both with LoRA', async () => {
    const shapes = { w: [50, 40], a: [8, 40], b: [50, 8] };
    const named = (end: string): KernelCase['inputs'] =>
      Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [`${name}${end}`, float32(shape)]));
    const gated: KernelCase = {
      alone: true,
      inputs: { x: float32([6, 40]), ...named('0'), ...named('1') },
      run: (given) => {
        const layer = (end: number): Tensor =>
          tf.add(
            product(given['x'], given[`w${end}`]),
            product(product(given['x'], given[`a${end}`]), given[`b${end}`]),
          );
        return { y: tf.mul(silu(layer(0)), layer(1)) };
      },
    };
    expect(kernelsOf(gated)).toEqual(['narrow product', 'narrow product']);
    await bothWays(runtime, gated);
  });

  it('writes a product that something else reads too', async () => {
    const both: KernelCase = {
      inputs: { x: float32([20, 40]), w: float32([50, 40]), up: float32([50, 40]) },
      run: ({ x, w, up }) => {
        const gate = product(x, w);
        return { y: tf.mul(silu(gate), product(x, up)), rows: tf.sum(gate, 1), gate };
      },
    };
    expect(kernelsOf(both)).toEqual(['product', 'product + sum']);
    await bothWays(runtime, both);
  });
});
