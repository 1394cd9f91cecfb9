/**
 * @file Qwen3-VL's vision tower (transformers' Qwen3VLVisionModel): learned positions, interpolated; the tanh form of GELU in
 * the layers and the erf form in the mergers; DeepStack mergers that normalise after the patches are side by side.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Model } from '../../language.ts';
import { adaptedLinear } from '../../lora.ts';
import { gatherRows, gelu, geluTanh, linear } from '../../ops.ts';
import { TAPS } from '../../patch-positions.ts';
import { layerNormOf, projectTogether, sideBySide, stillKernel, weightOf, type Tower } from '../tower.ts';

export const QWEN3_VL_TOWER: Tower = {
  embed: (model, pixels, taps) => {
    if (taps === undefined) throw new Error('Qwen3-VL needs the places of its learned positions.');
    const patches = linear(pixels, stillKernel(model), weightOf(model.weights, 'visual.patch_embed.proj.bias'));
    return tf.add(patches, positions(model, taps));
  },
  project: (model, layer, x, cos, sin) =>
    projectTogether(model, layer, layerNormOf(model, x, `visual.blocks.${String(layer)}.norm1`), cos, sin),
  finishLayer: (model, layer, x, context) => {
    const { weights, adapter } = model;
    const name = `visual.blocks.${String(layer)}`;
    const middle = tf.add(x, adaptedLinear(context, weights, `${name}.attn.proj`, adapter));
    const normal = layerNormOf(model, middle, `${name}.norm2`);
    const inner = geluTanh(adaptedLinear(normal, weights, `${name}.mlp.linear_fc1`, adapter));
    return tf.add(middle, adaptedLinear(inner, weights, `${name}.mlp.linear_fc2`, adapter));
  },
  merge: (model, x) =>
    throughMerger(model, 'visual.merger', sideBySide(model, layerNormOf(model, x, 'visual.merger.norm'))),
  stack: (model, place, x) => {
    const name = `visual.deepstack_merger_list.${String(place)}`;
    return throughMerger(model, name, layerNormOf(model, sideBySide(model, x), `${name}.norm`));
  },
};

function throughMerger({ weights, adapter }: Model, name: string, x: Tensor): Tensor {
  const inner = gelu(adaptedLinear(x, weights, `${name}.linear_fc1`, adapter));
  return adaptedLinear(inner, weights, `${name}.linear_fc2`, adapter);
}

/** The learned positions of patches: the weighted sum of four places of the grid. @param taps [rows, 8] @returns [rows, E] */
function positions({ weights }: Model, taps: Tensor): Tensor {
  const table = weightOf(weights, 'visual.pos_embed.weight');
  const [places, shares] = tf.split(taps, [TAPS, TAPS], 1) as [Tensor, Tensor];
  const width = table.shape[1] ?? 0;
  const rows = gatherRows(table, tf.reshape(tf.cast(places, 'int32'), [-1]));
  return tf.sum(tf.mul(tf.reshape(rows, [-1, TAPS, width]), tf.expandDims(shares, 2)), 1);
}
