/** @file Log-probabilities of chosen tokens and the entropy of the distribution they were chosen from. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * log softmax(logits / temperature)[id] per row. The gradient, (onehot − softmax) / temperature, is written out so
 * that no second [n, vocabulary] graph is kept.
 * @param logits [n, vocabulary]
 * @param ids [n] int32
 * @returns [n]
 */
export function tokenLogprobs(logits: Tensor, ids: Tensor, temperature: number): Tensor {
  const vocabulary = logits.shape[1] ?? 0;
  const op = tf.customGrad((...args) => {
    const [input, save] = args as unknown as [Tensor, (tensors: Tensor[]) => void];
    const logSoftmax = tf.logSoftmax(temperature === 1 ? input : tf.div(input, temperature));
    const chosen = tf.oneHot(ids as tf.Tensor1D, vocabulary);
    save([logSoftmax, chosen]);
    return {
      value: tf.sum(tf.mul(logSoftmax, chosen), -1),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [lp, hot] = saved as [Tensor, Tensor];
        const scaled = temperature === 1 ? dy : tf.div(dy, temperature);
        return tf.mul(tf.sub(hot, tf.exp(lp)), tf.expandDims(scaled, -1));
      },
    };
  });
  return op(logits);
}

/** Entropy of softmax(logits / temperature) per row, for the log only (no gradient wanted). @returns [n] */
export function entropies(logits: Tensor, temperature: number): Tensor {
  const logSoftmax = tf.logSoftmax(temperature === 1 ? logits : tf.div(logits, temperature));
  return tf.neg(tf.sum(tf.mul(tf.exp(logSoftmax), logSoftmax), -1));
}

/**
 * Draws one token per row by inverting the cumulative distribution at `uniform`.
 * @param logits [n, vocabulary]
 * @param suppressed [vocabulary]: 0, or a large negative number for tokens that must never be drawn
 * @param uniform [n] in [0, 1)
 * @param greedy scalar: 1 takes the most likely token instead
 * @returns token [n] int32 and its log-probability under softmax(logits / temperature), as training computes it
 */
export function drawTokens(
  logits: Tensor,
  suppressed: Tensor,
  uniform: Tensor,
  greedy: Tensor,
  sampling: { temperature: number; topP: number },
): { tokens: Tensor; logprobs: Tensor } {
  const { temperature, topP } = sampling;
  const vocabulary = logits.shape[1] ?? 0;
  const allowed = tf.add(logits, suppressed);
  let probabilities = tf.softmax(temperature === 1 ? allowed : tf.div(allowed, temperature));
  if (topP < 1) probabilities = keepNucleus(probabilities, topP);
  const cumulative = tf.cumsum(probabilities, 1);
  const total = tf.slice(cumulative, [0, vocabulary - 1], [-1, 1]);
  const threshold = tf.mul(tf.expandDims(uniform, 1), total);
  const drawn = tf.sum(tf.cast(tf.lessEqual(cumulative, threshold), 'float32'), 1);
  const best = tf.cast(tf.argMax(allowed, 1), 'float32');
  const chosen = tf.add(tf.mul(best, greedy), tf.mul(drawn, tf.sub(1, greedy)));
  const tokens = tf.cast(tf.minimum(chosen, vocabulary - 1), 'int32');
  return { tokens, logprobs: tokenLogprobs(logits, tokens, temperature) };
}

/** Top-p: keeps the most likely tokens until their mass reaches p (the token that crosses p is kept, as in transformers). */
function keepNucleus(probabilities: Tensor, topP: number): Tensor {
  const { values } = tf.topk(probabilities, probabilities.shape[1] ?? 1, true);
  const before = tf.sub(tf.cumsum(values, 1), values);
  const kept = tf.where(tf.less(before, topP), values, tf.onesLike(values));
  const smallest = tf.min(kept, 1, true);
  return tf.mul(probabilities, tf.cast(tf.greaterEqual(probabilities, smallest), 'float32'));
}
