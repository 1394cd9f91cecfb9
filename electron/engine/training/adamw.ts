/** @file AdamW with decoupled weight decay and clipping by the global norm, equal to torch.optim.AdamW. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { OptimiserConfig } from '../../contract/recipe.ts';

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

export interface AdamSlot {
  parameter: Tensor;
  gradient: Tensor;
  /** Running means of the gradient and of its square. */
  mean: Tensor;
  square: Tensor;
  /** Biases and norm scales do not decay (as Hugging Face's Trainer groups them). */
  decays: boolean;
}

/** √(Σ‖g‖²) over all gradients. */
export function globalNorm(gradients: Tensor[]): Tensor {
  return tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))));
}

/**
 * Factor that brings the global norm down to `maxGradNorm`: min(1, max / (norm + 1e-6)), as torch clips.
 * It is 0 when the norm is not finite, so that one bad batch cannot destroy the weights.
 */
export function clipFactor(norm: Tensor, maxGradNorm: number): Tensor {
  const factor = tf.minimum(1, tf.div(maxGradNorm, tf.add(norm, 1e-6)));
  return tf.where(tf.isFinite(norm), factor, tf.zerosLike(factor));
}

/** One step for one tensor. `factor` is the clip factor; where it is 0 the gradient counts as zero even if it is NaN. */
export function adamStep(
  slot: AdamSlot,
  factor: Tensor,
  scalars: AdamScalars,
  config: AdamConfig,
): Omit<AdamSlot, 'gradient' | 'decays'> {
  const { adamBeta1: beta1, adamBeta2: beta2 } = config;
  const usable = tf.where(tf.isFinite(slot.gradient), slot.gradient, tf.zerosLike(slot.gradient));
  const gradient = tf.mul(usable, factor);
  const mean = tf.add(tf.mul(slot.mean, beta1), tf.mul(gradient, 1 - beta1));
  const square = tf.add(tf.mul(slot.square, beta2), tf.mul(tf.square(gradient), 1 - beta2));
  const denominator = tf.add(tf.div(tf.sqrt(square), scalars.correction2), config.adamEpsilon);
  const step = tf.mul(tf.div(scalars.learningRate, scalars.correction1), tf.div(mean, denominator));
  const decayed =
    slot.decays && config.weightDecay > 0
      ? tf.mul(slot.parameter, tf.sub(1, tf.mul(scalars.learningRate, config.weightDecay)))
      : slot.parameter;
  return { parameter: tf.sub(decayed, step), mean, square };
}
