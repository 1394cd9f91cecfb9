/**
 * @file Qwen2.5-VL's vision tower (transformers' Qwen2_5_VisionTransformerPretrainedModel): RMSNorm and gated MLPs. Which
 * patches attend to each other is in vision.ts, and how windows lie in memory in patch-positions.ts.
 */
import * as tf from '@tensorflow/tfjs-core';
import { adaptedLinear } from '../../lora.ts';
import { gelu, linear, silu } from '../../ops.ts';
import { noStack, projectTogether, rmsNormOf, sideBySide, stillKernel, type Tower } from '../tower.ts';

export const QWEN2_5_VL_TOWER: Tower = {
  embed: (model, pixels) => linear(pixels, stillKernel(model)),
  project: (model, layer, x, cos, sin) =>
    projectTogether(model, layer, rmsNormOf(model, x, `visual.blocks.${String(layer)}.norm1`), cos, sin),
  finishLayer: (model, layer, x, context) => {
    const { weights, adapter } = model;
    const name = `visual.blocks.${String(layer)}`;
    const middle = tf.add(x, adaptedLinear(context, weights, `${name}.attn.proj`, adapter));
    const normal = rmsNormOf(model, middle, `${name}.norm2`);
    const gate = silu(adaptedLinear(normal, weights, `${name}.mlp.gate_proj`, adapter));
    const up = adaptedLinear(normal, weights, `${name}.mlp.up_proj`, adapter);
    return tf.add(middle, adaptedLinear(tf.mul(gate, up), weights, `${name}.mlp.down_proj`, adapter));
  },
  merge: (model, x) => {
    const { weights, adapter } = model;
    const merged = sideBySide(model, rmsNormOf(model, x, 'visual.merger.ln_q'));
    const inner = gelu(adaptedLinear(merged, weights, 'visual.merger.mlp.0', adapter));
    return adaptedLinear(inner, weights, 'visual.merger.mlp.2', adapter);
  },
  stack: noStack,
};
