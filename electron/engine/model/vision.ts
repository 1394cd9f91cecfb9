/** @file Qwen2-VL's vision tower and merger: patches of many images in, one row per merged token out. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Qwen2VLConfig } from '../../formats/qwen2-vl-config.ts';
import { attendInBlocks, needsBlocks } from './attention.ts';
import type { Model } from './language.ts';
import { adaptedLinear, type Weights } from './lora.ts';
import { applyRotary, gelu, layerNorm, linear, quickGelu } from './ops.ts';

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
 * @returns [images · patches / mergeSize², hidden of the language model]; rows of padding are meaningless
 */
export function encodeImages(inputs: VisionInputs, { weights, config, adapter, blockScores }: Model): Tensor {
  const { embedDim, depth, numHeads, spatialMergeSize } = config.vision;
  const [images = 0, patches = 0, values = 0] = inputs.pixels.shape;
  const headDim = embedDim / numHeads;
  let x: Tensor = linear(tf.reshape(inputs.pixels, [images * patches, values]), stillKernel(weights, config));

  const cos = tf.expandDims(inputs.cos, 2);
  const sin = tf.expandDims(inputs.sin, 2);
  for (let layer = 0; layer < depth; layer++) {
    const name = `visual.blocks.${String(layer)}`;
    const qkv = tf.reshape(adaptedLinear(norm(x, weights, `${name}.norm1`), weights, `${name}.attn.qkv`, adapter), [
      images,
      patches,
      3,
      numHeads,
      headDim,
    ]);
    const [q, k, v] = tf.unstack(qkv, 2) as [Tensor, Tensor, Tensor];
    const queries = tf.transpose(applyRotary(q, cos, sin), [0, 2, 1, 3]);
    const keys = tf.transpose(applyRotary(k, cos, sin), [0, 2, 1, 3]);
    const values = tf.transpose(v, [0, 2, 1, 3]);
    const context = tf.transpose(attention(queries, keys, values, inputs.mask, blockScores), [0, 2, 1, 3]);
    x = tf.add(
      x,
      adaptedLinear(tf.reshape(context, [images * patches, embedDim]), weights, `${name}.attn.proj`, adapter),
    );
    const inner = quickGelu(adaptedLinear(norm(x, weights, `${name}.norm2`), weights, `${name}.mlp.fc1`, adapter));
    x = tf.add(x, adaptedLinear(inner, weights, `${name}.mlp.fc2`, adapter));
  }
  const merged = tf.reshape(norm(x, weights, 'visual.merger.ln_q'), [-1, embedDim * spatialMergeSize ** 2]);
  return adaptedLinear(
    gelu(adaptedLinear(merged, weights, 'visual.merger.mlp.0', adapter)),
    weights,
    'visual.merger.mlp.2',
    adapter,
  );
}

/**
 * Every patch of an image attends to all of its patches.
 * @param queries [images, heads, patches, headDim], as keys and values
 * @param mask [images, 1, 1, patches]
 */
function attention(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor, blockScores?: number): Tensor {
  const [images = 0, heads = 0, patches = 0, headDim = 0] = queries.shape;
  if (!needsBlocks(images * heads * patches ** 2, blockScores)) {
    const scores = tf.add(tf.mul(tf.matMul(queries, keys, false, true), headDim ** -0.5), mask);
    return tf.matMul(tf.softmax(scores), values);
  }
  const flat = (x: Tensor): Tensor => tf.reshape(x, [images * heads, patches, headDim]);
  const set = { keys: flat(keys), values: flat(values), mask: tf.reshape(mask, [images, patches]) };
  return tf.reshape(attendInBlocks(flat(queries), [set], headDim ** -0.5, blockScores), queries.shape);
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
