/** @file Two engines' losses of a step in which the terms cancel: rounding passes, and faults that are planted do not. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadRuntime } from '../runtime/backend.ts';
import { computeAdvantages } from '../training/grpo/advantages.ts';
import { policyLoss, rowWeights } from '../training/update/loss.ts';
import { compareLosses, lossTerms } from './loss-terms.ts';

const [GROUP, LENGTH, BETA] = [4, 24, 0.04];
/** Of each answer; all of one length, as they are where a step's terms cancel. */
const REWARDS = [1, 0.2, 0, 0.7, 0, 1, 1, 0.4, 0.9, 0.3, 0.6, 0];
const rows = REWARDS.length;

/** The same values at every run, spread evenly from 0 to 1. */
function spread(at: number): number {
  return (at * 0.618_033_988_749_895) % 1;
}

function step() {
  const { advantages } = computeAdvantages(
    REWARDS.map((reward) => [reward]),
    [1],
    GROUP,
    'group',
  );
  const mask = new Float32Array(rows * LENGTH).fill(1);
  const oldLogprobs = Float32Array.from(mask, (_, at) => -4 * spread(at + 1));
  return {
    mask,
    advantages,
    oldLogprobs,
    refLogprobs: oldLogprobs.map((value, at) => value + 0.45 * (spread(3 * at + 2) - 0.5)),
    rowWeights: rowWeights({ lossType: 'dapo', maxCompletionLength: LENGTH }, mask, LENGTH),
  };
}
type Step = ReturnType<typeof step>;

/** The loss in float32, as the engine computes it. */
function engineLoss({ mask, advantages, oldLogprobs, refLogprobs, rowWeights: weights }: Step, beta = BETA): number {
  const plane = (values: Float32Array): tf.Tensor => tf.tensor2d(values, [rows, LENGTH]);
  // The log-probs of scoring and of training differ by the order of their sums.
  const logprobs = plane(oldLogprobs.map((value, at) => value + 1e-6 * (spread(7 * at + 5) - 0.5)));
  const { loss } = policyLoss(
    {
      ...{ logprobs, oldLogprobs: plane(oldLogprobs), refLogprobs: plane(refLogprobs), mask: plane(mask) },
      ...{ rowWeights: tf.tensor1d(weights), advantages: tf.tensor1d(advantages), beta: tf.scalar(beta) },
    },
    { epsilon: 0.2, epsilonHigh: 0.2 },
  );
  return loss.dataSync()[0] ?? NaN;
}

/** The loss in float64, and the size of its terms. */
function exact(): { loss: number; terms: number } {
  const right = step();
  const terms = lossTerms(right, BETA);
  const gains = lossTerms(right, 0);
  const signed = lossTerms({ ...right, advantages: right.advantages.map((value) => Math.max(0, value)) }, 0);
  // Σ w·|A| is positive and negative parts together.
  return { loss: terms - gains - (2 * signed - gains), terms };
}

beforeAll(async () => {
  await loadRuntime();
});

describe('two losses of a step whose terms cancel', () => {
  it('are the same up to the rounding of the terms', () => {
    const { loss, terms } = exact();
    expect(Math.abs(loss)).toBeLessThan(terms / 500);
    const found = engineLoss(step());
    expect(found).not.toBe(loss);
    expect(compareLosses(found, loss, terms).holds).toBe(true);
    expect(compareLosses(found, loss, terms).share).toBeLessThan(1e-6);
  });

  it.each<[string, (right: Step) => Step, number?]>([
    ['an advantage has the other sign', (right) => ({ ...right, advantages: flipped(right.advantages) })],
    ['the KL weight is doubled', (right) => right, 2 * BETA],
    ['the KL weight is a twentieth too large', (right) => right, 1.05 * BETA],
    ['a token is left out', (right) => ({ ...right, mask: right.mask.map((value, at) => (at === 30 ? 0 : value)) })],
    ['the KL is taken to be none', (right) => ({ ...right, refLogprobs: right.oldLogprobs })],
  ])('are told apart where %s', (_, broken, beta = BETA) => {
    const { loss, terms } = exact();
    expect(compareLosses(engineLoss(broken(step()), beta), loss, terms).holds).toBe(false);
  });

  it('are told apart where one is not a number', () => {
    expect(compareLosses(NaN, 0, 1).holds).toBe(false);
    expect(compareLosses(0, 0, NaN).holds).toBe(false);
  });
});

function flipped(advantages: readonly number[]): number[] {
  return advantages.map((value, row) => (row === 1 ? -value : value));
}
