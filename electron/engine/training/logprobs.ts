/** @file Log-probabilities of chosen tokens, the entropy of their distribution, and sampling of tokens. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { gpuOp, hasGpuOps } from '../model/gpu-ops.ts';
import { updatesInPlace } from '../model/ops.ts';
import { outputProduct } from '../model/output-product.ts';
import { canDrawInOneOp, canScoreInOneOp, drawInOneOp, fusedScores } from './own-ops.ts';

export interface TokenScores {
  /** log softmax(logits / temperature)[id] per row [n]; differentiable. */
  logprobs: Tensor;
  /** Entropy of softmax(logits / temperature) per row [n]. It is only logged, so it has no gradient. */
  entropies: Tensor;
}

export interface ScoreOptions {
  temperature: number;
  /** Whether the table is trained. Its gradient is computed only then. */
  trainTable: boolean;
  /** Most logits that are in memory at once; absent = CHUNK_LOGITS. */
  chunkLogits?: number;
}

/** 64 MiB of float32. A batch with fewer logits is computed at once, and its softmax is kept for the backward pass. */
export const CHUNK_LOGITS = 2 ** 24;

/**
 * Log-probs and entropies of tokens from the hidden states that predict them, without a one-hot of [n, vocabulary]. With a
 * large vocabulary the rows are computed in chunks, one after another, so that only one chunk's logits exist at a time. An op of
 * our own, where there is one, writes no logits at all (own-ops.ts).
 *
 * With z = hidden·tableᵀ / T and p = softmax(z): logprob = z[id] − lse, entropy = lse − Σ p·z, where lse follows from the
 * largest logit and its probability, so that exp() runs over the logits once. The gradient with respect to a hidden row is
 * known up to a factor before the loss is: d logprob / d hidden = (table[id] − pᵀ·table) / T. It is computed while p
 * exists, and the backward pass only scales it. (A graph without a gradient leaves this out.)
 * @param hidden [n, D], after the final norm
 * @param table [vocabulary, D]: the output projection
 * @param ids [n] int32
 */
export function scoreTokens(hidden: Tensor, table: Tensor, ids: Tensor, options: ScoreOptions): TokenScores {
  const n = hidden.shape[0] ?? 0;
  const vocabulary = table.shape[0] ?? 0;
  const { temperature, trainTable } = options;
  const row = (of: Tensor, index: number): Tensor => tf.reshape(tf.slice(of, [index, 0], [1, n]), [n]);
  if (!trainTable && canScoreInOneOp(table)) {
    const scores = fusedScores(hidden, table, ids, temperature);
    return { logprobs: row(scores, 0), entropies: row(scores, 1) };
  }
  const rows = Math.max(1, Math.floor((options.chunkLogits ?? CHUNK_LOGITS) / vocabulary));
  const chunks = chunkSizes(n, rows);
  const op = tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as (tensors: Tensor[]) => void;
    const parts = inChunks(args[0] as Tensor, ids, chunks, (h, chosen) => {
      const { logits, probabilities, logSumExp } = distribution(h, table, temperature);
      const logprobs = tf.sub(pickPerRow(logits, chosen), logSumExp);
      const entropies = tf.sub(logSumExp, tf.sum(tf.mul(probabilities, logits), -1));
      const away = tf.sub(tf.gather(table, chosen as tf.Tensor1D), product(probabilities, table, false));
      const direction = temperature === 1 ? away : tf.div(away, temperature);
      return { out: tf.stack([logprobs, entropies]), direction, probabilities };
    });
    const [only] = parts;
    const direction = concat(
      parts.map((part) => part.direction),
      0,
    );
    const kept = trainTable && chunks.length === 1 && only !== undefined ? [only.probabilities] : [];
    save(trainTable ? [direction, args[0] as Tensor, ids, ...kept] : [direction]);
    return {
      value: concat(
        parts.map(({ out }) => out),
        1,
      ),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [towards, h, chosen, probabilities] = saved as [Tensor, Tensor, Tensor, Tensor | undefined];
        // The first row of dy belongs to the log-probs; the entropies are only logged.
        const weights = tf.reshape(tf.slice(dy, [0, 0], [1, n]), [n, 1]);
        const dHidden = tf.mul(towards, weights);
        if (!trainTable) return dHidden;
        const scaled = tf.div(tf.mul(h, weights), temperature);
        const spread = inChunks(h, chosen, chunks, (part, _, start) => {
          const p = probabilities ?? distribution(part, table, temperature).probabilities;
          return { out: product(p, tf.slice(scaled, [start, 0], [part.shape[0] ?? 0, -1]), true) };
        });
        const sum = spread.map(({ out }) => out).reduce((total, each) => tf.add(total, each));
        return [dHidden, tf.sub(scatterRows(scaled, chosen, vocabulary), sum)];
      },
    };
  });
  const packed = trainTable ? op(hidden, table) : op(hidden);
  return { logprobs: row(packed, 0), entropies: row(packed, 1) };
}

/** Logits over the temperature, their softmax, and log Σ exp of them. @param hidden [n, D] */
function distribution(
  hidden: Tensor,
  table: Tensor,
  temperature: number,
): { logits: Tensor; probabilities: Tensor; logSumExp: Tensor } {
  const scaled = temperature === 1 ? hidden : tf.div(hidden, temperature);
  const logits = outputProduct(scaled, table);
  const probabilities = tf.softmax(logits);
  return { logits, probabilities, logSumExp: logSumExpOf(logits, probabilities) };
}

/** log Σ exp(logits) per row: the largest logit minus the log of its probability, which is never small. @returns [n] */
function logSumExpOf(logits: Tensor, probabilities: Tensor): Tensor {
  return tf.sub(tf.max(logits, -1), tf.log(tf.max(probabilities, -1)));
}

function chunkSizes(n: number, rows: number): number[] {
  // No rows are one chunk too.
  return Array.from({ length: Math.max(1, Math.ceil(n / rows)) }, (_, chunk) => Math.min(rows, n - chunk * rows));
}

/** Computes rows chunk by chunk. A graph would start all chunks at once, so each is made to wait for the previous one. */
function inChunks<T extends { out: Tensor }>(
  hidden: Tensor,
  ids: Tensor,
  sizes: readonly number[],
  compute: (hidden: Tensor, ids: Tensor, start: number) => T,
): T[] {
  const done: T[] = [];
  let start = 0;
  for (const size of sizes) {
    const before = done.at(-1);
    const part = sizes.length === 1 ? hidden : tf.slice(hidden, [start, 0], [size, -1]);
    const own = sizes.length === 1 ? ids : tf.slice(ids, [start], [size]);
    done.push(compute(before === undefined ? part : after(part, before.out), own, start));
    start += size;
  }
  return done;
}

/** `x`, but not before `dependency` is computed: adds min(|sum|, 0), which is zero but which no graph optimiser folds away. */
function after(x: Tensor, dependency: Tensor): Tensor {
  return tf.add(x, tf.minimum(tf.abs(tf.sum(dependency)), 0));
}

function concat(parts: Tensor[], axis: number): Tensor {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : tf.concat(parts, axis);
}

function product(a: Tensor, b: Tensor, transposeA: boolean): Tensor {
  return tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, transposeA, false);
}

/** values[row, ids[row]] per row. @param values [n, m] @returns [n] */
export function pickPerRow(values: Tensor, ids: Tensor): Tensor {
  const [n = 0, m = 0] = values.shape;
  const offsets = tf.tensor1d(
    Int32Array.from({ length: n }, (_, row) => row * m),
    'int32',
  );
  return tf.gather(tf.reshape(values, [n * m]), tf.add(offsets, ids) as tf.Tensor1D);
}

/** Sums rows into the places given by `ids`. @param rows [n, d] @returns [count, d] */
function scatterRows(rows: Tensor, ids: Tensor, count: number): Tensor {
  if (updatesInPlace()) return tf.unsortedSegmentSum(rows, ids as tf.Tensor1D, count);
  // WebAssembly has no segment sum. Models that fit there have small vocabularies.
  return tf.matMul(tf.oneHot(ids as tf.Tensor1D, count) as tf.Tensor2D, rows as tf.Tensor2D, true, false);
}

export interface Sampling {
  temperature: number;
  topP: number;
  /** Tokens less likely than this share of the most likely one are never drawn; absent or 0 = off. */
  minP?: number;
  /** Tokens of the prompt and the answer so far become less likely (transformers' repetition_penalty); absent or 1 = off. */
  repetitionPenalty?: number | undefined;
}

/**
 * Logits of tokens that came before, divided by the penalty where they are positive and multiplied by it where they are
 * negative: transformers' RepetitionPenaltyLogitsProcessor, after Keskar et al. (arXiv 1909.05858).
 * @param logits [n, vocabulary]
 * @param seen [n, vocabulary]: 1 for tokens that came before, otherwise 0
 */
export function penalised(logits: Tensor, seen: Tensor, penalty: number): Tensor {
  const less = tf.sub(tf.div(tf.relu(logits), penalty), tf.mul(tf.relu(tf.neg(logits)), penalty));
  return tf.add(tf.mul(seen, less), tf.mul(tf.sub(1, seen), logits));
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
  if (hasGpuOps()) {
    const inputs = [logits, suppressed, uniform, greedy];
    const [tokens, logprobs] = gpuOp('AtelierDraw', [temperature, topP, minP], inputs, 2);
    return { tokens, logprobs };
  }
  const scaled = temperature === 1 ? logits : tf.div(logits, temperature);
  if (topP >= 1 && minP === 0 && canDrawInOneOp()) return drawInOneOp(scaled, suppressed, uniform, greedy);
  // Probabilities as in training, over the whole vocabulary. Suppressed tokens are removed afterwards.
  const probabilities = tf.softmax(scaled);
  let weights = tf.mul(probabilities, tf.cast(tf.equal(suppressed, 0), 'float32'));
  if (topP < 1) weights = keepNucleus(tf.div(weights, tf.sum(weights, 1, true)), topP);
  if (minP > 0) weights = keepLikely(weights, minP);
  const best = tf.cast(tf.argMax(tf.add(logits, suppressed), 1), 'float32');
  const drawn = drawByWeight(weights, uniform);
  const tokens = tf.cast(tf.add(tf.mul(best, greedy), tf.mul(drawn, tf.sub(1, greedy))), 'int32');
  return { tokens, logprobs: tf.sub(pickPerRow(scaled, tokens), logSumExpOf(scaled, probabilities)) };
}

/** Running sums are slow. Up to this vocabulary they cover all of it, above it blocks first. */
const SMALL_VOCABULARY = 512;

/**
 * Inverts the cumulative distribution of weights that need not sum to one: the first place whose running sum exceeds
 * uniform · total. In a large vocabulary, first the block is found and then the place within it.
 * @param weights [n, m]
 * @param uniform [n] in [0, 1)
 * @returns [n] float32, a place with a weight
 */
function drawByWeight(weights: Tensor, uniform: Tensor): Tensor {
  const [n = 0, m = 0] = weights.shape;
  const size = m <= SMALL_VOCABULARY ? m : blockSize(m);
  if (size === m) return firstAbove(weights, tf.mul(uniform, tf.sum(weights, 1)));
  const count = m / size;
  const blocks = tf.reshape(weights, [n, count, size]);
  const sums = tf.sum(blocks, 2);
  const threshold = tf.mul(uniform, tf.sum(sums, 1));
  const block = firstAbove(sums, threshold);
  const starts = tf.tensor1d(
    Int32Array.from({ length: n }, (_, row) => row * count),
    'int32',
  );
  const inside = tf.gather(
    tf.reshape(blocks, [n * count, size]),
    tf.add(starts, tf.cast(block, 'int32')) as tf.Tensor1D,
  );
  const earlier = tf.cast(tf.less(places(count), tf.expandDims(block, 1)), 'float32');
  const before = tf.sum(tf.mul(sums, earlier), 1);
  return tf.add(tf.mul(block, size), firstAbove(inside, tf.sub(threshold, before)));
}

/**
 * The first place whose running sum exceeds the threshold. If rounding leaves none, the last place with a weight.
 * @param weights [n, m]
 * @param threshold [n]
 * @returns [n] float32
 */
function firstAbove(weights: Tensor, threshold: Tensor): Tensor {
  const below = tf.cast(tf.lessEqual(tf.cumsum(weights, 1), tf.expandDims(threshold, 1)), 'float32');
  const weighty = tf.cast(tf.greater(weights, 0), 'float32');
  return tf.minimum(tf.sum(below, 1), tf.max(tf.mul(weighty, places(weights.shape[1] ?? 0)), 1));
}

/** 0, 1, … count − 1 as float32. */
function places(count: number): Tensor {
  return tf.tensor1d(Float32Array.from({ length: count }, (_, place) => place));
}

/** The largest divisor of m up to its square root; m itself if there is none above 31. */
function blockSize(m: number): number {
  for (let size = Math.ceil(Math.sqrt(m)); size >= 32; size--) if (m % size === 0) return size;
  return m;
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
 * the most likely one. Ratios are compared, so it does not matter that top-p is not normalised again.
 */
function keepLikely(probabilities: Tensor, minP: number): Tensor {
  const least = tf.mul(tf.max(probabilities, 1, true), minP);
  return tf.mul(probabilities, tf.cast(tf.greaterEqual(probabilities, least), 'float32'));
}
