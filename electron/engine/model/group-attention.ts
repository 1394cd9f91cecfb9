/**
 * @file Attention in which a group of completions shares its prompt: over the prompt itself, and over prompt and own tokens with one
 * softmax. Shapes as in language.ts.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../../formats/model-config.ts';
import { attendInBlocks, MASKED, partEnds } from './attention.ts';
import { needsBlocks } from './blocks.ts';
import { hasGpuOps } from './gpu-ops.ts';

export interface KeyValues {
  /** [B, K, P, d] */
  keys: Tensor;
  values: Tensor;
}

/** What attention needs of a model. */
interface AttentionModel {
  config: Pick<ModelConfig, 'numHeads' | 'numKeyValueHeads' | 'headDim'>;
  /** Most attention scores in memory at once; absent = the default of blocks.ts. */
  blockValues?: number;
}

interface Prompts {
  batch: number;
  length: number;
  /** [B, 1, 1, P]: 0 where there is a token, MASKED at padding. */
  mask: Tensor;
}

/** [B·P, K, d] → [B, K, P, d] */
export function promptKeyValues(model: AttentionModel, k: Tensor, v: Tensor, { batch, length }: Prompts): KeyValues {
  const { numKeyValueHeads, headDim } = model.config;
  const order = (t: Tensor): Tensor =>
    tf.transpose(tf.reshape(t, [batch, length, numKeyValueHeads, headDim]), [0, 2, 1, 3]);
  return { keys: order(k), values: order(v) };
}

/** [R·C, K, d] → [B, K, G, C, d] */
export function completionHeads(
  model: AttentionModel,
  t: Tensor,
  batch: number,
  { groupSize, length }: { groupSize: number; length: number },
): Tensor {
  const { numKeyValueHeads, headDim } = model.config;
  return tf.transpose(tf.reshape(t, [batch, groupSize, length, numKeyValueHeads, headDim]), [0, 3, 1, 2, 4]);
}

/**
 * Self-attention of prompts.
 * @param q [B·Q, H, d]: of every position (Q = P), or of the last one alone (Q = 1), which sees all others
 * @returns [B·Q, H·d]
 */
export function promptAttention(
  model: AttentionModel,
  q: Tensor,
  kv: KeyValues,
  { batch, length, mask: padding }: Prompts,
): Tensor {
  const { numKeyValueHeads: heads, headDim } = model.config;
  const perHead = model.config.numHeads / heads;
  const asking = (q.shape[0] ?? 0) / batch;
  const queries = tf.reshape(tf.transpose(tf.reshape(q, [batch, asking, heads, perHead, headDim]), [0, 2, 3, 1, 4]), [
    batch,
    heads,
    perHead * asking,
    headDim,
  ]);
  const scores = batch * heads * perHead * asking * length;
  const context = hasGpuOps() || needsBlocks(scores, model.blockValues) ? inBlocks() : atOnce();
  return tf.reshape(tf.transpose(tf.reshape(context, [batch, heads, perHead, asking, headDim]), [0, 3, 1, 2, 4]), [
    batch * asking,
    heads * perHead * headDim,
  ]);

  function atOnce(): Tensor {
    const mask = asking === 1 ? padding : tf.add(causalMask(length), padding);
    const scores = tf.mul(tf.matMul(queries, kv.keys, false, true), headDim ** -0.5);
    const grouped = tf.reshape(scores, [batch, heads, perHead, asking, length]);
    const weights = tf.softmax(tf.add(grouped, tf.expandDims(mask, 1)));
    return tf.matMul(tf.reshape(weights, [batch, heads, perHead * asking, length]), kv.values);
  }

  function inBlocks(): Tensor {
    const flat = (x: Tensor): Tensor => tf.reshape(x, [batch * heads, -1, headDim]);
    if (asking === 1) return attend(queries, length);
    // The queries of each part of a prompt see no keys after its end.
    const grouped = tf.reshape(queries, [batch * heads, perHead, length, headDim]);
    // As one op, attention leaves out the keys that a query must not see.
    const ends = hasGpuOps() ? [length] : partEnds(length, model.blockValues);
    const parts = ends.map((end, part) => {
      const first = ends[part - 1] ?? 0;
      const own = ends.length === 1 ? grouped : tf.slice(grouped, [0, 0, first, 0], [-1, -1, end - first, -1]);
      return tf.reshape(attend(own, end, { first, places: end - first }), [
        batch * heads,
        perHead,
        end - first,
        headDim,
      ]);
    });
    return parts.length === 1 ? (parts[0] as Tensor) : tf.concat(parts, 2);

    function attend(asked: Tensor, seen: number, causal?: { first: number; places: number }): Tensor {
      const upTo = (x: Tensor): Tensor => (seen === length ? flat(x) : tf.slice(flat(x), [0, 0, 0], [-1, seen, -1]));
      const mask = tf.reshape(padding, [batch, length]);
      const set = {
        keys: upTo(kv.keys),
        values: upTo(kv.values),
        mask: seen === length ? mask : tf.slice(mask, [0, 0], [-1, seen]),
        ...(causal === undefined ? {} : { causal }),
      };
      return attendInBlocks(flat(asked), [set], headDim ** -0.5, model.blockValues);
    }
  }
}

/**
 * Attention of completions over their shared prompt and their own tokens, one softmax over both.
 * @param q [R·C, H, d]
 * @param own [B, K, G, capacity, d]
 * @param ownMask [C, capacity] of a decoding step; absent = each token sees those up to itself, and capacity = C
 * @returns [R·C, H·d]
 */
export function groupAttention(
  model: AttentionModel,
  q: Tensor,
  shared: KeyValues,
  own: KeyValues,
  prompts: { batch: number; mask: Tensor },
  { groupSize, length }: { groupSize: number; length: number },
  ownMask?: Tensor,
): Tensor {
  const { numKeyValueHeads: heads, headDim } = model.config;
  const perHead = model.config.numHeads / heads;
  const { batch } = prompts;
  const promptLength = shared.keys.shape[2] ?? 0;
  const capacity = own.keys.shape[3] ?? 0;
  // [B, G, C, K, g, d] → [B, K, G, g, C, d]
  const ordered = (x: Tensor): Tensor =>
    tf.transpose(tf.reshape(x, [batch, groupSize, length, heads, perHead, headDim]), [0, 3, 1, 4, 2, 5]);
  const scores = batch * heads * groupSize * perHead * length * (promptLength + capacity);
  const blocked = hasGpuOps() || (ownMask === undefined && needsBlocks(scores, model.blockValues));
  const context = tf.reshape(blocked ? inBlocks() : atOnce(), [batch, heads, groupSize, perHead, length, headDim]);
  return tf.reshape(tf.transpose(context, [0, 2, 4, 1, 3, 5]), [batch * groupSize * length, heads * perHead * headDim]);

  function atOnce(): Tensor {
    const queries = ordered(tf.mul(q, headDim ** -0.5));
    const flat = [batch, heads, groupSize * perHead * length];
    const toPrompt = tf.add(tf.matMul(tf.reshape(queries, [...flat, headDim]), shared.keys, false, true), prompts.mask);
    const rows = [batch, heads, groupSize, perHead * length];
    const toOwn = tf.add(
      tf.reshape(tf.matMul(tf.reshape(queries, [...rows, headDim]), own.keys, false, true), [
        batch,
        heads,
        groupSize * perHead,
        length,
        capacity,
      ]),
      ownMask ?? causalMask(length),
    );
    const together = tf.concat([toPrompt, tf.reshape(toOwn, [...flat, capacity])], -1);
    const [promptWeights, ownWeights] = tf.split(tf.softmax(together), [promptLength, capacity], -1) as [
      Tensor,
      Tensor,
    ];
    const fromPrompt = tf.matMul(promptWeights, shared.values);
    const fromOwn = tf.matMul(tf.reshape(ownWeights, [...rows, capacity]), own.values);
    return tf.add(fromPrompt, tf.reshape(fromOwn, [...flat, headDim]));
  }

  function inBlocks(): Tensor {
    const groups = batch * heads * groupSize;
    const sets = [
      {
        keys: tf.reshape(shared.keys, [batch * heads, promptLength, headDim]),
        values: tf.reshape(shared.values, [batch * heads, promptLength, headDim]),
        mask: tf.reshape(prompts.mask, [batch, promptLength]),
      },
      {
        keys: tf.reshape(own.keys, [groups, capacity, headDim]),
        values: tf.reshape(own.values, [groups, capacity, headDim]),
        ...(ownMask === undefined ? { causal: { first: 0, places: length } } : { mask: ownMask }),
      },
    ];
    const queries = tf.reshape(ordered(q), [groups, perHead * length, headDim]);
    return attendInBlocks(queries, sets, headDim ** -0.5, model.blockValues);
  }
}

/** [n, n]: 0 on and below the diagonal, MASKED above. Computed in the graph: as a constant it would be stored whole. */
function causalMask(n: number): Tensor {
  const places = tf.tensor1d(Float32Array.from({ length: n }, (_, place) => place));
  const later = tf.greater(tf.reshape(places, [1, n]), tf.reshape(places, [n, 1]));
  return tf.mul(tf.cast(later, 'float32'), MASKED);
}
