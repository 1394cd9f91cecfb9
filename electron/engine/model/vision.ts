/** @file Qwen2-VL's vision tower and merger: patches of many images in, one row per merged token out. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Qwen2VLConfig } from '../../formats/qwen2-vl-config.ts';
import { attendInBlocks } from './attention.ts';
import { emptyBlocks, mapRows, needsBlocks, overRows, placesOf, rowsOfBlock, takeRows } from './blocks.ts';
import type { Model } from './language.ts';
import { adaptedLinear, type Weights } from './lora.ts';
import { applyRotary, gatherRows, gelu, layerNorm, linear, quickGelu, updateRows } from './ops.ts';

const LAYER_NORM_EPSILON = 1e-6;

export interface VisionInputs {
  /** [images, patches, channels·patch²]. Small images are padded at the end. */
  pixels: Tensor;
  /** [images, patches, headDim] */
  cos: Tensor;
  sin: Tensor;
  /** [images, 1, 1, patches]: 0 for patches that exist, a large negative number for padding. */
  mask: Tensor;
}

/**
 * Differentiable with respect to all weights.
 * @returns [images · patches / mergeSize², hidden of the language model]; rows of padding are meaningless
 */
export function encodeImages(inputs: VisionInputs, model: Model): Tensor {
  const { depth, numHeads, embedDim } = model.config.vision;
  const [images = 0, patches = 0] = inputs.pixels.shape;
  const { pixels, cos, sin } = rowsOf(inputs);
  let x = linear(pixels, stillKernel(model.weights, model.config));
  const perHead = (t: Tensor): Tensor =>
    tf.transpose(tf.reshape(t, [images, patches, numHeads, embedDim / numHeads]), [0, 2, 1, 3]);
  for (let layer = 0; layer < depth; layer++) {
    const { q, k, v } = project(model, layer, x, cos, sin);
    const context = attention(perHead(q), perHead(k), perHead(v), inputs.mask, model.blockValues);
    const rows = tf.reshape(tf.transpose(context, [0, 2, 1, 3]), [images * patches, embedDim]);
    x = finishLayer(model, layer, x, rows);
  }
  return merge(model, x);
}

/**
 * The same without a backward pass. Large pictures are computed in blocks of patches: besides the hidden states of a layer
 * and its queries, keys and values, intermediate results exist for one block at a time. Of a photo of 12 megapixels, the
 * middle of an MLP of Qwen2-VL-2B's tower alone would be 1.3 GB.
 */
export function encodeFrozenImages(inputs: VisionInputs, model: Model): Tensor {
  const { depth, numHeads, embedDim, intermediateSize, spatialMergeSize } = model.config.vision;
  const [images = 0, patches = 0] = inputs.pixels.shape;
  if (!needsBlocks(images * numHeads * patches ** 2, model.blockValues)) return encodeImages(inputs, model);
  const headDim = embedDim / numHeads;
  const total = images * patches;
  const merged = spatialMergeSize ** 2;
  const most = rowsOfBlock(intermediateSize, model.blockValues);
  const { pixels, cos, sin } = rowsOf(inputs);
  const kernel = stillKernel(model.weights, model.config);
  const embed = (first: Tensor, size: number): Tensor => linear(takeRows(pixels, first, size), kernel);
  let x = mapRows([total, embedDim], most, embed);
  for (let layer = 0; layer < depth; layer++) {
    const before = x;
    const buffers = Array.from({ length: 3 }, () => emptyBlocks([images * numHeads * patches, headDim]));
    const filled = overRows(total, most, buffers, (first, size, [queries, keys, values]) => {
      const rows = (t: Tensor): Tensor => takeRows(t, first, size);
      const { q, k, v } = project(model, layer, rows(before), rows(cos), rows(sin));
      const places = tf.reshape(placesByHead(first, size, patches, numHeads), [-1]);
      const put = (buffer: Tensor | undefined, t: Tensor): Tensor =>
        updateRows(buffer as Tensor, places, tf.reshape(tf.transpose(t, [1, 0, 2]), [-1, headDim]));
      return [put(queries, q), put(keys, k), put(values, v)];
    });
    const [q, k, v] = filled.map((t) => tf.reshape(t, [images, numHeads, patches, headDim])) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const context = tf.reshape(attention(q, k, v, inputs.mask, model.blockValues), [-1, headDim]);
    x = mapRows([total, embedDim], most, (first, size) => {
      const own = gatherRows(context, tf.reshape(placesByHead(first, size, patches, numHeads), [-1]));
      const heads = tf.transpose(tf.reshape(own, [numHeads, size, headDim]), [1, 0, 2]);
      return finishLayer(model, layer, takeRows(before, first, size), tf.reshape(heads, [size, embedDim]));
    });
  }
  return mapRows([total / merged, model.config.hiddenSize], Math.ceil(most / merged), (first, size) =>
    merge(model, takeRows(x, tf.mul(first, tf.scalar(merged, 'int32')), size * merged)),
  );
}

/** All patches of a batch as rows: pixels [rows, values], cos and sin [rows, 1, headDim]. */
function rowsOf({ pixels, cos, sin }: VisionInputs): Pick<VisionInputs, 'pixels' | 'cos' | 'sin'> {
  const [images = 0, patches = 0, values = 0] = pixels.shape;
  const rotary = (t: Tensor): Tensor => tf.reshape(t, [images * patches, 1, -1]);
  return { pixels: tf.reshape(pixels, [images * patches, values]), cos: rotary(cos), sin: rotary(sin) };
}

/**
 * Where rows first … first + size − 1 of all patches lie in a tensor [images, heads, patches, …] seen as rows.
 * @returns [heads, size] int32
 */
function placesByHead(first: Tensor, size: number, patches: number, heads: number): Tensor {
  const rows = tf.add(first, placesOf(size));
  const image = tf.floorDiv(rows, tf.scalar(patches, 'int32'));
  // (image · heads + head) · patches + row − image · patches
  const inFirstHead = tf.add(rows, tf.mul(image, tf.scalar((heads - 1) * patches, 'int32')));
  const heads1d = tf.mul(placesOf(heads), tf.scalar(patches, 'int32'));
  return tf.add(tf.reshape(heads1d, [heads, 1]), tf.reshape(inFirstHead, [1, size]));
}

/** Queries, keys and values of rows before a layer. @param x [rows, E] @returns [rows, heads, headDim] each */
function project(
  { weights, adapter, config }: Model,
  layer: number,
  x: Tensor,
  cos: Tensor,
  sin: Tensor,
): { q: Tensor; k: Tensor; v: Tensor } {
  const { numHeads, embedDim } = config.vision;
  const name = `visual.blocks.${String(layer)}`;
  const product = adaptedLinear(norm(x, weights, `${name}.norm1`), weights, `${name}.attn.qkv`, adapter);
  const [q, k, v] = tf.unstack(tf.reshape(product, [-1, 3, numHeads, embedDim / numHeads]), 1) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  return { q: applyRotary(q, cos, sin), k: applyRotary(k, cos, sin), v };
}

/** The rest of a layer, row by row. @param x [rows, E] before the layer @param context [rows, E] of its attention */
function finishLayer({ weights, adapter }: Model, layer: number, x: Tensor, context: Tensor): Tensor {
  const name = `visual.blocks.${String(layer)}`;
  const middle = tf.add(x, adaptedLinear(context, weights, `${name}.attn.proj`, adapter));
  const inner = quickGelu(adaptedLinear(norm(middle, weights, `${name}.norm2`), weights, `${name}.mlp.fc1`, adapter));
  return tf.add(middle, adaptedLinear(inner, weights, `${name}.mlp.fc2`, adapter));
}

/** Patches of each merged token, side by side, to the width of the language model. @param x [rows, E] */
function merge({ weights, adapter, config }: Model, x: Tensor): Tensor {
  const { embedDim, spatialMergeSize } = config.vision;
  const merged = tf.reshape(norm(x, weights, 'visual.merger.ln_q'), [-1, embedDim * spatialMergeSize ** 2]);
  const inner = gelu(adaptedLinear(merged, weights, 'visual.merger.mlp.0', adapter));
  return adaptedLinear(inner, weights, 'visual.merger.mlp.2', adapter);
}

/**
 * Every patch of an image attends to all of its patches.
 * @param queries [images, heads, patches, headDim], as keys and values
 * @param mask [images, 1, 1, patches]
 */
function attention(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor, blockValues?: number): Tensor {
  const [images = 0, heads = 0, patches = 0, headDim = 0] = queries.shape;
  if (!needsBlocks(images * heads * patches ** 2, blockValues)) {
    const scores = tf.add(tf.mul(tf.matMul(queries, keys, false, true), headDim ** -0.5), mask);
    return tf.matMul(tf.softmax(scores), values);
  }
  const flat = (x: Tensor): Tensor => tf.reshape(x, [images * heads, patches, headDim]);
  const set = { keys: flat(keys), values: flat(values), mask: tf.reshape(mask, [images, patches]) };
  return tf.reshape(attendInBlocks(flat(queries), [set], headDim ** -0.5, blockValues), queries.shape);
}

/**
 * The patch convolution for still images, which are the same in every frame: its weights summed over the frames. That
 * halves the products and the pixels in memory.
 * @returns [embedDim, channels·patch²]
 */
function stillKernel(weights: Weights, { vision }: Qwen2VLConfig): Tensor {
  const { embedDim, inChannels, temporalPatchSize, patchSize } = vision;
  const kernel = weightOf(weights, 'visual.patch_embed.proj.weight');
  const byFrame = tf.reshape(kernel, [embedDim, inChannels, temporalPatchSize, patchSize ** 2]);
  return tf.reshape(tf.sum(byFrame, 2), [embedDim, inChannels * patchSize ** 2]);
}

function norm(x: Tensor, weights: Weights, name: string): Tensor {
  return layerNorm(x, weightOf(weights, `${name}.weight`), weightOf(weights, `${name}.bias`), LAYER_NORM_EPSILON);
}

function weightOf(weights: Weights, name: string): Tensor {
  const weight = weights[name];
  if (weight === undefined) throw new Error(`The weight ${name} is missing.`);
  return weight;
}
