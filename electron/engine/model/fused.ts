/**
 * @file Layers for decoding. One token per row is too little work to hide the cost of launching many small ops, so the
 * adapter is merged into the weights, products that share their input become one, and every weight is laid out as it is
 * read. The fused copies are made from the current weights at every prefill.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Qwen2VLConfig } from '../../formats/qwen2-vl-config.ts';
import type { LayerOps, Model } from './language.ts';
import { applyRotary, rmsNorm, silu } from './ops.ts';

type Tensors = Record<string, Tensor>;

/** Copies of every layer are only worth their memory for small models: above this many weights decoding uses them as they are. */
const LARGEST_FUSED_WEIGHTS = 64_000_000;

export function worthFusing(config: Qwen2VLConfig): boolean {
  const perLayer = Object.values(layerShapes(config)).reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
  return perLayer * config.numLayers <= LARGEST_FUSED_WEIGHTS;
}

/** Shapes of one layer's fused weights, [in, out]. */
function layerShapes(config: Qwen2VLConfig): Record<string, readonly number[]> {
  const { hiddenSize, intermediateSize, numHeads, numKeyValueHeads, headDim } = config;
  const qkv = (numHeads + 2 * numKeyValueHeads) * headDim;
  return {
    qkv: [hiddenSize, qkv],
    qkvBias: [qkv],
    o: [numHeads * headDim, hiddenSize],
    gateUp: [hiddenSize, 2 * intermediateSize],
    down: [intermediateSize, hiddenSize],
  };
}

/** Shapes of all fused weights, by variable name. */
export function fusedShapes(config: Qwen2VLConfig): Record<string, readonly number[]> {
  return Object.fromEntries(
    Array.from({ length: config.numLayers }, (_, layer) => layer).flatMap((layer) =>
      Object.entries(layerShapes(config)).map(([name, shape]) => [nameOf(layer, name), shape]),
    ),
  );
}

function nameOf(layer: number, name: string): string {
  return `fused/${String(layer)}/${name}`;
}

/** The fused weights of a model with its adapter merged in: W + scaling · B A. */
export function fuseWeights(model: Model): Tensors {
  const fused: Tensors = {};
  for (let layer = 0; layer < model.config.numLayers; layer++) {
    const prefix = `model.layers.${String(layer)}`;
    const merged = (module: string): Tensor => mergedWeight(model, `${prefix}.${module}`);
    const joined = (modules: string[]): Tensor => tf.transpose(tf.concat(modules.map(merged), 0));
    fused[nameOf(layer, 'qkv')] = joined(['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj']);
    fused[nameOf(layer, 'qkvBias')] = tf.concat(
      ['q_proj', 'k_proj', 'v_proj'].map((module) => get(model.weights, `${prefix}.self_attn.${module}.bias`)),
    );
    fused[nameOf(layer, 'o')] = joined(['self_attn.o_proj']);
    fused[nameOf(layer, 'gateUp')] = joined(['mlp.gate_proj', 'mlp.up_proj']);
    fused[nameOf(layer, 'down')] = joined(['mlp.down_proj']);
  }
  return fused;
}

function mergedWeight({ weights, adapter }: Model, module: string): Tensor {
  const weight = get(weights, `${module}.weight`);
  const a = adapter?.weights[`${module}.lora_A`];
  const b = adapter?.weights[`${module}.lora_B`];
  if (adapter === null || a === undefined || b === undefined) return weight;
  return tf.add(weight, tf.mul(tf.matMul(b as tf.Tensor2D, a as tf.Tensor2D), adapter.scaling));
}

/** The layers of a model over its fused weights. */
export function fusedLayers(model: Model, fused: Tensors): LayerOps {
  const { numHeads, numKeyValueHeads, headDim, intermediateSize, rmsNormEps } = model.config;
  const product = (x: Tensor, layer: number, name: string): Tensor =>
    tf.matMul(x as tf.Tensor2D, get(fused, nameOf(layer, name)) as tf.Tensor2D);
  const norm = (x: Tensor, layer: number, name: string): Tensor =>
    rmsNorm(x, get(model.weights, `model.layers.${String(layer)}.${name}.weight`), rmsNormEps);
  return {
    project: (layer, x, rotary) => {
      const flat = tf.add(
        product(norm(x, layer, 'input_layernorm'), layer, 'qkv'),
        get(fused, nameOf(layer, 'qkvBias')),
      );
      const heads = tf.reshape(flat, [-1, numHeads + 2 * numKeyValueHeads, headDim]);
      const [turning, v] = tf.split(heads, [numHeads + numKeyValueHeads, numKeyValueHeads], 1) as [Tensor, Tensor];
      const turned = applyRotary(turning, rotary.cos, rotary.sin);
      const [q, k] = tf.split(turned, [numHeads, numKeyValueHeads], 1) as [Tensor, Tensor];
      return { q, k, v };
    },
    finish: (layer, x, context) => {
      const middle = tf.add(x, product(context, layer, 'o'));
      const both = product(norm(middle, layer, 'post_attention_layernorm'), layer, 'gateUp');
      const [gate, up] = tf.split(both, [intermediateSize, intermediateSize], 1) as [Tensor, Tensor];
      return tf.add(middle, product(tf.mul(silu(gate), up), layer, 'down'));
    },
  };
}

function get(tensors: Tensors, name: string): Tensor {
  const tensor = tensors[name];
  if (tensor === undefined) throw new Error(`${name} is missing.`);
  return tensor;
}
