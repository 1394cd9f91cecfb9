/**
 * @file SmolVLM's vision tower (transformers' SmolVLMVisionTransformer and SmolVLMConnector, alike in Idefics3): SigLIP with
 * learned positions over one tile, whose patches are shuffled together and projected.
 */
import * as tf from '@tensorflow/tfjs-core';
import { adaptedLinear } from '../../lora.ts';
import { geluTanh, linear } from '../../ops.ts';
import { layerNormOf, learnedPositions, noStack, sideBySide, weightOf, type Tower } from '../tower.ts';

export const SMOLVLM_TOWER: Tower = {
  embed: ({ weights, config: { vision } }, pixels, taps) => {
    const { embedDim, inChannels, patchSize } = vision;
    const kernel = weightOf(weights, 'visual.embeddings.patch_embedding.weight');
    const rows = tf.reshape(kernel, [embedDim, inChannels * patchSize ** 2]);
    const patches = linear(pixels, rows, weightOf(weights, 'visual.embeddings.patch_embedding.bias'));
    return tf.add(patches, learnedPositions(weightOf(weights, 'visual.embeddings.position_embedding.weight'), taps));
  },
  project: (model, layer, x) => {
    const { weights, adapter, config } = model;
    const { numHeads, headDim } = config.vision;
    const name = `visual.encoder.layers.${String(layer)}`;
    const normal = layerNormOf(model, x, `${name}.layer_norm1`);
    const heads = (module: string): tf.Tensor =>
      tf.reshape(adaptedLinear(normal, weights, `${name}.self_attn.${module}`, adapter), [-1, numHeads, headDim]);
    return { q: heads('q_proj'), k: heads('k_proj'), v: heads('v_proj') };
  },
  finishLayer: (model, layer, x, context) => {
    const { weights, adapter } = model;
    const name = `visual.encoder.layers.${String(layer)}`;
    const middle = tf.add(x, adaptedLinear(context, weights, `${name}.self_attn.out_proj`, adapter));
    const normal = layerNormOf(model, middle, `${name}.layer_norm2`);
    const inner = geluTanh(adaptedLinear(normal, weights, `${name}.mlp.fc1`, adapter));
    return tf.add(middle, adaptedLinear(inner, weights, `${name}.mlp.fc2`, adapter));
  },
  merge: (model, x) => {
    const { weights, adapter } = model;
    const shuffled = sideBySide(model, layerNormOf(model, x, 'visual.post_layernorm'));
    return adaptedLinear(shuffled, weights, 'visual.connector.modality_projection.proj', adapter);
  },
  stack: noStack,
};
