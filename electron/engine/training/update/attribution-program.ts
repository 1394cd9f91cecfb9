/**
 * @file Which group an update served: the inner product of a group's gradient with the step's negative change of the
 * weights, ⟨gᵢ, θ − θ′⟩. To first order, that is how much the step lowered the group's own share of the loss. Losses are
 * sums over completions (loss.ts), so the gᵢ add up to the batch's gradient and the projections to ⟨g, θ − θ′⟩.
 */
import * as tf from '@tensorflow/tfjs-core';
import { variables as variablesOf, type Entry, type Tensors, type VariableSpec } from '../../runtime/program.ts';
import { get, type PolicyShape, type PolicyState } from '../policy-program.ts';
import { accumulateEntry, accumulator, type BatchSpecs, type UpdateConfig } from './update-program.ts';
import type { RowFeeds } from './update-step.ts';

/**
 * Relative error of a log-prob in float32: a logit is a sum over the hidden units, so it loses a few of the 24 bits of a
 * single number.
 */
const ROUNDING = 2 ** -20;

/** The smallest change of a loss of about 1 that float32 can hold. */
const SMALLEST_CHANGE = 2 ** -23;

/** Projections of a step, or zeros if all of them together are too small to change the loss as it is computed. */
export function withoutRounding(projections: readonly number[]): number[] {
  const total = projections.reduce((sum, projection) => sum + Math.abs(projection), 0);
  return projections.map((projection) => (total <= SMALLEST_CHANGE ? 0 : projection));
}

/** Name of the variable that keeps a trained tensor as it was before the step. */
export function beforeName(name: string): string {
  return `before/${name}`;
}

/** The trained tensors before the step, for exact projections. */
export function beforeVariables(
  shapes: Record<string, readonly number[]>,
  trainable: readonly string[],
): Record<string, VariableSpec> {
  const before = trainable.map((name) => [beforeName(name), shapes[name] ?? []] as const);
  return variablesOf('copy', Object.fromEntries(before), 'zeros');
}

/**
 * ⟨gᵢ, θ − θ′⟩ of the fed prompts, with the gradient at the weights before the step.
 * Outputs `projection` and `loss`, the group's share of the loss before the step.
 */
export function projectEntry(
  state: PolicyState,
  shape: PolicyShape,
  config: UpdateConfig,
): Entry<BatchSpecs, 'projection' | 'loss'> {
  const accumulate = accumulateEntry(state, shape, config);
  return {
    inputs: accumulate.inputs,
    run: (inputs, variables) => {
      const past: Tensors = { ...variables };
      for (const name of config.trainable) {
        past[name] = get(variables, beforeName(name));
        past[accumulator(name)] = tf.zerosLike(past[name]);
      }
      const { outputs, updates = {} } = accumulate.run(inputs, past);
      const parts = config.trainable.map((name) =>
        tf.sum(tf.mul(get(updates, accumulator(name)), tf.sub(get(past, name), get(variables, name)))),
      );
      return { outputs: { projection: tf.addN(parts), ...(outputs.loss === undefined ? {} : { loss: outputs.loss }) } };
    },
  };
}

/**
 * The same to first order from log-probs alone: Σₜ ∂L/∂logpₜ · (logpₜ − logpₜ′) over each group's counted tokens, with
 * the derivative at the start of the step (ratio 1): w·(−A + β·(1 − exp(ref − logp))).
 * @param rows mask, rowWeights, oldLogprobs, refLogprobs and advantages of the step
 * A step that changes the log-probs by no more than float32 rounds them served no group.
 * @param before log-probs of the completions at the start of the step, scored by the same program as `after`, so that a
 *   step which changes nothing differs by exactly zero [R·C]
 * @param after log-probs of the same completions after the step [R·C]
 * @returns one number per group, in units of the loss
 */
export function firstOrderProjections(
  rows: RowFeeds,
  before: Float32Array,
  after: Float32Array,
  beta: number,
  { groupSize, completionLength }: Pick<PolicyShape, 'groupSize' | 'completionLength'>,
): number[] {
  const { mask, rowWeights: weights, refLogprobs: reference, advantages } = rows;
  if (reference === undefined || advantages === undefined)
    throw new Error('Only steps with a policy loss have first-order projections.');
  const projections = new Array<number>(advantages.length / groupSize).fill(0);
  let moved = 0;
  let rounding = 0;
  mask.forEach((counts, index) => {
    if (counts === 0) return;
    const row = Math.floor(index / completionLength);
    const start = before[index] ?? 0;
    const distance = (reference[index] ?? 0) - start;
    const slope = (weights[row] ?? 0) * (beta * (1 - Math.exp(distance)) - (advantages[row] ?? 0));
    const group = Math.floor(row / groupSize);
    const change = start - (after[index] ?? 0);
    projections[group] = (projections[group] ?? 0) + slope * change;
    moved += Math.abs(change);
    rounding += ROUNDING * Math.max(1, Math.abs(start));
  });
  return moved <= rounding ? projections.map(() => 0) : projections;
}
