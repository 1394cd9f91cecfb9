/**
 * @file Decoding with weights laid out for it. With one token per row, launching many small ops would take most of the time,
 * so everything that does not depend on the token is folded into the weights: the adapter (W + scaling · B A), the scales
 * of the norms before the products, the scale of the attention scores, and the order of the heads. Queries, keys and values
 * are one product. Weights are laid out [in, out], which is faster with few rows. The fused copies are made from the
 * current weights at every prefill.
 *
 * Heads are ordered by key-value head: its g query heads, then its key. K, g, d as in language.ts.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../../formats/model-config.ts';
import { attendFused, type KeySet } from './fused-attention.ts';
import { hasGpuOps } from './gpu-ops.ts';
import { fusesWeights } from '../../method/model-size.ts';
import {
  layerCaches,
  logitsOf,
  outputTable,
  ownGrid,
  type KeyValues,
  type Model,
  type StepInputs,
} from './language.ts';
import { factorsOf, mergedWeight } from './lora.ts';
import { rotateHalfMatrix, silu, updateRows } from './ops.ts';

type Tensors = Record<string, Tensor>;

/** Whether decoding uses fused weights: the copies of all layers are worth their memory for small models only. Linear attention has none. */
export function worthFusing(config: ModelConfig): boolean {
  if (config.linear !== undefined) return false;
  const perLayer = Object.values(layerShapes(config)).reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
  return fusesWeights(perLayer * config.numLayers);
}

/** Columns of the query and key heads, and of the value heads. */
function widths({ numHeads, numKeyValueHeads, headDim }: ModelConfig): { turning: number; values: number } {
  return { turning: (numHeads + numKeyValueHeads) * headDim, values: numKeyValueHeads * headDim };
}

/** Shapes of one layer's fused weights, [in, out]. */
function layerShapes(config: ModelConfig): Record<string, readonly number[]> {
  const { hiddenSize, intermediateSize, numHeads, numKeyValueHeads, headDim } = config;
  const { turning, values } = widths(config);
  return {
    // Queries and keys, then values.
    qkv: [hiddenSize, turning + values],
    ...(config.qkvBias ? { qkvBias: [turning + values] } : {}),
    // Scales of the norms of queries and keys.
    ...(config.qkNorm ? { qkNorm: [numHeads + numKeyValueHeads, headDim] } : {}),
    o: [numHeads * headDim, hiddenSize],
    gate: [hiddenSize, intermediateSize],
    up: [hiddenSize, intermediateSize],
    down: [intermediateSize, hiddenSize],
  };
}

/** The output projection is copied as well if it has at most this many weights. */
const LARGEST_FUSED_TABLE = 4_000_000;

const TABLE = 'fused/table';

function fusesTable({ hiddenSize, vocabSize }: ModelConfig): boolean {
  return hiddenSize * vocabSize <= LARGEST_FUSED_TABLE;
}

/** Shapes of all fused weights, by variable name. */
export function fusedShapes(config: ModelConfig): Record<string, readonly number[]> {
  const layers = Array.from({ length: config.numLayers }, (_, layer) => layer).flatMap((layer) =>
    Object.entries(layerShapes(config)).map(([name, shape]) => [nameOf(layer, name), shape] as const),
  );
  return {
    ...Object.fromEntries(layers),
    ...(fusesTable(config) ? { [TABLE]: [config.hiddenSize, config.vocabSize] } : {}),
  };
}

function nameOf(layer: number, name: string): string {
  return `fused/${String(layer)}/${name}`;
}

/** The fused weights of a model with its adapter merged in. */
export function fuseWeights(model: Model): Tensors {
  const fused: Tensors = {};
  for (let layer = 0; layer < model.config.numLayers; layer++) {
    const prefix = `model.layers.${String(layer)}`;
    const merged = (module: string): Tensor => weightWithAdapter(model, `${prefix}.${module}`);
    const bias = (module: string): Tensor => tf.expandDims(get(model.weights, `${prefix}.self_attn.${module}.bias`), 1);
    const { qkvBias, qkNorm } = model.config;
    const scaled = (weight: Tensor, norm: string): Tensor => afterNorm(model, weight, `${prefix}.${norm}.weight`);
    const joined = joinHeads(
      model.config,
      merged('self_attn.q_proj'),
      merged('self_attn.k_proj'),
      merged('self_attn.v_proj'),
    );
    fused[nameOf(layer, 'qkv')] = scaled(joined, 'input_layernorm');
    if (qkvBias) {
      const biases = joinHeads(model.config, bias('q_proj'), bias('k_proj'), bias('v_proj'));
      fused[nameOf(layer, 'qkvBias')] = tf.reshape(biases, [-1]);
    }
    if (qkNorm) fused[nameOf(layer, 'qkNorm')] = joinNorms(model, `${prefix}.self_attn`);
    fused[nameOf(layer, 'o')] = tf.transpose(merged('self_attn.o_proj'));
    fused[nameOf(layer, 'gate')] = scaled(merged('mlp.gate_proj'), 'post_attention_layernorm');
    fused[nameOf(layer, 'up')] = scaled(merged('mlp.up_proj'), 'post_attention_layernorm');
    fused[nameOf(layer, 'down')] = tf.transpose(merged('mlp.down_proj'));
  }
  if (fusesTable(model.config)) fused[TABLE] = afterNorm(model, outputTable(model), 'model.norm.weight');
  return fused;
}

/** The weight of a product that follows a norm, with the norm's scale in it. @param weight [out, in] @returns [in, out] */
function afterNorm(model: Model, weight: Tensor, norm: string): Tensor {
  return tf.transpose(tf.mul(weight, get(model.weights, norm)));
}

/**
 * Rows of the query, key and value weights (or biases) in the order of the fused product. @param q [H·d, n], k and v [K·d, n]
 * @returns [(H + K) · d + K · d, n]
 */
function joinHeads(config: ModelConfig, q: Tensor, k: Tensor, v: Tensor): Tensor {
  const { numHeads, numKeyValueHeads: heads, headDim } = config;
  const n = q.shape[1] ?? 1;
  // A norm after the product would take the scale of the attention scores away again: joinNorms has it then.
  const scaled = config.qkNorm ? q : tf.mul(q, headDim ** -0.5);
  const queries = tf.reshape(scaled, [heads, numHeads / heads, headDim, n]);
  const turning = tf.concat([queries, tf.reshape(k, [heads, 1, headDim, n])], 1);
  return tf.concat([tf.reshape(turning, [widths(config).turning, n]), v], 0);
}

/** The scales of the norms of queries (and of the attention scores) and keys, in the order of the heads. @returns [H + K, d] */
function joinNorms({ config, weights }: Model, attention: string): Tensor {
  const { numHeads, numKeyValueHeads: heads, headDim } = config;
  const ofQueries = tf.mul(get(weights, `${attention}.q_norm.weight`), headDim ** -0.5);
  const group = tf.concat([
    tf.tile(tf.reshape(ofQueries, [1, headDim]), [numHeads / heads, 1]),
    tf.reshape(get(weights, `${attention}.k_norm.weight`), [1, headDim]),
  ]);
  return tf.tile(group, [heads, 1]);
}

function weightWithAdapter({ weights, adapter }: Model, module: string): Tensor {
  const weight = get(weights, `${module}.weight`);
  const factors = factorsOf(adapter, module);
  return factors === null ? weight : mergedWeight(weight, factors.a, factors.b, factors.scaling);
}

/** `runStep` over fused weights. */
export function runFusedStep(
  model: Model,
  fused: Tensors,
  inputs: StepInputs,
): { hidden: Tensor; caches: KeyValues[] } {
  const { numHeads, numKeyValueHeads: heads, headDim, rmsNormEps, numLayers } = model.config;
  const { batch, groupSize, capacity } = inputs;
  const perHead = numHeads / heads;
  const { turning, values } = widths(model.config);
  const rows = batch * groupSize;
  const weight = (layer: number, name: string): tf.Tensor2D => get(fused, nameOf(layer, name)) as tf.Tensor2D;
  const product = (x: Tensor, layer: number, name: string): Tensor => tf.matMul(x as tf.Tensor2D, weight(layer, name));
  // Everything that all layers share is made once.
  const everyHead = (t: Tensor): Tensor =>
    tf.reshape(tf.tile(t, [1, numHeads + heads, 1]), [rows * (numHeads + heads), headDim]);
  const cos = everyHead(inputs.rotary.cos);
  const sin = everyHead(inputs.rotary.sin);
  const turn = rotateHalfMatrix(headDim);
  const ownMask = tf.tile(tf.reshape(inputs.ownMask, [1, 1, 1, capacity]), [batch, 1, 1, 1]);
  const mask = tf.concat([inputs.promptMask, ownMask], 3);
  const written: KeyValues[] = [];
  let x = inputs.embeds;
  for (let layer = 0; layer < numLayers; layer++) {
    const products = product(normal(x, rmsNormEps), layer, 'qkv');
    const all = model.config.qkvBias ? tf.add(products, weight(layer, 'qkvBias')) : products;
    const [straight, v] = tf.split(all, [turning, values], 1) as [Tensor, Tensor];
    const plain = tf.reshape(straight, [-1, headDim]);
    const byRow = (
      model.config.qkNorm ? tf.mul(normal(plain, rmsNormEps), tf.tile(weight(layer, 'qkNorm'), [rows, 1])) : plain
    ) as tf.Tensor2D;
    const turned = tf.add(tf.mul(byRow, cos), tf.mul(tf.matMul(byRow, turn), sin));
    const byHead = tf.transpose(tf.reshape(turned, [batch, groupSize, heads, perHead + 1, headDim]), [0, 2, 1, 3, 4]);
    const [q, k] = tf.split(byHead, [perHead, 1], 3) as [Tensor, Tensor];
    const valueRows = tf.transpose(tf.reshape(v, [batch, groupSize, heads, headDim]), [0, 2, 1, 3]);
    const { cache, prompt } = layerCaches(inputs, layer);
    const updated = {
      keys: updateRows(cache.keys, inputs.slots, tf.reshape(k, [-1, headDim])),
      values: updateRows(cache.values, inputs.slots, tf.reshape(valueRows, [-1, headDim])),
    };
    written.push(updated);
    const own = ownGrid(updated, inputs, model.config);
    const attended = hasGpuOps() ? attendAsOneOp(q, prompt, own, inputs) : attendAtOnce(q, prompt, own, mask);
    const context = tf.reshape(tf.transpose(attended, [0, 2, 1, 3, 4]), [rows, numHeads * headDim]);
    const middle = tf.add(x, product(context, layer, 'o'));
    const input = normal(middle, rmsNormEps);
    const gate = silu(product(input, layer, 'gate'));
    x = tf.add(middle, product(tf.mul(gate, product(input, layer, 'up')), layer, 'down'));
  }
  return { hidden: x, caches: written };
}

/**
 * @param q [B, K, G, g, d], whose scores need no scale
 * @param own [B, K, G, capacity, d]
 * @param mask [B, 1, 1, P + capacity]
 * @returns [B, K, G, g, d]
 */
function attendAtOnce(q: Tensor, prompt: KeyValues, own: KeyValues, mask: Tensor): Tensor {
  const [batch = 0, heads = 0, groupSize = 0, perHead = 0, headDim = 0] = q.shape;
  const [promptLength, capacity] = [prompt.keys.shape[2] ?? 0, own.keys.shape[3] ?? 0];
  const flat = [batch, heads, groupSize * perHead];
  const grid = [batch, heads, groupSize, perHead];
  const toPrompt = tf.matMul(tf.reshape(q, [...flat, headDim]), prompt.keys, false, true);
  const toOwn = tf.reshape(tf.matMul(q, own.keys, false, true), [...flat, capacity]);
  const shares = tf.softmax(tf.add(tf.concat([toPrompt, toOwn], 3), mask));
  const [promptShares, ownShares] = tf.split(shares, [promptLength, capacity], 3) as [Tensor, Tensor];
  const fromPrompt = tf.reshape(tf.matMul(promptShares, prompt.values), [...grid, headDim]);
  const fromOwn = tf.matMul(tf.reshape(ownShares, [...grid, capacity]), own.values);
  return tf.add(fromPrompt, fromOwn);
}

/** The same where attention is an op (fused-attention.ts). */
function attendAsOneOp(q: Tensor, prompt: KeyValues, own: KeyValues, inputs: StepInputs): Tensor {
  const [batch = 0, , , perHead = 0, headDim = 0] = q.shape;
  const flat = (x: Tensor, rows: number): Tensor => tf.reshape(x, [-1, rows, headDim]);
  const [promptLength, capacity] = [prompt.keys.shape[2] ?? 0, own.keys.shape[3] ?? 0];
  const set = ({ keys, values }: KeyValues, rows: number, mask: Tensor): KeySet => ({
    keys: flat(keys, rows),
    values: flat(values, rows),
    mask,
  });
  const sets = [
    set(prompt, promptLength, tf.reshape(inputs.promptMask, [batch, promptLength])),
    set(own, capacity, inputs.ownMask),
  ];
  return tf.reshape(attendFused(flat(q, perHead), sets, 1), q.shape);
}

/** `logitsOf` over fused weights. @param hidden [n, D] @returns [n, vocabulary] */
export function fusedLogits(model: Model, fused: Tensors, hidden: Tensor): Tensor {
  if (!fusesTable(model.config)) return logitsOf(model, hidden);
  const { rmsNormEps } = model.config;
  return tf.matMul(normal(hidden, rmsNormEps) as tf.Tensor2D, get(fused, TABLE) as tf.Tensor2D);
}

/** RMSNorm without its scale, which is in the weights that follow. */
function normal(x: Tensor, epsilon: number): Tensor {
  return tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon)));
}

function get(tensors: Tensors, name: string): Tensor {
  const tensor = tensors[name];
  if (tensor === undefined) throw new Error(`${name} is missing.`);
  return tensor;
}
