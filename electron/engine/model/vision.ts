/**
 * @file Vision towers: patches of many images in, one row per merged token out. What all families share is here: how images
 * lie in a batch, attention of patches to each other, and blocks for large pictures. What differs is each family's `Tower`.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { VisionConfig } from '../../formats/model-config.ts';
import { attendInBlocks } from './attention.ts';
import { hasGpuOps } from './gpu-ops.ts';
import { emptyBlocks, mapRows, needsBlocks, overRows, placesOf, rowsOfBlock, takeRows } from './blocks.ts';
import { towerOf } from './families/towers.ts';
import type { Model } from './language.ts';
import { gatherRows, updateRows } from './ops.ts';

export interface VisionInputs {
  /** [images, patches, channels·patch²]. Small images are padded at the end. */
  pixels: Tensor;
  /** [images, patches, headDim]; absent = nothing is rotated. */
  cos: Tensor | undefined;
  sin: Tensor | undefined;
  /** Where learned positions are interpolated [images, patches, 2 · taps] (patch-positions.ts); absent = there are none. */
  taps?: Tensor | undefined;
  /** [images, 1, 1, patches]: 0 for patches that exist, a large negative number for padding. */
  mask: Tensor;
}

/** Results as wide as the middle of an MLP that exist at the same time. */
const MIDDLES = 2;

/**
 * Differentiable with respect to all weights.
 * @returns [images · patches / mergeSize², featureWidth]; rows of padding are meaningless
 */
export function encodeImages(inputs: VisionInputs, model: Model): Tensor {
  const { vision } = model.config;
  const { depth, numHeads, embedDim, headDim } = vision;
  const tower = towerOf(model.config);
  const [images = 0, patches = 0] = inputs.pixels.shape;
  const { pixels, cos, sin, taps } = rowsOf(inputs);
  let x = tower.embed(model, pixels, taps);
  const stacked: Tensor[] = [];
  for (let layer = 0; layer < depth; layer++) {
    const group = groupRows(vision, layer, patches);
    const groups = (images * patches) / group;
    const perHead = (t: Tensor): Tensor =>
      tf.transpose(tf.reshape(t, [groups, group, numHeads, headDim]), [0, 2, 1, 3]);
    const { q, k, v } = tower.project(model, layer, x, cos, sin);
    const context = attention(perHead(q), perHead(k), perHead(v), inputs.mask, model.blockValues);
    const rows = tf.reshape(tf.transpose(context, [0, 2, 1, 3]), [images * patches, embedDim]);
    x = tower.finishLayer(model, layer, x, rows);
    const place = vision.deepstackLayers?.indexOf(layer) ?? -1;
    if (place >= 0) stacked.push(tower.stack(model, place, x));
  }
  return joinFeatures(tower.merge(model, x), stacked);
}

/**
 * The same without a backward pass. Large pictures are computed in blocks of patches: besides the hidden states of a layer
 * and its queries, keys and values, intermediate results exist for one block at a time. Of a photo of 12 megapixels, the
 * middle of an MLP of Qwen2-VL-2B's tower alone would be 1.3 GB. Loops have a price: four more in each layer double the graph, and
 * TensorFlow prepares it for seconds. So pictures whose middle is small have a loop for their attention only.
 */
export function encodeFrozenImages(inputs: VisionInputs, model: Model): Tensor {
  const { vision, hiddenSize } = model.config;
  const { depth, numHeads, embedDim, headDim, intermediateSize, spatialMergeSize } = vision;
  const [images = 0, patches = 0] = inputs.pixels.shape;
  const total = images * patches;
  const fits = !needsBlocks(images * numHeads * patches ** 2, model.blockValues);
  if (fits || !needsBlocks(MIDDLES * total * intermediateSize, model.blockValues)) return encodeImages(inputs, model);
  const tower = towerOf(model.config);
  const merged = spatialMergeSize ** 2;
  const most = rowsOfBlock(intermediateSize, model.blockValues);
  const { pixels, cos, sin, taps } = rowsOf(inputs);
  const mergeAll = (rows: Tensor, merge: (part: Tensor) => Tensor): Tensor =>
    mapRows([total / merged, hiddenSize], Math.ceil(most / merged), (first, size) =>
      merge(takeRows(rows, tf.mul(first, tf.scalar(merged, 'int32')), size * merged)),
    );
  let x = mapRows([total, embedDim], most, (first, size) =>
    tower.embed(model, takeRows(pixels, first, size), taps === undefined ? undefined : takeRows(taps, first, size)),
  );
  const stacked: Tensor[] = [];
  for (let layer = 0; layer < depth; layer++) {
    const before = x;
    const group = groupRows(vision, layer, patches);
    const buffers = Array.from({ length: 3 }, () => emptyBlocks([total * numHeads, headDim]));
    const filled = overRows(total, most, buffers, (first, size, [queries, keys, values]) => {
      const rows = (t: Tensor): Tensor => takeRows(t, first, size);
      const { q, k, v } = tower.project(model, layer, rows(before), rotaryRows(cos, rows), rotaryRows(sin, rows));
      const places = tf.reshape(placesByHead(first, size, group, numHeads), [-1]);
      const put = (buffer: Tensor | undefined, t: Tensor): Tensor =>
        updateRows(buffer as Tensor, places, tf.reshape(tf.transpose(t, [1, 0, 2]), [-1, headDim]));
      return [put(queries, q), put(keys, k), put(values, v)];
    });
    const [q, k, v] = filled.map((t) => tf.reshape(t, [total / group, numHeads, group, headDim])) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const context = tf.reshape(attention(q, k, v, inputs.mask, model.blockValues), [-1, headDim]);
    x = mapRows([total, embedDim], most, (first, size) => {
      const own = gatherRows(context, tf.reshape(placesByHead(first, size, group, numHeads), [-1]));
      const heads = tf.transpose(tf.reshape(own, [numHeads, size, headDim]), [1, 0, 2]);
      return tower.finishLayer(model, layer, takeRows(before, first, size), tf.reshape(heads, [size, embedDim]));
    });
    const place = vision.deepstackLayers?.indexOf(layer) ?? -1;
    if (place >= 0) stacked.push(mergeAll(x, (part) => tower.stack(model, place, part)));
  }
  const features = mergeAll(x, (part) => tower.merge(model, part));
  return joinFeatures(features, stacked);
}

/** Features of the embeddings and, beside them, those that join later text layers. */
function joinFeatures(features: Tensor, stacked: readonly Tensor[]): Tensor {
  return stacked.length === 0 ? features : tf.concat([features, ...stacked], 1);
}

/** Some rows of a rotary table, if there is one. */
function rotaryRows(table: Tensor | undefined, rows: (t: Tensor) => Tensor): Tensor | undefined {
  return table === undefined ? undefined : rows(table);
}

/** Rows of patches that attend to each other in a layer: those of a window, or of an image. */
function groupRows({ windows, spatialMergeSize }: VisionConfig, layer: number, patches: number): number {
  if (windows === undefined || windows.fullLayers.includes(layer)) return patches;
  const rows = (windows.side * spatialMergeSize) ** 2;
  // A batch without images has fewer rows than a window.
  return patches % rows === 0 ? rows : patches;
}

/** All patches of a batch as rows: pixels [rows, values], cos and sin [rows, 1, headDim], taps [rows, 2 · taps]. */
function rowsOf({ pixels, cos, sin, taps }: VisionInputs): Omit<VisionInputs, 'mask'> {
  const [images = 0, patches = 0, values = 0] = pixels.shape;
  const rotary = (t: Tensor | undefined): Tensor | undefined =>
    t === undefined ? undefined : tf.reshape(t, [images * patches, 1, -1]);
  return {
    pixels: tf.reshape(pixels, [images * patches, values]),
    cos: rotary(cos),
    sin: rotary(sin),
    taps: taps === undefined ? undefined : tf.reshape(taps, [images * patches, -1]),
  };
}

/**
 * Where rows first … first + size − 1 of all patches lie in a tensor [groups, heads, rows of a group, …] seen as rows.
 * @returns [heads, size] int32
 */
function placesByHead(first: Tensor, size: number, group: number, heads: number): Tensor {
  const rows = tf.add(first, placesOf(size));
  const own = tf.floorDiv(rows, tf.scalar(group, 'int32'));
  // (own · heads + head) · group + row − own · group
  const inFirstHead = tf.add(rows, tf.mul(own, tf.scalar((heads - 1) * group, 'int32')));
  const heads1d = tf.mul(placesOf(heads), tf.scalar(group, 'int32'));
  return tf.add(tf.reshape(heads1d, [heads, 1]), tf.reshape(inFirstHead, [1, size]));
}

/**
 * Every patch of a group attends to all of its patches.
 * @param queries [groups, heads, rows of a group, headDim], as keys and values
 * @param mask one value for each row of each group, in whatever shape
 */
function attention(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor, blockValues?: number): Tensor {
  const [groups = 0, heads = 0, rows = 0, headDim = 0] = queries.shape;
  if (!hasGpuOps() && !needsBlocks(groups * heads * rows ** 2, blockValues)) {
    const own = tf.reshape(mask, [groups, 1, 1, rows]);
    const scores = tf.add(tf.mul(tf.matMul(queries, keys, false, true), headDim ** -0.5), own);
    return tf.matMul(tf.softmax(scores), values);
  }
  const flat = (x: Tensor): Tensor => tf.reshape(x, [groups * heads, rows, headDim]);
  const set = { keys: flat(keys), values: flat(values), mask: tf.reshape(mask, [groups, rows]) };
  return tf.reshape(attendInBlocks(flat(queries), [set], headDim ** -0.5, blockValues), queries.shape);
}
