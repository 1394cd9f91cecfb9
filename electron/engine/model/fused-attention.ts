/**
 * @file Attention as ops of a program that is compiled for a GPU (runtime/wgsl/kernels/attention.ts): scores are never written to memory, forward or
 * backward. Elsewhere there are no such ops, and attention.ts computes the same in blocks. Shapes as there.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { gpuOp } from './gpu-ops.ts';

/** Keys that queries attend to. There may be several sets, with one softmax over all. */
export interface KeySet {
  /** [n, N, d]; each serves T / n groups of queries in a row. */
  keys: Tensor;
  values: Tensor;
  /** [m, N], added to the scores; each serves n / m sets of keys in a row. */
  mask?: Tensor;
  /** Query r stands at place `first` + r mod `places` and sees the keys up to its own place. */
  causal?: { first: number; places: number };
}

/** A shader binds eight buffers. */
const MOST_BOUND = 8;

/**
 * softmax(scale · q kᵀ + masks) v, over all sets of keys. Differentiable unless there are more masks than a shader can bind.
 * @param queries [T, Q, d]
 * @returns [T, Q, d]
 */
export function attendFused(queries: Tensor, sets: readonly KeySet[], scale: number): Tensor {
  const bound = 2 + sets.reduce((sum, { mask }) => sum + (mask === undefined ? 2 : 3), 0);
  const keepsRows = bound < MOST_BOUND;
  const op = tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as (tensors: Tensor[]) => void;
    const [q, ...others] = args.slice(0, -1) as [Tensor, ...Tensor[]];
    const [value, rows] = gpuOp('AtelierAttention', described(sets, scale, keepsRows), [q, ...masked(sets, others)], 2);
    save([q, value, rows, ...others]);
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        if (!keepsRows) throw new Error('Attention with so many masks has no gradient.');
        return gradients(sets, scale, dy, saved as [Tensor, Tensor, Tensor, ...Tensor[]]);
      },
    };
  });
  return op(queries, ...sets.flatMap(({ keys, values }) => [keys, values]));
}

/** Of the queries, and of the keys and values of each set. */
function gradients(
  sets: readonly KeySet[],
  scale: number,
  dy: Tensor,
  [q, value, rows, ...others]: [Tensor, Tensor, Tensor, ...Tensor[]],
): Tensor[] {
  // Each row's dy · result is the part of the softmax's gradient that all of its weights share.
  const kept = tf.concat([rows, tf.sum(tf.mul(dy, value), -1, true)], -1);
  const parts = sets.map((set, at) => {
    const inputs = [q, dy, kept, ...masked([set], others.slice(2 * at, 2 * at + 2))];
    const own = described([set], scale, true);
    const [queries] = gpuOp('AtelierAttentionQueries', own, inputs, 1);
    return { queries, others: gpuOp('AtelierAttentionKeys', own, inputs, 2) };
  });
  return [
    parts.map(({ queries }) => queries).reduce((sum, part) => tf.add(sum, part)),
    ...parts.flatMap((part) => part.others),
  ];
}

/** Keys, values and mask of each set, as the ops take them. */
function masked(sets: readonly KeySet[], tensors: readonly Tensor[]): Tensor[] {
  return sets.flatMap(({ mask }, at) => [...tensors.slice(2 * at, 2 * at + 2), ...(mask === undefined ? [] : [mask])]);
}

/** The scale, whether what a gradient needs is kept, and for each set whether it has a mask, the first place and the places (0 = not causal). */
function described(sets: readonly KeySet[], scale: number, keepsRows: boolean): number[] {
  const each = sets.flatMap(({ mask, causal }) => [
    mask === undefined ? 0 : 1,
    causal?.first ?? 0,
    causal?.places ?? 0,
  ]);
  return [scale, keepsRows ? 1 : 0, ...each];
}
