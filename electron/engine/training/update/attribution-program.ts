/**
 * @file Which group an update served: the inner product of a group's gradient with the step's negative change of the
 * weights, ⟨gᵢ, θ − θ′⟩. To first order it is by how much the step lowered the group's own part of the loss. Losses are
 * sums over completions (loss.ts), so the gᵢ add up to the batch's gradient and the projections to ⟨g, θ − θ′⟩.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Entry, Tensors, TensorSpec } from '../../runtime/program.ts';
import type { Feeds } from '../batch.ts';
import { get, type PolicyShape, type PolicyState } from '../policy-program.ts';
import { accumulateEntry, accumulator, type UpdateConfig } from './update-program.ts';

/** Name of the variable that keeps a trained tensor as it was before the step. */
export function beforeName(name: string): string {
  return `before/${name}`;
}

/** The trained tensors before the step; wanted for exact projections. */
export function beforeVariables(
  shapes: Record<string, readonly number[]>,
  trainable: readonly string[],
): Record<string, TensorSpec> {
  return Object.fromEntries(
    trainable.map((name) => [beforeName(name), { shape: shapes[name] ?? [], dtype: 'float32' as const }]),
  );
}

/**
 * ⟨gᵢ, θ − θ′⟩ of the prompts that are fed, with the gradient at the weights before the step.
 * Outputs `projection` and `loss`, the group's part of the loss before the step.
 */
export function projectEntry(state: PolicyState, shape: PolicyShape, config: UpdateConfig): Entry {
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
      return { outputs: { projection: tf.addN(parts), loss: get(outputs, 'loss') } };
    },
  };
}

/**
 * The same to first order from log-probs alone: Σₜ ∂L/∂logpₜ · (logpₜ − logpₜ′) over each group's counted tokens, with
 * the derivative where the step began (ratio 1): w·(−A + β·(1 − exp(ref − logp))).
 * @param rows mask, rowWeights, oldLogprobs, refLogprobs and advantages of the step
 * @param after log-probs of the same completions after the step [R·C]
 * @returns one number per group
 */
export function firstOrderProjections(
  rows: Feeds,
  after: Float32Array,
  beta: number,
  { groupSize, completionLength }: Pick<PolicyShape, 'groupSize' | 'completionLength'>,
): number[] {
  const of = (name: string): Float32Array => {
    const data = rows[name];
    if (!(data instanceof Float32Array)) throw new Error(`The feed ${name} is missing.`);
    return data;
  };
  const [mask, weights, old, reference, advantages] = [
    of('mask'),
    of('rowWeights'),
    of('oldLogprobs'),
    of('refLogprobs'),
    of('advantages'),
  ];
  const projections = new Array<number>(advantages.length / groupSize).fill(0);
  mask.forEach((counts, index) => {
    if (counts === 0) return;
    const row = Math.floor(index / completionLength);
    const distance = (reference[index] ?? 0) - (old[index] ?? 0);
    const slope = (weights[row] ?? 0) * (beta * (1 - Math.exp(distance)) - (advantages[row] ?? 0));
    const group = Math.floor(row / groupSize);
    projections[group] = (projections[group] ?? 0) + slope * ((old[index] ?? 0) - (after[index] ?? 0));
  });
  return projections;
}
