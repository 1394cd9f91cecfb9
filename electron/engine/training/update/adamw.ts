/** @file AdamW with decoupled weight decay and clipping by the global norm, equal to torch.optim.AdamW. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { OptimiserConfig } from '../../../contract/model/recipe.ts';
import type { AdamSlot, AdamUpdate } from '../../runtime/program.ts';

export type AdamConfig = Pick<
  OptimiserConfig,
  'adamBeta1' | 'adamBeta2' | 'adamEpsilon' | 'weightDecay' | 'maxGradNorm'
>;

/** Scalars that change from step to step, computed on the host in double precision. */
export interface AdamScalars {
  learningRate: Tensor;
  /** 1 − β₁ᵗ and √(1 − β₂ᵗ) for the 1-based step t. */
  correction1: Tensor;
  correction2: Tensor;
}

/** Tensors of this rank or more decay: matrices and convolution kernels, but no biases and no norm scales. */
const MATRIX_RANK = 2;

/** √(Σ‖g‖²) over all gradients. */
export function globalNorm(gradients: readonly Tensor[]): Tensor {
  return tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))));
}

export interface Trained {
  name: string;
  gradient: Tensor;
}

/** Names of the running means of a tensor's gradient and of its square. */
export function adamState(name: string): { mean: string; square: string } {
  return { mean: `adam/${name}/mean`, square: `adam/${name}/square` };
}

/**
 * One step for all trained tensors. torch corrects the biases of both means: θ − η/c₁ · m / (√v/c₂ + ε), which is
 * θ − (η·c₂/c₁) · m / (√v + ε·c₂). If the norm is not finite, the step changes nothing, so that one bad batch cannot
 * destroy the weights.
 */
export function adamUpdate(
  trained: readonly Trained[],
  scalars: AdamScalars,
  config: AdamConfig,
): { norm: Tensor; adam: AdamUpdate } {
  const norm = globalNorm(trained.map(({ gradient }) => gradient));
  const usable = tf.isFinite(norm);
  const orElse = (value: Tensor, other: number): Tensor => tf.where(usable, value, tf.scalar(other));
  // As torch clips: min(1, max / (norm + 1e-6)).
  const clip = tf.minimum(1, tf.div(config.maxGradNorm, tf.add(norm, 1e-6)));
  const learningRate = orElse(scalars.learningRate, 0);
  const decay = config.weightDecay > 0 ? tf.sub(1, tf.mul(learningRate, config.weightDecay)) : null;
  const slots = trained.map(({ name, gradient }): AdamSlot => {
    // If the norm is finite, every gradient is. If not, none counts.
    const clipped = tf.where(usable, tf.mul(gradient, clip), tf.zerosLike(gradient));
    const decays = decay !== null && gradient.rank >= MATRIX_RANK;
    return { parameter: name, ...adamState(name), gradient: clipped, ...(decays ? { decay } : {}) };
  });
  return {
    norm,
    adam: {
      rate: tf.mul(learningRate, tf.div(scalars.correction2, scalars.correction1)),
      beta1: orElse(tf.scalar(config.adamBeta1), 1),
      beta2: orElse(tf.scalar(config.adamBeta2), 1),
      epsilon: tf.mul(scalars.correction2, config.adamEpsilon),
      slots,
    },
  };
}
