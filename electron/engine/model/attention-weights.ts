/**
 * @file Where a model looks while it writes an answer: the attention weights of one answer's tokens over the prompt, as
 * transformers' eager attention returns them. A token is written by the position before it, the first one by the prompt's
 * last position, so it is that position's queries that count.
 *
 * Shapes as in language.ts, with one prompt and one answer of C tokens: its first C − 1 are inputs.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../../formats/model-config.ts';
import { MASKED } from './attention.ts';
import type { SeenLayer } from './language.ts';

/** Layers that are averaged, both included, from 0. */
export interface LayerBand {
  first: number;
  last: number;
  /** How many of them have attention weights: linear attention has none. */
  count: number;
}

/** Divides the layers with attention weights into at most `most` bands of about the same size, from the first to the last. */
export function layerBands({ numLayers, linear }: Pick<ModelConfig, 'numLayers' | 'linear'>, most = 3): LayerBand[] {
  const layers = Array.from({ length: numLayers }, (_, layer) => layer).filter(
    (layer) => !(linear?.layers.includes(layer) ?? false),
  );
  const bands = Math.min(most, layers.length);
  const end = (band: number): number => Math.round((band * layers.length) / bands);
  return Array.from({ length: bands }, (_, band) => ({
    first: layers[end(band)] as number,
    last: layers[end(band + 1) - 1] as number,
    count: end(band + 1) - end(band),
  }));
}

/**
 * The mean over heads in one layer.
 * @param padding 0 where the prompt has a token, MASKED at padding [1, 1, 1, P]
 * @returns [C, P]; what is missing from 1 lies on the answer's own tokens
 */
export function promptWeights({ last, queries, promptKeys, ownKeys }: SeenLayer, padding: Tensor): Tensor {
  const [, heads = 0, length = 0, dim = 0] = promptKeys.shape;
  const own = ownKeys.shape[3] ?? 0;
  const count = own + 1;
  const perHead = (last.shape[1] ?? 0) / heads;
  // [C, K, g, d] → [K, g · C, d]
  const asked = tf.reshape(
    tf.transpose(tf.reshape(tf.concat([last, queries]), [count, heads, perHead, dim]), [1, 2, 0, 3]),
    [heads, perHead * count, dim],
  );
  const keys = tf.concat([tf.reshape(promptKeys, [heads, length, dim]), tf.reshape(ownKeys, [heads, own, dim])], 1);
  const scores = tf.reshape(tf.mul(tf.matMul(asked, keys, false, true), dim ** -0.5), [
    heads * perHead,
    count,
    length + own,
  ]);
  const mask = tf.concat([tf.tile(tf.reshape(padding, [1, length]), [count, 1]), ownMask(count, own)], 1);
  const weights = tf.mean(tf.softmax(tf.add(scores, mask)), 0);
  return tf.slice(weights, [0, 0], [count, length]);
}

/** [C, C − 1]: row i is the position before token i, which sees the tokens before it. */
function ownMask(count: number, own: number): Tensor {
  const rows = tf.tensor2d(
    Float32Array.from({ length: count }, (_, row) => row),
    [count, 1],
  );
  const columns = tf.tensor2d(
    Float32Array.from({ length: own }, (_, column) => column),
    [1, own],
  );
  return tf.mul(tf.cast(tf.greaterEqual(columns, rows), 'float32'), MASKED);
}
