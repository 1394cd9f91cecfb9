/**
 * @file Layers with linear attention (Gated DeltaNet, as Qwen3.5 has them): projections, a causal convolution over a few tokens, the gated
 * delta rule, and a norm with a gate. Instead of keys and values a layer carries a window of the convolution and a state, both
 * of fixed size. A group's completions begin with those after their prompt.
 *
 * Shapes: n sequences of L tokens, w = width of the convolution, k = tokens that it sees, H heads of values, dk and dv as in delta-rule.ts.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { LinearAttention, ModelConfig } from '../../formats/model-config.ts';
import { chunkLength, deltaRule, deltaStep } from './delta-rule.ts';
import { adaptedLinear, type Adapter, type Weights } from './lora.ts';
import { rmsNorm, silu, updateRows } from './ops.ts';
import { placesOf } from './blocks.ts';

/** What these layers need of a model. */
export interface LinearModel {
  weights: Weights;
  adapter: Adapter | null;
  config: Pick<ModelConfig, 'linear' | 'rmsNormEps'>;
}

/** What a layer carries from one token to the next. */
export interface LinearState {
  /** The last k tokens before the convolution [n, k · w]. */
  window: Tensor;
  /** [n, H · dk · dv] */
  state: Tensor;
}

/** Whether a layer has linear attention. */
export function isLinear({ linear }: Pick<ModelConfig, 'linear'>, layer: number): boolean {
  return linear?.layers.includes(layer) ?? false;
}

/** Widths of a sequence's window and state. */
export function stateWidths(linear: LinearAttention): { window: number; state: number } {
  const { keyDim, valueDim, valueHeads, kernelSize } = linear;
  return { window: kernelSize * convolved(linear), state: valueHeads * keyDim * valueDim };
}

function convolved({ keyHeads, keyDim, valueHeads, valueDim }: LinearAttention): number {
  return 2 * keyHeads * keyDim + valueHeads * valueDim;
}

function linearOf({ config: { linear } }: LinearModel): LinearAttention {
  if (linear === undefined) throw new Error('This model has no layers with linear attention.');
  return linear;
}

export function linearName(layer: number): string {
  return `model.layers.${String(layer)}.linear_attn`;
}

/** The products of a layer's tokens. */
export interface LinearParts {
  /** Queries, keys and values before the convolution [rows, w]. */
  qkv: Tensor;
  /** Gate of the result [rows, H · dv]. */
  z: Tensor;
  /** How much of a value is taken, in (0, 1) [rows, H]. */
  beta: Tensor;
  /** Log of the decay [rows, H]. */
  g: Tensor;
}

/** @param normal [rows, D] after the norm */
export function projectLinear(model: LinearModel, layer: number, normal: Tensor): LinearParts {
  const { weights, adapter } = model;
  const at = linearName(layer);
  const through = (module: string): Tensor => adaptedLinear(normal, weights, `${at}.${module}`, adapter);
  const steps = tf.softplus(tf.add(through('in_proj_a'), weightOf(model, `${at}.dt_bias`)));
  return {
    qkv: through('in_proj_qkv'),
    z: through('in_proj_z'),
    beta: tf.sigmoid(through('in_proj_b')),
    g: tf.neg(tf.mul(steps, tf.exp(weightOf(model, `${at}.A_log`)))),
  };
}

/** The first `count` rows of all parts, and the others. */
export function splitParts(parts: LinearParts, count: number): [LinearParts, LinearParts] {
  const halves = Object.entries<Tensor>({ ...parts }).map(([name, x]) => {
    const [first, second] = tf.split(x, [count, (x.shape[0] as number) - count]);
    return [[name, first] as const, [name, second] as const] as const;
  });
  const made = (which: 0 | 1): LinearParts =>
    Object.fromEntries(halves.map((pair) => pair[which])) as unknown as LinearParts;
  return [made(0), made(1)];
}

/**
 * The result of a layer's attention before its output projection.
 * @param count n sequences, whose tokens are the rows of `parts`, one sequence after another
 * @param before null = they begin
 * @param present [rows, 1]: 0 for padding at the beginning, which leaves no trace; absent = all are tokens
 * @returns context [rows, H · dv], and what the sequences carry on
 */
export function scanLinear(
  model: LinearModel,
  layer: number,
  parts: LinearParts,
  count: number,
  before: LinearState | null,
  present?: Tensor,
): { context: Tensor; after: LinearState } {
  const linear = linearOf(model);
  const { kernelSize, valueHeads, keyDim, valueDim } = linear;
  const width = convolved(linear);
  const length = (parts.qkv.shape[0] ?? 0) / count;
  const given = present === undefined ? parts.qkv : tf.mul(parts.qkv, present);
  const earlier =
    before === null
      ? tf.zeros([count, kernelSize - 1, width])
      : tf.slice(tf.reshape(before.window, [count, kernelSize, width]), [0, 1, 0], [-1, kernelSize - 1, -1]);
  const whole = tf.concat([earlier, tf.reshape(given, [count, length, width])], 1);
  const { q, k, v } = headsOf(linear, convolve(model, layer, whole, length), count, length);
  const size = chunkLength(length);
  const inChunks = (x: Tensor): Tensor => chunked(x, size);
  const perHead = (x: Tensor): Tensor => tf.reshape(x, [count, length, valueHeads, 1]);
  const scalars = (x: Tensor): Tensor => tf.squeeze(inChunks(perHead(x)), [3]);
  const { out, state } = deltaRule({
    ...{ q: inChunks(q), k: inChunks(k), v: inChunks(v), g: scalars(parts.g), beta: scalars(parts.beta) },
    state: tf.reshape(before?.state ?? tf.zeros([count, valueHeads * keyDim * valueDim]), [
      count * valueHeads,
      keyDim,
      valueDim,
    ]),
  });
  const context = gatedNorm(model, layer, joined(out, count, length), parts.z);
  const window = tf.slice(whole, [0, length - 1, 0], [-1, kernelSize, -1]);
  return {
    context,
    after: { window: tf.reshape(window, [count, -1]), state: tf.reshape(state, [count, -1]) },
  };
}

/**
 * One token of each of n sequences.
 * @param kept windows and states, in rows of which the first n are written in place if the backend can
 * @returns context [n, H · dv], and windows and states with the token (the same buffers where updates are in place)
 */
export function stepLinear(
  model: LinearModel,
  layer: number,
  parts: LinearParts,
  kept: LinearState,
): { context: Tensor; after: LinearState } {
  const linear = linearOf(model);
  const { kernelSize, valueHeads, keyDim, valueDim } = linear;
  const width = convolved(linear);
  const count = parts.qkv.shape[0] ?? 0;
  const rows = placesOf(count);
  const own = (buffer: Tensor): Tensor => (buffer.shape[0] === count ? buffer : tf.slice(buffer, [0, 0], [count, -1]));
  // Results are read from the buffers after they are written, so that the writing is part of what is computed.
  const shifted = tf.concat([tf.slice(own(kept.window), [0, width], [-1, -1]), parts.qkv], 1);
  const window = updateRows(kept.window, rows, shifted);
  const seen = tf.reshape(own(window), [count, kernelSize, width]);
  const { q, k, v } = headsOf(linear, convolve(model, layer, seen, 1), count, 1);
  const heads = count * valueHeads;
  const one = (x: Tensor): Tensor => tf.reshape(x, [heads, 1, -1]);
  const next = deltaStep({
    ...{ k: one(k), v: one(v), g: one(parts.g), beta: one(parts.beta) },
    state: tf.reshape(own(kept.state), [heads, keyDim, valueDim]),
  });
  const state = updateRows(kept.state, rows, tf.reshape(next, [count, -1]));
  const out = tf.matMul(one(q), tf.reshape(own(state), [heads, keyDim, valueDim]));
  return { context: gatedNorm(model, layer, tf.reshape(out, [count, -1]), parts.z), after: { window, state } };
}

/** Windows and states of prompts, for each of `groupSize` completions. */
export function forGroups({ window, state }: LinearState, groupSize: number): LinearState {
  const each = (x: Tensor): Tensor => {
    const [batch = 0, width = 0] = x.shape;
    return tf.reshape(tf.tile(tf.expandDims(x, 1), [1, groupSize, 1]), [batch * groupSize, width]);
  };
  return { window: each(window), state: each(state) };
}

/** Each channel's weighted sum over the tokens up to its own, and its activation. @param whole [n, k − 1 + L, w] @returns [n, L, w] */
function convolve(model: LinearModel, layer: number, whole: Tensor, length: number): Tensor {
  const { kernelSize } = linearOf(model);
  const weight = weightOf(model, `${linearName(layer)}.conv1d.weight`);
  const taps = tf.unstack(tf.reshape(weight, [-1, kernelSize]), 1);
  const sums = taps.map((tap, place) => tf.mul(tf.slice(whole, [0, place, 0], [-1, length, -1]), tap));
  return silu(sums.reduce((sum, each) => tf.add(sum, each)));
}

/** Queries and keys [n, L, H, dk], of length 1 (queries also scaled as in attention), and values [n, L, H, dv]. */
function headsOf(
  { keyHeads, valueHeads, keyDim, valueDim }: LinearAttention,
  qkv: Tensor,
  count: number,
  length: number,
): { q: Tensor; k: Tensor; v: Tensor } {
  const keys = keyHeads * keyDim;
  const [q, k, v] = tf.split(qkv, [keys, keys, valueHeads * valueDim], 2) as [Tensor, Tensor, Tensor];
  const unit = (x: Tensor, scale: number): Tensor => {
    // x / √(Σ x² + ε) is an RMSNorm with the scale 1 / √dk and ε / dk.
    const normal = rmsNorm(tf.reshape(x, [-1, keyDim]), tf.fill([keyDim], scale * keyDim ** -0.5), L2_EPSILON / keyDim);
    const shared = valueHeads === keyHeads ? normal : tf.tile(tf.expandDims(normal, 1), [1, valueHeads / keyHeads, 1]);
    return tf.reshape(shared, [count, length, valueHeads, keyDim]);
  };
  return { q: unit(q, keyDim ** -0.5), k: unit(k, 1), v: tf.reshape(v, [count, length, valueHeads, valueDim]) };
}

/** transformers' `l2norm` has it fixed. */
const L2_EPSILON = 1e-6;

/** [n, L, H, d] → [T, n · H, c, d], zeros at the end of the last chunk */
function chunked(x: Tensor, size: number): Tensor {
  const [count = 0, length = 0, heads = 0, dim = 0] = x.shape;
  const chunks = Math.ceil(length / size);
  const missing = chunks * size - length;
  const filled = missing === 0 ? x : tf.concat([x, tf.zeros([count, missing, heads, dim])], 1);
  const split = tf.reshape(filled, [count, chunks, size, heads, dim]);
  return tf.reshape(tf.transpose(split, [1, 0, 3, 2, 4]), [chunks, count * heads, size, dim]);
}

/** [T, n · H, c, d] → [n · L, H · d] */
function joined(x: Tensor, count: number, length: number): Tensor {
  const [chunks = 0, sequences = 0, size = 0, dim = 0] = x.shape;
  const heads = sequences / count;
  const split = tf.transpose(tf.reshape(x, [chunks, count, heads, size, dim]), [1, 0, 3, 2, 4]);
  const whole = tf.reshape(split, [count, chunks * size, heads * dim]);
  const own = chunks * size === length ? whole : tf.slice(whole, [0, 0, 0], [-1, length, -1]);
  return tf.reshape(own, [count * length, heads * dim]);
}

/** Normalised head by head, then gated. @param out and z [rows, H · dv] */
function gatedNorm(model: LinearModel, layer: number, out: Tensor, z: Tensor): Tensor {
  const { valueDim } = linearOf(model);
  const weight = weightOf(model, `${linearName(layer)}.norm.weight`);
  const normal = rmsNorm(tf.reshape(out, [-1, valueDim]), weight, model.config.rmsNormEps);
  return tf.mul(tf.reshape(normal, z.shape), silu(z));
}

function weightOf({ weights }: LinearModel, name: string): Tensor {
  const weight = weights[name];
  if (weight === undefined) throw new Error(`The weight ${name} is missing.`);
  return weight;
}
