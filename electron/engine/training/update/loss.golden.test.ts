/** @file The token loss against TRL's, with and without its use_bias_correction_kl (fixtures/bias_correction_kl.py). */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadRuntime } from '../../runtime/backend.ts';
import { policyLoss, rowWeights } from './loss.ts';

interface Golden {
  logprobs: number[];
  old: number[];
  ref: number[];
  advantages: number[];
  mask: number[];
  rows: number;
  length: number;
  beta: number;
  epsilon: number;
  epsilonHigh: number;
  cases: Record<'true' | 'false', { loss: number; kl: number; gradient: number[] }>;
}
const golden = JSON.parse(readFileSync(new URL('fixtures/bias-correction-kl.json', import.meta.url), 'utf8')) as Golden;

beforeAll(async () => {
  await loadRuntime();
});

function found(useBiasCorrectionKl: boolean) {
  const { rows, length, epsilon, epsilonHigh, mask, beta, advantages } = golden;
  const plane = (values: number[]): tf.Tensor => tf.tensor2d(values, [rows, length]);
  const weights = rowWeights({ lossType: 'grpo', maxCompletionLength: length }, Float32Array.from(mask), length);
  let kl = 0;
  const { value, grads } = tf.valueAndGrads((logprobs) => {
    const result = policyLoss(
      {
        logprobs: logprobs as tf.Tensor,
        oldLogprobs: plane(golden.old),
        refLogprobs: plane(golden.ref),
        mask: plane(mask),
        rowWeights: tf.tensor1d(weights),
        advantages: tf.tensor1d(advantages),
        beta: tf.scalar(beta),
      },
      { epsilon, epsilonHigh, useBiasCorrectionKl },
    );
    kl = result.kl.dataSync()[0] ?? NaN;
    return result.loss;
  })([plane(golden.logprobs)]);
  return { loss: value.dataSync()[0] ?? NaN, kl, gradient: [...(grads[0]?.dataSync() ?? [])] };
}

describe('the policy loss', () => {
  it.each([false, true])("has the loss, the KL and the gradient of TRL's, bias correction %s", (corrected) => {
    const wanted = golden.cases[`${corrected}`];
    const { loss, kl, gradient } = found(corrected);
    expect(loss).toBeCloseTo(wanted.loss, 5);
    expect(kl).toBeCloseTo(wanted.kl, 4);
    gradient.forEach((each, index) => expect(each).toBeCloseTo(wanted.gradient[index] ?? NaN, 5));
  });

  it('differs with the correction, so the option does something', () => {
    expect(Math.abs(golden.cases.true.loss - golden.cases.false.loss)).toBeGreaterThan(1e-3);
  });
});
