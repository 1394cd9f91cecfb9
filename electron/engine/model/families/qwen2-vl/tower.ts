/** @file Qwen2-VL's vision tower (transformers' Qwen2VisionTransformerPretrainedModel): LayerNorm and QuickGELU. */
import * as tf from '@tensorflow/tfjs-core';
import { adaptedLinear } from '../../lora.ts';
import { gelu, linear, quickGelu } from '../../ops.ts';
import { layerNormOf, noStack, projectTogether, sideBySide, stillKernel, type Tower } from '../tower.ts';

export const QWEN2_VL_TOWER: Tower = {
  embed: (model, pixels) => linear(pixels, stillKernel(model)),
  project: (model, layer, x, cos, sin) =>
    projectTogether(model, layer, layerNormOf(model, x, `visual.blocks.${String(layer)}.norm1`), cos, sin),
  finishLayer: (model, layer, x, context) => {
    const { weights, adapter } = model;
    const name = `visual.blocks.${String(layer)}`;
    const middle = tf.add(x, adaptedLinear(context, weights, `${name}.attn.proj`, adapter));
    const normal = layerNormOf(model, middle, `${name}.norm2`);
    const inner = quickGelu(adaptedLinear(normal, weights, `${name}.mlp.fc1`, adapter));
    return tf.add(middle, adaptedLinear(inner, weights, `${name}.mlp.fc2`, adapter));
  },
  merge: (model, x) => {
    const { weights, adapter } = model;
    const merged = sideBySide(model, layerNormOf(model, x, 'visual.merger.ln_q'));
    const inner = gelu(adaptedLinear(merged, weights, 'visual.merger.mlp.0', adapter));
    return adaptedLinear(inner, weights, 'visual.merger.mlp.2', adapter);
  },
  stack: noStack,
};
