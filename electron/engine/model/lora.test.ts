/** @file An adapter merged into its weight gives what it gives beside it: values, and every gradient. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadRuntime } from '../runtime/backend.ts';
import { adaptedLinear } from './lora.ts';

beforeAll(async () => {
  await loadRuntime();
});

const [ROWS, INPUTS, OUTPUTS, RANK, SCALING] = [7, 12, 9, 3, 1.5] as const;

const noise = (shape: [number, number], seed: number): tf.Tensor2D =>
  tf.tensor2d(
    Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => Math.sin(i * 78.233 + seed * 12.9898)),
    shape,
  );

/** Value of a sum over the outputs, and its gradients with respect to x, A and B. */
function run(merged: boolean, withBias: boolean): number[][] {
  const weight = noise([OUTPUTS, INPUTS], 1);
  const bias = tf.tensor1d(Float32Array.from({ length: OUTPUTS }, (_, i) => i / 10));
  const weights = { 'm.weight': weight, ...(withBias ? { 'm.bias': bias } : {}) };
  const loss = (x: tf.Tensor, a: tf.Tensor, b: tf.Tensor): tf.Scalar => {
    const adapter = { weights: { 'm.lora_A': a, 'm.lora_B': b }, scaling: SCALING, merged };
    return tf.sum(tf.square(adaptedLinear(x, weights, 'm', adapter)));
  };
  const given = [noise([ROWS, INPUTS], 2), noise([RANK, INPUTS], 3), noise([OUTPUTS, RANK], 4)];
  const { value, grads } = tf.valueAndGrads(loss as (...xs: tf.Tensor[]) => tf.Scalar)(given);
  return [value, ...grads].map((tensor) => [...tensor.dataSync()]);
}

describe('a merged adapter', () => {
  it.each([true, false])(
    'has the value and the gradients of x, A and B of one beside its weight (bias: %s)',
    (bias) => {
      const [merged, beside] = [run(true, bias), run(false, bias)];
      beside.forEach((wanted, which) => {
        const largest = Math.max(...wanted.map(Math.abs));
        const worst = Math.max(...wanted.map((value, i) => Math.abs(value - (merged[which]?.[i] ?? NaN))));
        expect(largest).toBeGreaterThan(1);
        expect(worst / largest).toBeLessThan(1e-5);
      });
    },
  );

  it('leaves a module that has no factors as it is', () => {
    const weights = { 'm.weight': noise([OUTPUTS, INPUTS], 1) };
    const x = noise([ROWS, INPUTS], 2);
    const plain = adaptedLinear(x, weights, 'm', null);
    const other = adaptedLinear(x, weights, 'm', { weights: {}, scaling: SCALING, merged: true });
    expect([...other.dataSync()]).toEqual([...plain.dataSync()]);
  });
});
