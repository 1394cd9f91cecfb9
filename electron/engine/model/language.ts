/**
 * @file The language model of all families, arranged so that a prompt is computed once for its whole group of completions.
 * Prompts and completions go through every linear layer together, and completions attend to their prompt's keys and
 * values (shared by the group) and to their own.
 *
 * Shapes: B prompts of P tokens (left-padded), G completions per prompt of C tokens (right-padded), R = B·G rows,
 * H query heads, K key-value heads, g = H / K, d = head dimension, D = hidden size.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../../formats/model-config.ts';
import { mapRows, needsBlocks, rowsOfBlock, takeRows } from './blocks.ts';
import {
  forGroups,
  isLinear,
  linearName,
  projectLinear,
  scanLinear,
  splitParts,
  stepLinear,
  type LinearState,
} from './linear-attention.ts';
import { adaptedLinear, type Adapter, type Weights } from './lora.ts';
import {
  completionHeads,
  groupAttention,
  promptAttention,
  promptKeyValues,
  type KeyValues,
} from './group-attention.ts';
import { outputProduct } from './output-product.ts';
import { applyRotary, gatherRows, rmsNorm, silu, updateRows } from './ops.ts';

export type { KeyValues } from './group-attention.ts';

export interface Model {
  weights: Weights;
  adapter: Adapter | null;
  config: ModelConfig;
  /** Most attention scores in memory at once, and values in the middle of an MLP; absent = the default of blocks.ts. */
  blockValues?: number;
}

export interface Rotary {
  cos: Tensor;
  sin: Tensor;
}

export interface PromptInputs {
  /** [B·P, D] */
  embeds: Tensor;
  batch: number;
  length: number;
  /** cos, sin [B·P, 1, d] */
  rotary: Rotary;
  /** [B, 1, 1, P]: 0 where there is a token, MASKED at padding. */
  mask: Tensor;
  /** Added to the prompts after the first layers, one after another (DeepStack) [B·P, D]; usually none. */
  stacked: readonly Tensor[];
}

/** What a layer keeps of tokens: keys and values, or the window and the state of linear attention. */
export type LayerCache = KeyValues | LinearState;

/** Embeddings of tokens. @returns [ids, D] */
export function embedTokens(model: Model, ids: Tensor): Tensor {
  return gatherRows(weightOf(model, 'model.embed_tokens.weight'), tf.reshape(ids, [-1]));
}

/**
 * Embeddings of prompts: image features where `index` is not negative, otherwise those of the tokens.
 * @param features rows [n, featureWidth]
 * @returns embeds [ids, D], and what is added after the first layers [ids, D] each
 */
export function embedPrompts(
  model: Model,
  ids: Tensor,
  features: { rows: Tensor; index: Tensor },
): { embeds: Tensor; stacked: Tensor[] } {
  const { hiddenSize } = model.config;
  const embeds = embedTokens(model, ids);
  const index = tf.reshape(features.index, [-1]);
  const rows = gatherRows(features.rows, tf.maximum(index, tf.scalar(0, 'int32')));
  const isImage = tf.cast(tf.reshape(tf.greaterEqual(index, tf.scalar(0, 'int32')), [-1, 1]), 'float32');
  const shown = tf.mul(rows, isImage);
  const parts = (shown.shape[1] ?? 0) / hiddenSize;
  const [own, ...stacked] = (parts === 1 ? [shown] : tf.split(shown, parts, 1)) as [Tensor, ...Tensor[]];
  return { embeds: tf.add(tf.mul(embeds, tf.sub(1, isImage)), own), stacked };
}

/** Runs prompts. @returns hidden states at their last positions after the last layer [B, D], what every layer keeps. */
export function runPrompts(model: Model, inputs: PromptInputs): { hidden: Tensor; cache: LayerCache[] } {
  const cache: LayerCache[] = [];
  let x = inputs.embeds;
  for (let layer = 0; layer < model.config.numLayers; layer++) {
    const last = isLast(model, layer);
    const asking = last ? (rows: Tensor) => lastOfPrompts(rows, inputs) : everyRow;
    const { context, kept } = isLinear(model.config, layer)
      ? promptLinear(model, layer, projectLinear(model, layer, inputNorm(model, layer, x)), inputs, asking)
      : promptContext(model, layer, x, inputs, asking);
    cache.push(kept);
    x = finishFrozenLayer(model, layer, asking(x), context);
    const more = inputs.stacked[layer];
    if (more !== undefined) x = tf.add(x, asking(more));
  }
  return { hidden: x, cache };
}

function promptContext(
  model: Model,
  layer: number,
  x: Tensor,
  inputs: PromptInputs,
  asking: (rows: Tensor) => Tensor,
): { context: Tensor; kept: KeyValues } {
  const { q, k, v, gate } = project(model, layer, x, inputs.rotary, asking);
  const kept = promptKeyValues(model, k, v, inputs);
  return { context: gated(promptAttention(model, q, kept, inputs), gate), kept };
}

/** Linear attention over prompts. Padding on the left leaves no trace in window and state. */
function promptLinear(
  model: Model,
  layer: number,
  parts: ReturnType<typeof projectLinear>,
  { batch, length, mask }: Together['prompts'],
  asking: (rows: Tensor) => Tensor,
): { context: Tensor; kept: LinearState } {
  const present = tf.cast(tf.equal(tf.reshape(mask, [batch * length, 1]), 0), 'float32');
  const { context, after } = scanLinear(model, layer, parts, batch, null, present);
  return { context: asking(context), kept: after };
}

/** `finishLayer` without a backward pass: the middle of a large MLP exists for some rows at a time. */
function finishFrozenLayer(model: Model, layer: number, x: Tensor, context: Tensor): Tensor {
  const { hiddenSize, intermediateSize } = model.config;
  const rows = x.shape[0] ?? 0;
  if (!needsBlocks(rows * intermediateSize, model.blockValues)) return finishLayer(model, layer, x, context);
  return mapRows([rows, hiddenSize], rowsOfBlock(intermediateSize, model.blockValues), (first, size) =>
    finishLayer(model, layer, takeRows(x, first, size), takeRows(context, first, size)),
  );
}

/**
 * After the last layer, only positions that predict a token matter: of a prompt, the last one. Its other positions are
 * needed for their keys and values alone, so their queries and everything after are never computed.
 */
function isLast({ config }: Model, layer: number): boolean {
  return layer === config.numLayers - 1;
}

/** The rows that have queries in a layer and continue to the next one: all of them. */
function everyRow(rows: Tensor): Tensor {
  return rows;
}

/** The last position of every prompt (left padding puts it at the end). @param rows [B·P, …] @returns [B, …] */
export function lastOfPrompts(rows: Tensor, { batch, length }: Pick<PromptInputs, 'batch' | 'length'>): Tensor {
  const rest = rows.shape.slice(1);
  const grid = tf.reshape(rows, [batch, length, ...rest]);
  const last = tf.slice(grid, [0, length - 1, ...rest.map(() => 0)], [batch, 1, ...rest]);
  return tf.reshape(last, [batch, ...rest]);
}

export interface CompletionInputs {
  /** [R·C, D], rows of one prompt next to each other */
  embeds: Tensor;
  groupSize: number;
  length: number;
  /** cos, sin [R·C, 1, d] */
  rotary: Rotary;
}

/** Embedded prompts with their completions: what every layer needs besides the hidden states. */
export interface Together {
  prompts: Omit<PromptInputs, 'embeds' | 'rotary'>;
  completions: Omit<CompletionInputs, 'embeds' | 'rotary'>;
  /** Of all rows, prompts first: cos, sin [B·P + R·C, 1, d] */
  rotary: Rotary;
  /** Sees the queries and keys of every layer (attention-weights.ts). */
  watch?: ((seen: SeenLayer) => void) | undefined;
}

/** What decides where the answers' tokens look in one layer. */
export interface SeenLayer {
  layer: number;
  /** Of the prompts' last positions, which write the first tokens [B, H, d]. */
  last: Tensor;
  /** Of the completions [R·C, H, d]. */
  queries: Tensor;
  /** [B, K, P, d] */
  promptKeys: Tensor;
  /** [B, K, G, C, d] */
  ownKeys: Tensor;
}

/** @returns hidden states before the first layer [B·P + R·C, D], prompts first, and what the layers need besides them */
export function joinTogether(prompts: PromptInputs, completions: CompletionInputs): { x: Tensor; together: Together } {
  const rotary = {
    cos: tf.concat([prompts.rotary.cos, completions.rotary.cos]),
    sin: tf.concat([prompts.rotary.sin, completions.rotary.sin]),
  };
  return { x: tf.concat([prompts.embeds, completions.embeds]), together: { prompts, completions, rotary } };
}

/**
 * One layer over prompts and completions.
 * @param x [B·P + R·C, D]
 * @returns the same shape; after the last layer [B + R·C, D], with only the last position of each prompt
 */
export function layerTogether(model: Model, layer: number, x: Tensor, together: Together): Tensor {
  const { prompts, completions } = together;
  const promptRows = prompts.batch * prompts.length;
  const last = isLast(model, layer);
  const asking = last ? (rows: Tensor) => withoutPromptBodies(rows, prompts) : everyRow;
  if (isLinear(model.config, layer)) {
    const context = linearTogether(model, layer, x, together, last);
    return withStacked(finishLayer(model, layer, asking(x), context), layer, x, together, asking);
  }
  const { q, k, v, gate } = project(model, layer, x, together.rotary, asking);
  const [qp, qc] = splitRows(q, last ? prompts.batch : promptRows);
  const [kp, kc] = splitRows(k, promptRows);
  const [vp, vc] = splitRows(v, promptRows);
  const shared = promptKeyValues(model, kp, vp, prompts);
  const ofPrompts = promptAttention(model, qp, shared, prompts);
  const own = {
    keys: completionHeads(model, kc, prompts.batch, completions),
    values: completionHeads(model, vc, prompts.batch, completions),
  };
  together.watch?.({
    layer,
    last: last ? qp : lastOfPrompts(qp, prompts),
    queries: qc,
    promptKeys: shared.keys,
    ownKeys: own.keys,
  });
  const context = groupAttention(model, qc, shared, own, prompts, completions);
  const both = gated(tf.concat([ofPrompts, context]), gate);
  return withStacked(finishLayer(model, layer, asking(x), both), layer, x, together, asking);
}

/**
 * Linear attention over prompts and completions: those of a group begin with their prompt's window and state.
 * @returns context of all rows; in the last layer, of each prompt's last position and the completions
 */
function linearTogether(
  model: Model,
  layer: number,
  x: Tensor,
  { prompts, completions }: Together,
  last: boolean,
): Tensor {
  const parts = projectLinear(model, layer, inputNorm(model, layer, x));
  const [ofPrompts, ofCompletions] = splitParts(parts, prompts.batch * prompts.length);
  const asking = last ? (rows: Tensor) => lastOfPrompts(rows, prompts) : everyRow;
  const { context, kept } = promptLinear(model, layer, ofPrompts, prompts, asking);
  const { groupSize, length } = completions;
  if (length === 0) return context;
  const own = scanLinear(model, layer, ofCompletions, prompts.batch * groupSize, forGroups(kept, groupSize));
  return tf.concat([context, own.context]);
}

/** Adds what joins the prompts after the first layers (DeepStack). */
function withStacked(
  finished: Tensor,
  layer: number,
  x: Tensor,
  { prompts }: Together,
  asking: (rows: Tensor) => Tensor,
): Tensor {
  const more = prompts.stacked[layer];
  if (more === undefined) return finished;
  const rows = (x.shape[0] ?? 0) - prompts.batch * prompts.length;
  const forAll = tf.pad(more, [
    [0, rows],
    [0, 0],
  ]);
  return tf.add(finished, asking(forAll));
}

/** @param rows [B·P + R·C, …] @returns [B + R·C, …] */
function withoutPromptBodies(rows: Tensor, prompts: Together['prompts']): Tensor {
  const [ofPrompts, ofCompletions] = splitRows(rows, prompts.batch * prompts.length);
  return tf.concat([lastOfPrompts(ofPrompts, prompts), ofCompletions]);
}

/** The first `count` rows, and the others. */
export function splitRows(x: Tensor, count: number): [Tensor, Tensor] {
  const [first, second] = tf.split(x, [count, (x.shape[0] as number) - count]);
  return [first as Tensor, second as Tensor];
}

/** What a decoding step is given besides its tokens. */
export interface StepInputs {
  /** [R, D] */
  embeds: Tensor;
  /** cos, sin [R, 1, d] */
  rotary: Rotary;
  /** The prompts' keys and values per layer, null where there are none. The first `batch` prompts are used. */
  shared: readonly (KeyValues | null)[];
  /**
   * Own keys and values per layer, [R·K·capacity, d] laid out [B, K, G, capacity, d], or longer; with linear attention, window
   * and state of R rows, or more.
   */
  caches: readonly LayerCache[];
  batch: number;
  groupSize: number;
  capacity: number;
  /** [R·K] int32, where this step's rows go */
  slots: Tensor;
  /** [B, 1, 1, P]: 0 where there is a token, MASKED at padding. */
  promptMask: Tensor;
  /** [1, capacity]: 0 for written slots (this one included), MASKED beyond */
  ownMask: Tensor;
}

/**
 * One decoding step for all rows: writes each row's new key and value into its cache in place, then attends. Small
 * models compute the same step with weights laid out for it (fused.ts).
 * @returns hidden [R, D], and the caches with this step in them (the same buffers where updates are in place)
 */
export function runStep(model: Model, inputs: StepInputs): { hidden: Tensor; caches: LayerCache[] } {
  const { numKeyValueHeads: heads, headDim } = model.config;
  const { batch, groupSize } = inputs;
  const written: LayerCache[] = [];
  // k and v are [R, K, d] = [B, G, K, d]
  const order = (t: Tensor): Tensor =>
    tf.reshape(tf.transpose(tf.reshape(t, [batch, groupSize, heads, headDim]), [0, 2, 1, 3]), [-1, headDim]);
  let x = inputs.embeds;
  for (let layer = 0; layer < model.config.numLayers; layer++) {
    const kept = inputs.caches[layer];
    if (kept !== undefined && 'state' in kept) {
      const parts = projectLinear(model, layer, inputNorm(model, layer, x));
      const { context, after } = stepLinear(model, layer, parts, kept);
      written.push(after);
      x = finishLayer(model, layer, x, context);
      continue;
    }
    const { q, k, v, gate } = project(model, layer, x, inputs.rotary, everyRow);
    const { cache, prompt } = layerCaches(inputs, layer);
    const updated = {
      keys: updateRows(cache.keys, inputs.slots, order(k)),
      values: updateRows(cache.values, inputs.slots, order(v)),
    };
    written.push(updated);
    const own = ownGrid(updated, inputs, model.config);
    const prompts = { batch, mask: inputs.promptMask };
    const context = groupAttention(model, q, prompt, own, prompts, { groupSize, length: 1 }, inputs.ownMask);
    x = finishLayer(model, layer, x, gated(context, gate));
  }
  return { hidden: x, caches: written };
}

/** The caches of one layer with attention: the whole own one, and the keys and values of this step's prompts. */
export function layerCaches(
  { shared, caches, batch }: StepInputs,
  layer: number,
): { cache: KeyValues; prompt: KeyValues } {
  const cache = caches[layer];
  const prompt = shared[layer];
  if (cache === undefined || 'state' in cache || prompt === undefined || prompt === null)
    throw new Error(`Layer ${String(layer)} has no cache.`);
  return { cache, prompt: { keys: firstRows(prompt.keys, batch), values: firstRows(prompt.values, batch) } };
}

/** The cache rows that this step uses, as [B, K, G, capacity, d]: the first ones, if rows have left the batch. */
export function ownGrid(
  { keys, values }: KeyValues,
  { batch, groupSize, capacity }: StepInputs,
  { numKeyValueHeads: heads, headDim }: ModelConfig,
): KeyValues {
  const grid = (cache: Tensor): Tensor =>
    tf.reshape(firstRows(cache, batch * heads * groupSize * capacity), [batch, heads, groupSize, capacity, headDim]);
  return { keys: grid(keys), values: grid(values) };
}

/** Native TensorFlow shares the buffer of such a slice: nothing is copied. */
function firstRows(x: Tensor, count: number): Tensor {
  if (x.shape[0] === count) return x;
  return tf.slice(
    x,
    Array.from({ length: x.rank }, () => 0),
    [count, ...x.shape.slice(1)],
  );
}

/** Final norm and the (possibly tied) output projection. @param hidden [n, D] @returns [n, vocabulary] */
export function logitsOf(model: Model, hidden: Tensor): Tensor {
  return outputProduct(finalNorm(model, hidden), outputTable(model));
}

/** Name of the output projection [vocabulary, D], which may be the table of embeddings. */
export function outputTableName(model: Pick<Model, 'config'>): string {
  return model.config.tieWordEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight';
}

/** The output projection [vocabulary, D]. */
export function outputTable(model: Model): Tensor {
  return weightOf(model, outputTableName(model));
}

export function finalNorm(model: Model, hidden: Tensor): Tensor {
  return normed(model, hidden, 'model.norm');
}

/** RMSNorm with a scale that is the weight, or what is to be added to 1. */
function normed(model: Model, x: Tensor, name: string): Tensor {
  const weight = weightOf(model, `${name}.weight`);
  return rmsNorm(x, model.config.gated === true ? tf.add(weight, 1) : weight, model.config.rmsNormEps);
}

function inputNorm(model: Model, layer: number, x: Tensor): Tensor {
  return normed(model, x, `model.layers.${String(layer)}.input_layernorm`);
}

/** The result of attention times the sigmoid of its gate, in families that have one. @param context and gate [rows, H·d] */
function gated(context: Tensor, gate: Tensor | undefined): Tensor {
  return gate === undefined ? context : tf.mul(context, tf.sigmoid(gate));
}

/** @param asking picks the rows that need queries */
function project(
  model: Model,
  layer: number,
  x: Tensor,
  rotary: Rotary,
  asking: (rows: Tensor) => Tensor,
): { q: Tensor; k: Tensor; v: Tensor; gate?: Tensor } {
  const { numHeads, numKeyValueHeads, headDim } = model.config;
  const name = `model.layers.${String(layer)}`;
  const normal = inputNorm(model, layer, x);
  const heads = (rows: Tensor, module: string, count: number, width = headDim): Tensor =>
    tf.reshape(adaptedLinear(rows, model.weights, `${name}.self_attn.${module}`, model.adapter), [-1, count, width]);
  const byHead = (x: Tensor, norm: string): Tensor =>
    model.config.qkNorm ? normed(model, x, `${name}.self_attn.${norm}`) : x;
  const { queries, gate } = queriesOf(asking(normal));
  return {
    ...(gate === undefined ? {} : { gate }),
    q: applyRotary(byHead(queries, 'q_norm'), asking(rotary.cos), asking(rotary.sin)),
    k: applyRotary(byHead(heads(normal, 'k_proj', numKeyValueHeads), 'k_norm'), rotary.cos, rotary.sin),
    v: heads(normal, 'v_proj', numKeyValueHeads),
  };

  /** Gated attention has the gates of each head behind its queries. */
  function queriesOf(rows: Tensor): { queries: Tensor; gate?: Tensor } {
    if (model.config.gated !== true) return { queries: heads(rows, 'q_proj', numHeads) };
    const [queries, gate] = tf.split(heads(rows, 'q_proj', numHeads, 2 * headDim), 2, 2) as [Tensor, Tensor];
    return { queries, gate: tf.reshape(gate, [-1, numHeads * headDim]) };
  }
}

function finishLayer(model: Model, layer: number, x: Tensor, context: Tensor): Tensor {
  const name = `model.layers.${String(layer)}`;
  const { weights, adapter } = model;
  const output = isLinear(model.config, layer) ? `${linearName(layer)}.out_proj` : `${name}.self_attn.o_proj`;
  const attention = adaptedLinear(context, weights, output, adapter);
  const middle = tf.add(x, attention);
  const normal = normed(model, middle, `${name}.post_attention_layernorm`);
  const gate = silu(adaptedLinear(normal, weights, `${name}.mlp.gate_proj`, adapter));
  const up = adaptedLinear(normal, weights, `${name}.mlp.up_proj`, adapter);
  return tf.add(middle, adaptedLinear(tf.mul(gate, up), weights, `${name}.mlp.down_proj`, adapter));
}

function weightOf(model: Model, name: string): Tensor {
  const weight = model.weights[name];
  if (weight === undefined) throw new Error(`The weight ${name} is missing.`);
  return weight;
}
