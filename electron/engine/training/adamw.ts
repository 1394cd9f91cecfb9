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
export function globalNorm(gradients: readonly Tensor[]): Tensor {
  return tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))));
}

/** Scalars that all tensors of one step share. */
export interface AdamStepFactors {
  /** What gradients are multiplied by: min(1, max / (norm + 1e-6)), as torch clips; 0 when the norm is not finite. */
  clip: Tensor;
  /** How much of the running means stays: β₁ and β₂, or all of it when the norm is not finite. */
  keepMean: Tensor;
  keepSquare: Tensor;
  /** Learning rate over the first bias correction, and the learning rate itself; 0 when the norm is not finite. */
  step: Tensor;
  rate: Tensor;
  correction2: Tensor;
}

/** A norm that is not finite makes the step change nothing, so that one bad batch cannot destroy the weights. */
export function adamFactors(norm: Tensor, scalars: AdamScalars, config: AdamConfig): AdamStepFactors {
  const usable = tf.isFinite(norm);
  const orElse = (value: Tensor, other: number): Tensor => tf.where(usable, value, tf.scalar(other));
  const rate = orElse(scalars.learningRate, 0);
  return {
    clip: orElse(tf.minimum(1, tf.div(config.maxGradNorm, tf.add(norm, 1e-6))), 0),
    keepMean: orElse(tf.scalar(config.adamBeta1), 1),
    keepSquare: orElse(tf.scalar(config.adamBeta2), 1),
    step: tf.div(rate, scalars.correction1),
    rate,
    correction2: scalars.correction2,
  };
}

/** One step for one tensor. */
export function adamStep(
  slot: AdamSlot,
  factors: AdamStepFactors,
  config: AdamConfig,
): Omit<AdamSlot, 'gradient' | 'decays'> {
  const { adamBeta1: beta1, adamBeta2: beta2 } = config;
  const usable = tf.where(tf.isFinite(slot.gradient), slot.gradient, tf.zerosLike(slot.gradient));
  const gradient = tf.mul(usable, factors.clip);
  const mean = tf.add(tf.mul(slot.mean, factors.keepMean), tf.mul(gradient, 1 - beta1));
  const square = tf.add(tf.mul(slot.square, factors.keepSquare), tf.mul(tf.square(gradient), 1 - beta2));
  const denominator = tf.add(tf.div(tf.sqrt(square), factors.correction2), config.adamEpsilon);
  const step = tf.mul(factors.step, tf.div(mean, denominator));
  const decayed =
    slot.decays && config.weightDecay > 0
      ? tf.mul(slot.parameter, tf.sub(1, tf.mul(factors.rate, config.weightDecay)))
      : slot.parameter;
  return { parameter: tf.sub(decayed, step), mean, square };
}
