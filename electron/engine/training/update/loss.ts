/**
 * @file The policy losses of GRPO and its relatives, per TRL's GRPOTrainer and OThink-MR1 Eq. 4–5:
 * ratio c = exp(logp − old); per token −min(c·A, clip(c, 1−ε, 1+ε_high)·A) + β·k3 with k3 = exp(d) − d − 1, d = ref − logp;
 * with TRL's use_bias_correction_kl, c·k3 instead of k3.
 *
 * How tokens are averaged is a weight per completion, computed from the masks of the whole batch (`rowWeights`). A loss is
 * then a plain sum over completions, so a batch can be divided into micro-batches whose gradients add up to its own.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { GrpoConfig } from '../../../contract/model/recipe.ts';

/** exp() of a log-ratio beyond this is meaningless and overflows float32. verl clamps at the same value. */
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
  /** Weight of each completion's tokens in the loss [R]. */
  rowWeights: Tensor;
  /** [R] */
  advantages: Tensor;
  /** KL weight, scalar. */
  beta: Tensor;
}

/** Sums over the counted tokens of these completions. Divided by the batch's tokens, they are its means. */
export interface PolicyLoss {
  loss: tf.Scalar;
  /** Σ k3, or Σ c·k3 with the correction, as TRL logs it */
  kl: Tensor;
  clipLow: Tensor;
  clipHigh: Tensor;
}

export type LossConfig = Pick<
  GrpoConfig,
  'lossType' | 'epsilon' | 'epsilonHigh' | 'maxCompletionLength' | 'useBiasCorrectionKl'
>;

export function policyLoss(
  inputs: PolicyLossInputs,
  config: Pick<LossConfig, 'epsilon' | 'epsilonHigh' | 'useBiasCorrectionKl'>,
): PolicyLoss {
  const { logprobs, mask } = inputs;
  const advantages = tf.expandDims(inputs.advantages, 1);
  const ratio = tf.exp(tf.clipByValue(tf.sub(logprobs, inputs.oldLogprobs), -MAX_LOG_RATIO, MAX_LOG_RATIO));
  const clipped = tf.clipByValue(ratio, 1 - config.epsilon, 1 + config.epsilonHigh);
  const gain = tf.minimum(tf.mul(ratio, advantages), tf.mul(clipped, advantages));
  const distance = tf.clipByValue(tf.sub(inputs.refLogprobs, logprobs), -MAX_LOG_RATIO, MAX_LOG_RATIO);
  const estimate = tf.sub(tf.sub(tf.exp(distance), distance), 1);
  // Up to the order of sums (decision 0022), the ratio is 1 in a first update, but its gradient is not 0, so the step differs
  // all the same.
  const k3 = config.useBiasCorrectionKl === true ? tf.mul(estimate, ratio) : estimate;
  const perToken = tf.add(tf.neg(gain), tf.mul(k3, inputs.beta));
  const low = tf.mul(
    tf.cast(tf.less(ratio, 1 - config.epsilon), 'float32'),
    tf.cast(tf.less(advantages, 0), 'float32'),
  );
  const high = tf.mul(
    tf.cast(tf.greater(ratio, 1 + config.epsilonHigh), 'float32'),
    tf.cast(tf.greater(advantages, 0), 'float32'),
  );
  return {
    loss: weightedSum(perToken, mask, inputs.rowWeights),
    kl: tf.sum(tf.mul(k3, mask)),
    clipLow: tf.sum(tf.mul(low, mask)),
    clipHigh: tf.sum(tf.mul(high, mask)),
  };
}

/** Supervised loss: negative log-likelihood of the counted tokens (the prompt is never counted), weighted per row. */
export function supervisedLoss(logprobs: Tensor, mask: Tensor, rowWeights: Tensor): tf.Scalar {
  return tf.neg(weightedSum(logprobs, mask, rowWeights));
}

function weightedSum(perToken: Tensor, mask: Tensor, rowWeights: Tensor): tf.Scalar {
  return tf.sum(tf.mul(tf.mul(perToken, mask), tf.expandDims(rowWeights, 1)));
}

/**
 * The weight of each completion's tokens in the loss, from the mask of the whole batch [R, C] (R·C values). `grpo`: the
 * mean of each completion, then the mean of those. `bnpo`, `dapo` and supervised (`sft`): all tokens alike (TRL's bnpo
 * differs from its dapo only if a batch is split, and here no split changes anything). `dr_grpo`: the sum over a
 * constant. Completions without counted tokens are included in R, as in TRL.
 */
export function rowWeights(
  config: Pick<LossConfig, 'lossType' | 'maxCompletionLength'> | 'sft',
  mask: Float32Array,
  length: number,
): Float32Array {
  const rows = mask.length / length;
  const tokens = (from: number, to: number): number => mask.subarray(from, to).reduce((sum, value) => sum + value, 0);
  const all = Math.max(1, tokens(0, mask.length));
  const lossType = config === 'sft' ? 'sft' : config.lossType;
  return Float32Array.from({ length: rows }, (_, row) => {
    switch (lossType) {
      case 'grpo':
        return 1 / (rows * Math.max(1, tokens(row * length, (row + 1) * length)));
      case 'dr_grpo':
        return 1 / (rows * (config === 'sft' ? 1 : config.maxCompletionLength));
      default:
        return 1 / all;
    }
  });
}
