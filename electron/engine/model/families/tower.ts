/** @file What a family's vision tower computes, and what most of them share. Shapes: E = width of the tower. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Model } from '../language.ts';
import { adaptedLinear, type Weights } from '../lora.ts';
import { applyRotary, gatherRows, layerNorm, rmsNorm } from '../ops.ts';

/** The parts of a tower that work row by row, so that they can be computed for all rows or for some. */
export interface Tower {
  /** Patches before the first layer. @param pixels [rows, values] @param taps [rows, 2 · taps] of learned positions @returns [rows, E] */
  embed(model: Model, pixels: Tensor, taps: Tensor | undefined): Tensor;
  /** @param x [rows, E] @param cos, sin [rows, 1, headDim] in families that rotate @returns [rows, heads, headDim] each */
  project(
    model: Model,
    layer: number,
    x: Tensor,
    cos: Tensor | undefined,
    sin: Tensor | undefined,
  ): { q: Tensor; k: Tensor; v: Tensor };
  /** The rest of a layer. @param x [rows, E] before the layer @param context [rows, E] of its attention */
  finishLayer(model: Model, layer: number, x: Tensor, context: Tensor): Tensor;
  /** Patches of each merged token, to the width of the language model. @param x [rows, E] @returns [rows / merge², D] */
  merge(model: Model, x: Tensor): Tensor;
  /** The same for the layer at `place` of `deepstackLayers`. */
  stack(model: Model, place: number, x: Tensor): Tensor;
}

/** All published towers use this; no configuration states it. */
const EPSILON = 1e-6;

export function layerNormOf({ weights }: Model, x: Tensor, name: string): Tensor {
  return layerNorm(x, weightOf(weights, `${name}.weight`), weightOf(weights, `${name}.bias`), EPSILON);
}

export function rmsNormOf({ weights }: Model, x: Tensor, name: string): Tensor {
  return rmsNorm(x, weightOf(weights, `${name}.weight`), EPSILON);
}

/** Queries, keys and values from one product, queries and keys rotated. @param normal [rows, E] after the norm */
export function projectTogether(
  { weights, adapter, config }: Model,
  layer: number,
  normal: Tensor,
  cos: Tensor | undefined,
  sin: Tensor | undefined,
): { q: Tensor; k: Tensor; v: Tensor } {
  if (cos === undefined || sin === undefined) throw new Error('The vision tower needs its rotary tables.');
  const { numHeads, headDim } = config.vision;
  const product = adaptedLinear(normal, weights, `visual.blocks.${String(layer)}.attn.qkv`, adapter);
  const [q, k, v] = tf.unstack(tf.reshape(product, [-1, 3, numHeads, headDim]), 1) as [Tensor, Tensor, Tensor];
  return { q: applyRotary(q, cos, sin), k: applyRotary(k, cos, sin), v };
}

/**
 * The patch convolution for still images, which are the same in every frame: its weights summed over the frames. That
 * halves the products and the pixels in memory.
 * @returns [embedDim, channels·patch²]
 */
export function stillKernel({ weights, config }: Model): Tensor {
  const { embedDim, inChannels, temporalPatchSize, patchSize } = config.vision;
  const kernel = weightOf(weights, 'visual.patch_embed.proj.weight');
  const byFrame = tf.reshape(kernel, [embedDim, inChannels, temporalPatchSize, patchSize ** 2]);
  return tf.reshape(tf.sum(byFrame, 2), [embedDim, inChannels * patchSize ** 2]);
}

/** The patches of each merged token side by side. @param x [rows, E] @returns [rows / merge², E·merge²] */
export function sideBySide({ config: { vision } }: Model, x: Tensor): Tensor {
  return tf.reshape(x, [-1, vision.embedDim * vision.spatialMergeSize ** 2]);
}

/**
 * The learned positions of patches: the weighted sum of places of the grid.
 * @param table [places, E] @param taps [rows, 2 · taps]: places, then their weights @returns [rows, E]
 */
export function learnedPositions(table: Tensor, taps: Tensor | undefined): Tensor {
  if (taps === undefined) throw new Error('The vision tower needs the places of its learned positions.');
  const count = (taps.shape[1] ?? 0) / 2;
  const [places, shares] = tf.split(taps, [count, count], 1) as [Tensor, Tensor];
  const rows = gatherRows(table, tf.reshape(tf.cast(places, 'int32'), [-1]));
  // A single place has the weight 1.
  if (count === 1) return rows;
  return tf.sum(tf.mul(tf.reshape(rows, [-1, count, table.shape[1] ?? 0]), tf.expandDims(shares, 2)), 1);
}

export function noStack(): Tensor {
  throw new Error('This family has no DeepStack features.');
}

export function weightOf(weights: Weights, name: string): Tensor {
  const weight = weights[name];
  if (weight === undefined) throw new Error(`The weight ${name} is missing.`);
  return weight;
}
