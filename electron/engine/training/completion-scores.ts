/** @file From the hidden states of a batch to the log-probs and entropies of its completions. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { finalNorm, outputTable, type Model } from '../model/language.ts';
import { scoreTokens, type ScoreOptions, type TokenScores } from './logprobs.ts';

/**
 * Log-probs and entropies of completions.
 * @param hidden [R·C, D] after the last layer, the rows that predict each token (`completionHidden`)
 * @param ids [R, C] int32
 * @returns [R, C] each
 */
export function completionScores(model: Model, hidden: Tensor, ids: Tensor, options: ScoreOptions): TokenScores {
  const scores = scoreTokens(finalNorm(model, hidden), outputTable(model), tf.reshape(ids, [-1]), options);
  return { logprobs: tf.reshape(scores.logprobs, ids.shape), entropies: tf.reshape(scores.entropies, ids.shape) };
}
