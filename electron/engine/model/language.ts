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
import { attendInBlocks, MASKED, partEnds } from './attention.ts';
import { mapRows, needsBlocks, rowsOfBlock, takeRows } from './blocks.ts';
import { adaptedLinear, type Adapter, type Weights } from './lora.ts';
import { outputProduct } from './output-product.ts';
import { applyRotary, gatherRows, rmsNorm, silu, updateRows } from './ops.ts';

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

export interface KeyValues {
  /** [B, K, P, d] */
  keys: Tensor;
  values: Tensor;
}

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

/** Runs prompts. @returns hidden states at their last positions after the last layer [B, D], every layer's keys and values. */
export function runPrompts(model: Model, inputs: PromptInputs): { hidden: Tensor; cache: KeyValues[] } {
  const cache: KeyValues[] = [];
  let x = inputs.embeds;
  for (let layer = 0; layer < model.config.numLayers; layer++) {
    const last = isLast(model, layer);
    const asking = last ? (rows: Tensor) => lastOfPrompts(rows, inputs) : everyRow;
    const { q, k, v } = project(model, layer, x, inputs.rotary, asking);
    const kv = promptKeyValues(model, k, v, inputs);
    cache.push(kv);
    const context = promptAttention(model, q, kv, inputs);
    x = finishFrozenLayer(model, layer, asking(x), context);
    const more = inputs.stacked[layer];
    if (more !== undefined) x = tf.add(x, asking(more));
  }
  return { hidden: x, cache };
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
  const { q, k, v } = project(model, layer, x, together.rotary, asking);
  const [qp, qc] = splitRows(q, last ? prompts.batch : promptRows);
  const [kp, kc] = splitRows(k, promptRows);
  const [vp, vc] = splitRows(v, promptRows);
  const shared = promptKeyValues(model, kp, vp, prompts);
  const promptContext = promptAttention(model, qp, shared, prompts);
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
  const finished = finishLayer(model, layer, asking(x), tf.concat([promptContext, context]));
  const more = prompts.stacked[layer];
  if (more === undefined) return finished;
  const rows = (x.shape[0] ?? 0) - promptRows;
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
  /** The prompts' keys and values per layer. The first `batch` prompts are used. */
  shared: readonly KeyValues[];
  /** Own keys and values per layer, [R·K·capacity, d] laid out [B, K, G, capacity, d], or longer. */
  caches: readonly KeyValues[];
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
export function runStep(model: Model, inputs: StepInputs): { hidden: Tensor; caches: KeyValues[] } {
  const { numKeyValueHeads: heads, headDim } = model.config;
  const { batch, groupSize } = inputs;
  const written: KeyValues[] = [];
  // k and v are [R, K, d] = [B, G, K, d]
  const order = (t: Tensor): Tensor =>
    tf.reshape(tf.transpose(tf.reshape(t, [batch, groupSize, heads, headDim]), [0, 2, 1, 3]), [-1, headDim]);
  let x = inputs.embeds;
  for (let layer = 0; layer < model.config.numLayers; layer++) {
    const { q, k, v } = project(model, layer, x, inputs.rotary, everyRow);
    const { cache, prompt } = layerCaches(inputs, layer);
    const updated = {
      keys: updateRows(cache.keys, inputs.slots, order(k)),
      values: updateRows(cache.values, inputs.slots, order(v)),
    };
    written.push(updated);
    const own = ownGrid(updated, inputs, model.config);
    const prompts = { batch, mask: inputs.promptMask };
    const context = groupAttention(model, q, prompt, own, prompts, { groupSize, length: 1 }, inputs.ownMask);
    x = finishLayer(model, layer, x, context);
  }
  return { hidden: x, caches: written };
}

/** One layer's caches: the whole own one, and the keys and values of this step's prompts. */
export function layerCaches(
  { shared, caches, batch }: StepInputs,
  layer: number,
): { cache: KeyValues; prompt: KeyValues } {
  const cache = caches[layer];
  const prompt = shared[layer];
  if (cache === undefined || prompt === undefined) throw new Error(`Layer ${String(layer)} has no cache.`);
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
  return rmsNorm(hidden, weightOf(model, 'model.norm.weight'), model.config.rmsNormEps);
}

/** @param asking picks the rows that need queries */
function project(
  model: Model,
  layer: number,
  x: Tensor,
  rotary: Rotary,
  asking: (rows: Tensor) => Tensor,
): { q: Tensor; k: Tensor; v: Tensor } {
  const { numHeads, numKeyValueHeads, headDim } = model.config;
  const name = `model.layers.${String(layer)}`;
  const normal = rmsNorm(x, weightOf(model, `${name}.input_layernorm.weight`), model.config.rmsNormEps);
  const heads = (rows: Tensor, module: string, count: number): Tensor =>
    tf.reshape(adaptedLinear(rows, model.weights, `${name}.self_attn.${module}`, model.adapter), [-1, count, headDim]);
  const byHead = (x: Tensor, norm: string): Tensor =>
    model.config.qkNorm ? rmsNorm(x, weightOf(model, `${name}.self_attn.${norm}.weight`), model.config.rmsNormEps) : x;
  return {
    q: applyRotary(byHead(heads(asking(normal), 'q_proj', numHeads), 'q_norm'), asking(rotary.cos), asking(rotary.sin)),
    k: applyRotary(byHead(heads(normal, 'k_proj', numKeyValueHeads), 'k_norm'), rotary.cos, rotary.sin),
    v: heads(normal, 'v_proj', numKeyValueHeads),
  };
}

function finishLayer(model: Model, layer: number, x: Tensor, context: Tensor): Tensor {
  const name = `model.layers.${String(layer)}`;
  const { weights, adapter } = model;
  const attention = adaptedLinear(context, weights, `${name}.self_attn.o_proj`, adapter);
  const middle = tf.add(x, attention);
  const normal = rmsNorm(middle, weightOf(model, `${name}.post_attention_layernorm.weight`), model.config.rmsNormEps);
  const gate = silu(adaptedLinear(normal, weights, `${name}.mlp.gate_proj`, adapter));
  const up = adaptedLinear(normal, weights, `${name}.mlp.up_proj`, adapter);
  return tf.add(middle, adaptedLinear(tf.mul(gate, up), weights, `${name}.mlp.down_proj`, adapter));
}

/** [B·P, K, d] → [B, K, P, d] */
function promptKeyValues(model: Model, k: Tensor, v: Tensor, { batch, length }: Together['prompts']): KeyValues {
  const { numKeyValueHeads, headDim } = model.config;
  const order = (t: Tensor): Tensor =>
    tf.transpose(tf.reshape(t, [batch, length, numKeyValueHeads, headDim]), [0, 2, 1, 3]);
  return { keys: order(k), values: order(v) };
}

/** [R·C, K, d] → [B, K, G, C, d] */
function completionHeads(
  model: Model,
  t: Tensor,
  batch: number,
  { groupSize, length }: { groupSize: number; length: number },
): Tensor {
  const { numKeyValueHeads, headDim } = model.config;
  return tf.transpose(tf.reshape(t, [batch, groupSize, length, numKeyValueHeads, headDim]), [0, 3, 1, 2, 4]);
}

/**
 * Self-attention of prompts.
 * @param q [B·Q, H, d]: of every position (Q = P), or of the last one alone (Q = 1), which sees all others
 * @returns [B·Q, H·d]
 */
function promptAttention(
  model: Model,
  q: Tensor,
  kv: KeyValues,
  { batch, length, mask: padding }: Together['prompts'],
): Tensor {
  const { numKeyValueHeads: heads, headDim } = model.config;
  const perHead = model.config.numHeads / heads;
  const asking = (q.shape[0] ?? 0) / batch;
  const queries = tf.reshape(tf.transpose(tf.reshape(q, [batch, asking, heads, perHead, headDim]), [0, 2, 3, 1, 4]), [
    batch,
    heads,
    perHead * asking,
    headDim,
  ]);
  const context = needsBlocks(batch * heads * perHead * asking * length, model.blockValues) ? inBlocks() : atOnce();
  return tf.reshape(tf.transpose(tf.reshape(context, [batch, heads, perHead, asking, headDim]), [0, 3, 1, 2, 4]), [
    batch * asking,
    heads * perHead * headDim,
  ]);

  function atOnce(): Tensor {
    const mask = asking === 1 ? padding : tf.add(causalMask(length), padding);
    const scores = tf.mul(tf.matMul(queries, kv.keys, false, true), headDim ** -0.5);
    const grouped = tf.reshape(scores, [batch, heads, perHead, asking, length]);
    const weights = tf.softmax(tf.add(grouped, tf.expandDims(mask, 1)));
    return tf.matMul(tf.reshape(weights, [batch, heads, perHead * asking, length]), kv.values);
  }

  function inBlocks(): Tensor {
    const flat = (x: Tensor): Tensor => tf.reshape(x, [batch * heads, -1, headDim]);
    if (asking === 1) return attend(queries, length);
    // The queries of each part of a prompt see no keys after its end.
    const grouped = tf.reshape(queries, [batch * heads, perHead, length, headDim]);
    const ends = partEnds(length, model.blockValues);
    const parts = ends.map((end, part) => {
      const first = ends[part - 1] ?? 0;
      const own = ends.length === 1 ? grouped : tf.slice(grouped, [0, 0, first, 0], [-1, -1, end - first, -1]);
      return tf.reshape(attend(own, end, { first, places: end - first }), [
        batch * heads,
        perHead,
        end - first,
        headDim,
      ]);
    });
    return parts.length === 1 ? (parts[0] as Tensor) : tf.concat(parts, 2);

    function attend(asked: Tensor, seen: number, causal?: { first: number; places: number }): Tensor {
      const upTo = (x: Tensor): Tensor => (seen === length ? flat(x) : tf.slice(flat(x), [0, 0, 0], [-1, seen, -1]));
      const mask = tf.reshape(padding, [batch, length]);
      const set = {
        keys: upTo(kv.keys),
        values: upTo(kv.values),
        mask: seen === length ? mask : tf.slice(mask, [0, 0], [-1, seen]),
        ...(causal === undefined ? {} : { causal }),
      };
      return attendInBlocks(flat(asked), [set], headDim ** -0.5, model.blockValues);
    }
  }
}

/**
 * Attention of completions over their shared prompt and their own tokens, one softmax over both.
 * @param q [R·C, H, d]
 * @param own [B, K, G, capacity, d]
 * @param ownMask [C, capacity] of a decoding step; absent = each token sees those up to itself, and capacity = C
 * @returns [R·C, H·d]
 */
function groupAttention(
  model: Model,
  q: Tensor,
  shared: KeyValues,
  own: KeyValues,
  prompts: { batch: number; mask: Tensor },
  { groupSize, length }: { groupSize: number; length: number },
  ownMask?: Tensor,
): Tensor {
  const { numKeyValueHeads: heads, headDim } = model.config;
  const perHead = model.config.numHeads / heads;
  const { batch } = prompts;
  const promptLength = shared.keys.shape[2] ?? 0;
  const capacity = own.keys.shape[3] ?? 0;
  // [B, G, C, K, g, d] → [B, K, G, g, C, d]
  const ordered = (x: Tensor): Tensor =>
    tf.transpose(tf.reshape(x, [batch, groupSize, length, heads, perHead, headDim]), [0, 3, 1, 4, 2, 5]);
  const scores = batch * heads * groupSize * perHead * length * (promptLength + capacity);
  const context = tf.reshape(ownMask === undefined && needsBlocks(scores, model.blockValues) ? inBlocks() : atOnce(), [
    batch,
    heads,
    groupSize,
    perHead,
    length,
    headDim,
  ]);
  return tf.reshape(tf.transpose(context, [0, 2, 4, 1, 3, 5]), [batch * groupSize * length, heads * perHead * headDim]);

  function atOnce(): Tensor {
    const queries = ordered(tf.mul(q, headDim ** -0.5));
    const flat = [batch, heads, groupSize * perHead * length];
    const toPrompt = tf.add(tf.matMul(tf.reshape(queries, [...flat, headDim]), shared.keys, false, true), prompts.mask);
    const rows = [batch, heads, groupSize, perHead * length];
    const toOwn = tf.add(
      tf.reshape(tf.matMul(tf.reshape(queries, [...rows, headDim]), own.keys, false, true), [
        batch,
        heads,
        groupSize * perHead,
        length,
        capacity,
      ]),
      ownMask ?? causalMask(length),
    );
    const together = tf.concat([toPrompt, tf.reshape(toOwn, [...flat, capacity])], -1);
    const [promptWeights, ownWeights] = tf.split(tf.softmax(together), [promptLength, capacity], -1) as [
      Tensor,
      Tensor,
    ];
    const fromPrompt = tf.matMul(promptWeights, shared.values);
    const fromOwn = tf.matMul(tf.reshape(ownWeights, [...rows, capacity]), own.values);
    return tf.add(fromPrompt, tf.reshape(fromOwn, [...flat, headDim]));
  }

  function inBlocks(): Tensor {
    const groups = batch * heads * groupSize;
    const sets = [
      {
        keys: tf.reshape(shared.keys, [batch * heads, promptLength, headDim]),
        values: tf.reshape(shared.values, [batch * heads, promptLength, headDim]),
        mask: tf.reshape(prompts.mask, [batch, promptLength]),
      },
      {
        keys: tf.reshape(own.keys, [groups, capacity, headDim]),
        values: tf.reshape(own.values, [groups, capacity, headDim]),
        causal: { first: 0, places: length },
      },
    ];
    const queries = tf.reshape(ordered(q), [groups, perHead * length, headDim]);
    return attendInBlocks(queries, sets, headDim ** -0.5, model.blockValues);
  }
}

/** [n, n]: 0 on and below the diagonal, MASKED above. Computed in the graph: as a constant it would be stored whole. */
function causalMask(n: number): Tensor {
  const places = tf.tensor1d(Float32Array.from({ length: n }, (_, place) => place));
  const later = tf.greater(tf.reshape(places, [1, n]), tf.reshape(places, [n, 1]));
  return tf.mul(tf.cast(later, 'float32'), MASKED);
}

function weightOf(model: Model, name: string): Tensor {
  const weight = model.weights[name];
  if (weight === undefined) throw new Error(`The weight ${name} is missing.`);
  return weight;
}
