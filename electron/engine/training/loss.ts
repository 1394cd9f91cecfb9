/**
 * @file The policy losses of GRPO and its relatives, per TRL's GRPOTrainer and OThink-MR1 Eq. 4–5:
 * ratio c = exp(logp − old); per token −min(c·A, clip(c, 1−ε, 1+ε_high)·A) + β·k3 with k3 = exp(d) − d − 1, d = ref − logp.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { GrpoConfig } from '../../contract/recipe.ts';

/** exp() of a log-ratio beyond this is meaningless and overflows float32 (verl clamps at the same place). */
const MAX_LOG_RATIO = 20;

export interface PolicyLossInputs {
  /** Log-probs under the policy being trained [R, C]; the only input that gets a gradient. */
  logprobs: Tensor;
  /** Log-probs under the policy that sampled [R, C]. */
  oldLogprobs: Tensor;
  /** Log-probs under the reference model [R, C]. */
  refLogprobs: Tensor;
  /** 1 for tokens that count, up to and with the end token [R, C]. */
  mask: Tensor;
  /** [R] */
  advantages: Tensor;
  /** KL weight, scalar. */
  beta: Tensor;
  /** Tokens that count in the whole batch (dapo normalises by it), scalar. */
  batchTokens: Tensor;
}

export interface PolicyLoss {
  loss: tf.Scalar;
  /** Mean k3 per counted token. */
  kl: Tensor;
  clipLow: Tensor;
  clipHigh: Tensor;
}

export type LossConfig = Pick<GrpoConfig, 'lossType' | 'epsilon' | 'epsilonHigh' | 'maxCompletionLength'>;

export function policyLoss(inputs: PolicyLossInputs, config: LossConfig): PolicyLoss {
  const { logprobs, mask } = inputs;
  const advantages = tf.expandDims(inputs.advantages, 1);
  const ratio = tf.exp(tf.clipByValue(tf.sub(logprobs, inputs.oldLogprobs), -MAX_LOG_RATIO, MAX_LOG_RATIO));
  const clipped = tf.clipByValue(ratio, 1 - config.epsilon, 1 + config.epsilonHigh);
  const gain = tf.minimum(tf.mul(ratio, advantages), tf.mul(clipped, advantages));
  const distance = tf.clipByValue(tf.sub(inputs.refLogprobs, logprobs), -MAX_LOG_RATIO, MAX_LOG_RATIO);
  const k3 = tf.sub(tf.sub(tf.exp(distance), distance), 1);
  const perToken = tf.add(tf.neg(gain), tf.mul(k3, inputs.beta));
  const tokens = tf.maximum(tf.sum(mask), 1);
  const low = tf.mul(
    tf.cast(tf.less(ratio, 1 - config.epsilon), 'float32'),
    tf.cast(tf.less(advantages, 0), 'float32'),
  );
  const high = tf.mul(
    tf.cast(tf.greater(ratio, 1 + config.epsilonHigh), 'float32'),
    tf.cast(tf.greater(advantages, 0), 'float32'),
  );
  return {
    loss: reduce(tf.mul(perToken, mask), mask, inputs.batchTokens, config),
    kl: tf.div(tf.sum(tf.mul(k3, mask)), tokens),
    clipLow: tf.div(tf.sum(tf.mul(low, mask)), tokens),
    clipHigh: tf.div(tf.sum(tf.mul(high, mask)), tokens),
  };
}

function reduce(perToken: Tensor, mask: Tensor, batchTokens: Tensor, config: LossConfig): tf.Scalar {
  const [rows = 1] = mask.shape;
  switch (config.lossType) {
    case 'grpo':
      return tf.mean(tf.div(tf.sum(perToken, 1), tf.maximum(tf.sum(mask, 1), 1)));
    case 'bnpo':
      return tf.div(tf.sum(perToken), tf.maximum(tf.sum(mask), 1));
    case 'dapo':
      return tf.div(tf.sum(perToken), tf.maximum(batchTokens, 1));
    case 'dr_grpo':
      return tf.div(tf.sum(perToken), rows * config.maxCompletionLength);
  }
}

/** Supervised loss: mean negative log-likelihood over the counted tokens (the prompt is never counted). */
export function supervisedLoss(logprobs: Tensor, mask: Tensor): tf.Scalar {
  return tf.neg(tf.div(tf.sum(tf.mul(logprobs, mask)), tf.maximum(tf.sum(mask), 1)));
}
