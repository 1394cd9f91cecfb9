/**
 * @file Qwen3-VL's vision tower (transformers' Qwen3VLVisionModel): learned positions, interpolated; the tanh form of GELU in
 * the layers and the erf form in the mergers; DeepStack mergers that normalise after the patches are side by side.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Model } from '../../language.ts';
import { adaptedLinear } from '../../lora.ts';
import { gelu, geluTanh, linear } from '../../ops.ts';
import {
  layerNormOf,
  learnedPositions,
  projectTogether,
  sideBySide,
  stillKernel,
  weightOf,
  type Tower,
} from '../tower.ts';

export const QWEN3_VL_TOWER: Tower = {
  embed: (model, pixels, taps) => {
    const patches = linear(pixels, stillKernel(model), weightOf(model.weights, 'visual.patch_embed.proj.bias'));
    return tf.add(patches, learnedPositions(weightOf(model.weights, 'visual.pos_embed.weight'), taps));
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
