/**
 * @file Attention in blocks of query rows. Scores exist for one block of rows at a time, forward and backward, so memory
 * grows with the number of tokens and not with its square. The backward pass computes the weights of a block again from
 * queries and keys (as FlashAttention does, arXiv 2205.14135), and keeps only its inputs and its result.
 *
 * Shapes: T groups of Q queries, d = head dimension.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { attendFused, type KeySet } from './fused-attention.ts';
import { hasGpuOps } from './gpu-ops.ts';
import { addToBlock, BLOCK_VALUES, emptyBlocks, placesOf, putBlock, repeat, rowsOfBlock, takeBlock } from './blocks.ts';

/** Added to scores that must not count: exp() of the sum is exactly zero in float32. */
export const MASKED = -1e9;

/** More rows make a product of attention no faster. */
const MOST_ROWS = 512;

/**
 * Scores of a block: 128 MiB, which is 512 rows for 65,536 keys. Every block packs all keys and values again for its products, so
 * fewer rows cost more: of 62,000 keys, blocks of 270 rows take 9% more processor time than blocks of 500.
 */
const BLOCK_SCORES = 2 ** 25;

/**
 * softmax(scale · q kᵀ + masks) v, over all sets of keys. Compiled for a GPU, it is one op (fused-attention.ts).
 * @param queries [T, Q, d]
 * @param most scores of one block; absent = BLOCK_SCORES
 * @returns [T, Q, d]; differentiable with respect to queries, keys and values
 */
export function attendInBlocks(queries: Tensor, sets: readonly KeySet[], scale: number, most = BLOCK_SCORES): Tensor {
  if (hasGpuOps()) return attendFused(queries, sets, scale);
  const [groups = 0, count = 0, dim = 0] = queries.shape;
  const keyCount = sets.reduce((sum, { keys }) => sum + (keys.shape[1] ?? 0), 0);
  const blocks = Math.ceil(count / Math.min(MOST_ROWS, rowsOfBlock(keyCount, most)));
  const rows = Math.ceil(count / blocks);
  const layout: Layout = { groups, count, blocks, rows, dim, scale };
  const op = tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as (tensors: Tensor[]) => void;
    const [q, ...others] = args.slice(0, -1) as Tensor[];
    const result = forward(q as Tensor, setsOf(sets, others), layout);
    save([q as Tensor, result, ...others]);
    return {
      value: result,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [query, value, ...rest] = saved as [Tensor, Tensor, ...Tensor[]];
        return backward(query, value, setsOf(sets, rest), dy, layout);
      },
    };
  });
  return op(queries, ...sets.flatMap(({ keys, values }) => [keys, values]));
}

const MOST_PARTS = 4;

/**
 * Where the parts of a long prompt end. If the queries of each attend only to keys up to its end, four parts save three eighths
 * of the products. Each part is a loop of its own in every layer, which TensorFlow has to prepare, so that
 * parts of a few hundred tokens would not pay off.
 * @param most scores of one block; absent = the default of blocks.ts, with which a part has at least 2,048 tokens
 */
export function partEnds(length: number, most = BLOCK_VALUES): number[] {
  const parts = Math.max(1, Math.min(MOST_PARTS, Math.floor((2 * length) / Math.sqrt(most))));
  return Array.from({ length: parts }, (_, part) => Math.ceil(((part + 1) * length) / parts));
}

interface Layout {
  groups: number;
  /** Queries of a group, and into how many blocks of how many rows they are divided. */
  count: number;
  blocks: number;
  rows: number;
  dim: number;
  scale: number;
}

function setsOf(sets: readonly KeySet[], tensors: readonly Tensor[]): KeySet[] {
  return sets.map((set, index) => ({
    ...set,
    keys: tensors[2 * index] as Tensor,
    values: tensors[2 * index + 1] as Tensor,
  }));
}

function forward(queries: Tensor, sets: readonly KeySet[], layout: Layout): Tensor {
  const { groups, blocks, rows, dim } = layout;
  const asked = inBlocks(queries, layout);
  const masked = sets.map((set) => withMask(set, groups));
  const [filled] = repeat(groups * blocks, [emptyBlocks([groups * blocks, rows, dim])], (index, [buffer]) => {
    const { weights, parts } = weightsOf(takeBlock(asked, index), masked, index, layout);
    const context = parts.map(({ set, group }, at) => product(weights[at] as Tensor, takeBlock(set.values, group)));
    return [putBlock(buffer as Tensor, index, total(context))];
  });
  return fromBlocks(filled as Tensor, layout);
}

/** Gradients of the queries, and of the keys and values of each set. */
function backward(queries: Tensor, result: Tensor, sets: readonly KeySet[], dy: Tensor, layout: Layout): Tensor[] {
  const { groups, blocks, rows, dim, scale } = layout;
  const asked = inBlocks(queries, layout);
  const given = inBlocks(dy, layout);
  // Each row's dy · result is the part of the softmax's gradient that all of its weights share.
  const shared = inBlocks(tf.sum(tf.mul(dy, result), -1, true), layout);
  const masked = sets.map((set) => withMask(set, groups));
  const sums = sets.flatMap(({ keys, values }) => [emptyBlocks(keys.shape), emptyBlocks(values.shape)]);
  const [dQueries, ...others] = repeat(
    groups * blocks,
    [emptyBlocks([groups * blocks, rows, dim]), ...sums],
    (index, [buffer, ...carried]) => {
      const q = takeBlock(asked, index);
      const dContext = takeBlock(given, index);
      const common = takeBlock(shared, index);
      const { weights, parts } = weightsOf(q, masked, index, layout);
      const scaled = tf.mul(q, scale);
      const next: Tensor[] = [];
      const dq = parts.map(({ set, group }, at) => {
        const p = weights[at] as Tensor;
        const dWeights = product(dContext, takeBlock(set.values, group), false, true);
        const dScores = tf.mul(p, tf.sub(dWeights, common));
        next.push(
          addToBlock(carried[2 * at] as Tensor, group, product(dScores, scaled, true)),
          addToBlock(carried[2 * at + 1] as Tensor, group, product(p, dContext, true)),
        );
        return product(dScores, takeBlock(set.keys, group));
      });
      return [putBlock(buffer as Tensor, index, tf.mul(total(dq), scale)), ...next];
    },
  );
  return [fromBlocks(dQueries as Tensor, layout), ...others];
}

interface MaskedSet extends KeySet {
  /**
   * The keys in columns, [n, d, N], with their mask as one more row, in which every query is 1: the product then adds the mask.
   * Laid out so, a product takes 3 to 5% less processor time than with the keys in rows.
   */
  masked: Tensor;
}

function withMask(set: KeySet, groups: number): MaskedSet {
  const { keys, mask } = set;
  const columns = tf.transpose(keys, [0, 2, 1]);
  if (mask === undefined) return { ...set, masked: columns };
  const [n = 0, count = 0] = keys.shape;
  const [m = 0] = mask.shape;
  if (groups % n !== 0 || n % m !== 0) throw new Error(`${String(m)} masks do not suit ${String(n)} sets of keys.`);
  const own = tf.tile(tf.reshape(mask, [m, 1, count]), [1, n / m, 1]);
  return { ...set, masked: tf.concat([columns, tf.reshape(own, [n, 1, count])], 1) };
}

/** The attention weights of one block of rows, by set of keys. */
function weightsOf(
  queries: Tensor,
  sets: readonly MaskedSet[],
  index: Tensor,
  { groups, blocks, rows, scale }: Layout,
): { weights: Tensor[]; parts: { set: MaskedSet; group: Tensor }[] } {
  const group = tf.floorDiv(index, tf.scalar(blocks, 'int32'));
  const first = tf.mul(tf.sub(index, tf.mul(group, tf.scalar(blocks, 'int32'))), tf.scalar(rows, 'int32'));
  const scaled = tf.mul(queries, scale);
  const withOne = tf.concat([scaled, tf.ones([rows, 1])], -1);
  const parts = sets.map((set) => ({
    set,
    group: tf.floorDiv(group, tf.scalar(groups / (set.keys.shape[0] ?? 1), 'int32')),
  }));
  const scores = parts.map(({ set, group: own }) => {
    const plain = product(set.mask === undefined ? scaled : withOne, takeBlock(set.masked, own));
    return set.causal === undefined
      ? plain
      : tf.add(plain, causalRows(first, rows, set.keys.shape[1] ?? 0, set.causal));
  });
  const [only] = scores;
  if (scores.length === 1 && only !== undefined) return { weights: [tf.softmax(only)], parts };
  const sizes = scores.map(({ shape }) => shape[1] ?? 0);
  return { weights: tf.split(tf.softmax(tf.concat(scores, 1)), sizes, 1), parts };
}

/** [rows, keys]: 0 up to the place of each row, MASKED after it. @param first number of the first row */
function causalRows(first: Tensor, rows: number, keys: number, causal: { first: number; places: number }): Tensor {
  const numbers = tf.add(first, placesOf(rows));
  const size = tf.scalar(causal.places, 'int32');
  const turn = tf.sub(numbers, tf.mul(tf.floorDiv(numbers, size), size));
  const own = causal.first === 0 ? turn : tf.add(turn, tf.scalar(causal.first, 'int32'));
  const later = tf.greater(tf.reshape(placesOf(keys), [1, keys]), tf.reshape(own, [rows, 1]));
  return tf.mul(tf.cast(later, 'float32'), MASKED);
}

/** [T, Q, d] as [T · blocks, rows, d], with zero rows at the end of each group if its queries do not divide. */
function inBlocks(x: Tensor, { groups, count, blocks, rows }: Layout): Tensor {
  const missing = blocks * rows - count;
  const whole =
    missing === 0
      ? x
      : tf.pad(x, [
          [0, 0],
          [0, missing],
          [0, 0],
        ]);
  return tf.reshape(whole, [groups * blocks, rows, x.shape[2] ?? 0]);
}

function fromBlocks(x: Tensor, { groups, count, blocks, rows, dim }: Layout): Tensor {
  const whole = tf.reshape(x, [groups, blocks * rows, dim]);
  return blocks * rows === count ? whole : tf.slice(whole, [0, 0, 0], [groups, count, dim]);
}

function product(a: Tensor, b: Tensor, transposeA = false, transposeB = false): Tensor {
  return tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, transposeA, transposeB);
}

function total(parts: readonly Tensor[]): Tensor {
  return parts.reduce((sum, part) => tf.add(sum, part));
}
