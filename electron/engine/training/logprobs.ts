/** @file Log-probabilities of chosen tokens, the entropy of the distribution they came from, and drawing of tokens. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { updatesInPlace } from '../model/ops.ts';

export interface TokenScores {
  /** log softmax(logits / temperature)[id] per row [n]; differentiable. */
  logprobs: Tensor;
  /** Entropy of softmax(logits / temperature) per row [n]; for the log, its gradient is not computed. */
  entropies: Tensor;
}

export interface ScoreOptions {
  temperature: number;
  /** Whether the table is trained: only then its gradient is computed. */
  trainTable: boolean;
  /** Most logits that are in memory at once; absent = CHUNK_LOGITS. */
  chunkLogits?: number;
}

/** 64 MiB of float32. A batch with fewer logits is worked off at once, and its log-softmax is kept for the backward pass. */
export const CHUNK_LOGITS = 2 ** 24;

/**
 * Log-probs and entropies of tokens from the hidden states that predict them, without ever holding a [n, vocabulary]
 * one-hot. With a large vocabulary the rows are worked off in chunks, one after another: each chunk's product with the
 * table lives only inside the chunk and is computed again in the backward pass.
 *
 * The gradients are written out: with p = softmax(z / T), d logprob / d hidden = (table[id] − pᵀ·table) / T.
 * @param hidden [n, D], after the final norm
 * @param table [vocabulary, D]: the output projection
 * @param ids [n] int32
 */
export function scoreTokens(hidden: Tensor, table: Tensor, ids: Tensor, options: ScoreOptions): TokenScores {
  const n = hidden.shape[0] ?? 0;
  const vocabulary = table.shape[0] ?? 0;
  const rows = Math.max(1, Math.floor((options.chunkLogits ?? CHUNK_LOGITS) / vocabulary));
  const chunks = chunkSizes(n, rows);
  const op = tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as (tensors: Tensor[]) => void;
    const parts = inChunks(args[0] as Tensor, ids, chunks, (h, chosen) => {
      const logSoftmax = logSoftmaxOf(h, table, options.temperature);
      const logprobs = pick(logSoftmax, chosen);
      const entropies = tf.neg(tf.sum(tf.mul(tf.exp(logSoftmax), logSoftmax), -1));
      return { out: tf.stack([logprobs, entropies]), logSoftmax };
    });
    const [only] = parts;
    save([args[0] as Tensor, ids, ...(chunks.length === 1 && only !== undefined ? [only.logSoftmax] : [])]);
    return {
      value: concat(
        parts.map(({ out }) => out),
        1,
      ),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [h, chosen, logSoftmax] = saved as [Tensor, Tensor, Tensor | undefined];
        // The first row of dy belongs to the log-probs; the entropies are only logged.
        const weights = tf.div(tf.slice(dy, [0, 0], [1, n]), options.temperature);
        const gradients = inChunks(h, chosen, chunks, (part, own, start) => {
          const count = part.shape[0] ?? 0;
          const weight = tf.reshape(tf.slice(weights, [0, start], [1, count]), [count, 1]);
          const log = logSoftmax ?? logSoftmaxOf(part, table, options.temperature);
          const spread = tf.mul(tf.exp(log), weight);
          const out = tf.sub(tf.mul(tf.gather(table, own as tf.Tensor1D), weight), product(spread, table, false));
          const towards = options.trainTable ? product(spread, part, true) : null;
          return { out, towards, weighted: options.trainTable ? tf.mul(part, weight) : null };
        });
        const dHidden = concat(
          gradients.map(({ out }) => out),
          0,
        );
        if (!options.trainTable) return dHidden;
        const weighted = concat(
          gradients.map(({ weighted: w }) => w as Tensor),
          0,
        );
        const spread = gradients.map(({ towards }) => towards as Tensor).reduce((sum, each) => tf.add(sum, each));
        return [dHidden, tf.sub(scatterRows(weighted, chosen, vocabulary), spread)];
      },
    };
  });
  const packed = options.trainTable ? op(hidden, table) : op(hidden);
  const row = (index: number): Tensor => tf.reshape(tf.slice(packed, [index, 0], [1, n]), [n]);
  return { logprobs: row(0), entropies: row(1) };
}

/**
 * log softmax(logits / temperature)[id] per row, from logits that are all there. The gradient, (onehot − softmax) /
 * temperature, is written out so that no second [n, vocabulary] graph is kept.
 * @param logits [n, vocabulary]
 * @param ids [n] int32
 * @returns [n]
 */
export function tokenLogprobs(logits: Tensor, ids: Tensor, temperature: number): Tensor {
  const vocabulary = logits.shape[1] ?? 0;
  const op = tf.customGrad((...args) => {
    const [input, save] = args as unknown as [Tensor, (tensors: Tensor[]) => void];
    const logSoftmax = tf.logSoftmax(temperature === 1 ? input : tf.div(input, temperature));
    save([logSoftmax, ids]);
    return {
      value: pick(logSoftmax, ids),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [lp, chosen] = saved as [Tensor, Tensor];
        const scaled = temperature === 1 ? dy : tf.div(dy, temperature);
        const hot = tf.oneHot(chosen as tf.Tensor1D, vocabulary);
        return tf.mul(tf.sub(hot, tf.exp(lp)), tf.expandDims(scaled, -1));
      },
    };
  });
  return op(logits);
}

function chunkSizes(n: number, rows: number): number[] {
  return Array.from({ length: Math.ceil(n / rows) }, (_, chunk) => Math.min(rows, n - chunk * rows));
}

/** Works rows off chunk by chunk. A graph would start all chunks at once, so each is made to wait for the one before. */
function inChunks<T extends { out: Tensor }>(
  hidden: Tensor,
  ids: Tensor,
  sizes: readonly number[],
  work: (hidden: Tensor, ids: Tensor, start: number) => T,
): T[] {
  const done: T[] = [];
  let start = 0;
  for (const size of sizes) {
    const before = done.at(-1);
    const part = sizes.length === 1 ? hidden : tf.slice(hidden, [start, 0], [size, -1]);
    const own = sizes.length === 1 ? ids : tf.slice(ids, [start], [size]);
    done.push(work(before === undefined ? part : after(part, before.out), own, start));
    start += size;
  }
  return done;
}

/** `x`, but not before `dependency` is computed: adds min(|sum|, 0), which is zero and which no optimiser folds away. */
function after(x: Tensor, dependency: Tensor): Tensor {
  return tf.add(x, tf.minimum(tf.abs(tf.sum(dependency)), 0));
}

function concat(parts: Tensor[], axis: number): Tensor {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : tf.concat(parts, axis);
}

function logSoftmaxOf(hidden: Tensor, table: Tensor, temperature: number): Tensor {
  const logits = tf.matMul(hidden as tf.Tensor2D, table as tf.Tensor2D, false, true);
  return tf.logSoftmax(temperature === 1 ? logits : tf.div(logits, temperature));
}

function product(a: Tensor, b: Tensor, transposeA: boolean): Tensor {
  return tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, transposeA, false);
}

/** values[row, ids[row]] per row. @param values [n, m] @returns [n] */
function pick(values: Tensor, ids: Tensor): Tensor {
  const [n = 0, m = 0] = values.shape;
  const offsets = tf.tensor1d(
    Int32Array.from({ length: n }, (_, row) => row * m),
    'int32',
  );
  return tf.gather(tf.reshape(values, [n * m]), tf.add(offsets, ids) as tf.Tensor1D);
}

/** Sums rows into the places that `ids` name. @param rows [n, d] @returns [count, d] */
function scatterRows(rows: Tensor, ids: Tensor, count: number): Tensor {
  if (updatesInPlace()) return tf.unsortedSegmentSum(rows, ids as tf.Tensor1D, count);
  // WebAssembly has no segment sum; models that fit there have small vocabularies.
  return tf.matMul(tf.oneHot(ids as tf.Tensor1D, count) as tf.Tensor2D, rows as tf.Tensor2D, true, false);
}

export interface Sampling {
  temperature: number;
  topP: number;
  /** Tokens less likely than this share of the most likely one are never drawn; absent or 0 = off. */
  minP?: number;
}

/**
 * Draws one token per row by inverting the cumulative distribution at `uniform`. Temperature first, then top-p, then
 * min-p, in the order of transformers' generate.
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
  sampling: Sampling,
): { tokens: Tensor; logprobs: Tensor } {
  const { temperature, topP, minP = 0 } = sampling;
  const vocabulary = logits.shape[1] ?? 0;
  const allowed = tf.add(logits, suppressed);
  let probabilities = tf.softmax(temperature === 1 ? allowed : tf.div(allowed, temperature));
  if (topP < 1) probabilities = keepNucleus(probabilities, topP);
  if (minP > 0) probabilities = keepLikely(probabilities, minP);
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

/**
 * Min-p (arXiv 2407.01082; transformers' MinPLogitsWarper): keeps tokens with at least `minP` times the probability of
 * the most likely one. Shares are compared, so it does not matter that top-p has not been normalised again.
 */
function keepLikely(probabilities: Tensor, minP: number): Tensor {
  const least = tf.mul(tf.max(probabilities, 1, true), minP);
  return tf.mul(probabilities, tf.cast(tf.greaterEqual(probabilities, least), 'float32'));
}
