/**
 * @file The programs of a policy: encode images, prefill and decode (rollout), and score completions
 * (the update is in update-program.ts).
 * One program holds the weights once; its entry points are chosen by the caller.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Qwen2VLConfig } from '../../formats/qwen2-vl-config.ts';
import {
  embedTokens,
  logitsOf,
  runPrompts,
  runStep,
  joinTogether,
  layerTogether,
  type KeyValues,
  type Together,
  type Model,
  type StepInputs,
} from '../model/language.ts';
import type { Adapter, Weights } from '../model/lora.ts';
import {
  featureSpec,
  lastOfPrompts,
  promptInputs,
  promptSpecs,
  visionInputs,
  visionSpecs,
  type BatchShape,
} from '../model/program-inputs.ts';
import { fusedShapes, fuseWeights, runFusedStep, worthFusing } from '../model/fused.ts';
import { inLanes, laneCount } from './lanes.ts';
import { updatesInPlace } from '../model/ops.ts';
import { encodeImages } from '../model/vision.ts';
import type { Entry, Tensors, TensorSpec } from '../runtime/program.ts';
import { completionScores } from './completion-scores.ts';
import { drawTokens, type Sampling } from './logprobs.ts';

export interface PolicyShape extends BatchShape {
  groupSize: number;
  completionLength: number;
}

/** Which tensors are trained, and what the rest of the variables are. */
export interface PolicyState {
  config: Qwen2VLConfig;
  /** Names of the base weights (hub names). */
  weightNames: readonly string[];
  /** LoRA factors' names; empty for full weights. */
  adapterNames: readonly string[];
  scaling: number;
  /** With full weights the reference model is a second copy under `reference/…`. */
  separateReference: boolean;
  /** Into how many lanes batches are divided, where they divide (lanes.ts); absent = 1. */
  lanes?: number;
}

export const scalar: TensorSpec = { shape: [], dtype: 'float32' };

/** The tensor of that name, which must be there. */
export function get(tensors: Tensors, name: string): Tensor {
  const tensor = tensors[name];
  if (tensor === undefined) throw new Error(`${name} is missing.`);
  return tensor;
}

function pick(variables: Tensors, names: readonly string[], prefix = ''): Weights {
  return Object.fromEntries(names.map((name) => [name, get(variables, prefix + name)]));
}

/** The policy: base weights with the adapter on. */
export function policyModel(state: PolicyState, variables: Tensors): Model {
  const adapter: Adapter | null =
    state.adapterNames.length === 0 ? null : { weights: pick(variables, state.adapterNames), scaling: state.scaling };
  return { weights: pick(variables, state.weightNames), adapter, config: state.config };
}

/** The reference: the same base weights with the adapter off, or the kept copy. */
export function referenceModel(state: PolicyState, variables: Tensors): Model {
  const weights = pick(variables, state.weightNames, state.separateReference ? 'reference/' : '');
  return { weights, adapter: null, config: state.config };
}

/** Image features of a batch of images. */
export function encodeEntry(state: PolicyState, shape: BatchShape): Entry {
  return inLanes(laneCount(shape.images, state.lanes ?? 1), (lanes) => ({
    inputs: visionSpecs({ ...shape, images: shape.images / lanes }, state.config),
    run: (inputs, variables) => {
      const model = policyModel(state, variables);
      return { outputs: { features: encodeImages(visionInputs(inputs), model.weights, model.config, model.adapter) } };
    },
  }));
}

/** A lane's share of the prompts. Image features stay whole: prompts name theirs by row, and may have several images. */
export function laneShape(shape: PolicyShape, lanes: number): PolicyShape {
  return { ...shape, batch: shape.batch / lanes };
}

export function lanesOf(state: PolicyState, shape: BatchShape): number {
  return laneCount(shape.batch, state.lanes ?? 1);
}

export interface RolloutConfig extends Sampling {
  /** [vocabulary]: 0, or a large negative number for tokens that must never be drawn. */
  suppressed: Float32Array;
}

/** Variables of a rollout: keys and values of the prompts and of each row, and fused weights where they are worth it. */
export function rolloutVariables(state: PolicyState, shape: PolicyShape): Record<string, TensorSpec> {
  const { config } = state;
  const { numLayers, numKeyValueHeads: heads, headDim } = config;
  const lanes = lanesOf(state, shape);
  const { batch, groupSize, completionLength, promptLength } = laneShape(shape, lanes);
  const prompt: TensorSpec = { shape: [batch, heads, promptLength, headDim], dtype: 'float32' };
  const own: TensorSpec = { shape: [batch * heads * groupSize * completionLength, headDim], dtype: 'float32' };
  const variables: Record<string, TensorSpec> = {};
  for (let lane = 0; lane < lanes; lane++) {
    for (let layer = 0; layer < numLayers; layer++) {
      for (const part of ['keys', 'values'] as const) {
        variables[cacheName(lane, layer, 'prompt', part)] = prompt;
        variables[cacheName(lane, layer, 'own', part)] = own;
      }
    }
  }
  if (worthFusing(config)) {
    for (const [name, fused] of Object.entries(fusedShapes(config)))
      variables[name] = { shape: fused, dtype: 'float32' };
  }
  return variables;
}

type CacheOwner = 'prompt' | 'own';

function cacheName(lane: number, layer: number, owner: CacheOwner, part: 'keys' | 'values'): string {
  return `cache/${String(lane)}/${String(layer)}/${owner}/${part}`;
}

function caches(variables: Tensors, config: Qwen2VLConfig, lane: number, owner: CacheOwner): KeyValues[] {
  return Array.from({ length: config.numLayers }, (_, layer) => ({
    keys: get(variables, cacheName(lane, layer, owner, 'keys')),
    values: get(variables, cacheName(lane, layer, owner, 'values')),
  }));
}

function cacheUpdates(caches: readonly KeyValues[], lane: number, owner: CacheOwner): Tensors {
  return Object.fromEntries(
    caches.flatMap(({ keys, values }, layer) => [
      [cacheName(lane, layer, owner, 'keys'), keys],
      [cacheName(lane, layer, owner, 'values'), values],
    ]),
  );
}

/** Runs the prompts, keeps their keys and values (and fuses the weights for decoding), and draws the first token of every row. */
export function prefillEntry(state: PolicyState, shape: PolicyShape, rollout: RolloutConfig): Entry {
  return inLanes(lanesOf(state, shape), (lanes, lane) => prefillLane(state, laneShape(shape, lanes), rollout, lane));
}

function prefillLane(state: PolicyState, shape: PolicyShape, rollout: RolloutConfig, lane: number): Entry {
  const rows = shape.batch * shape.groupSize;
  return {
    inputs: {
      ...promptSpecs(shape, state.config),
      ...featureSpec(shape, state.config),
      uniform: { shape: [rows], dtype: 'float32' },
      greedy: scalar,
    },
    run: (inputs, variables) => {
      const model = policyModel(state, variables);
      const { hidden, cache } = runPrompts(model, promptInputs(model, inputs, shape, model.weights));
      const logits = logitsOf(model, lastOfPrompts(hidden, shape));
      const perRow = tf.reshape(tf.tile(tf.expandDims(logits, 1), [1, shape.groupSize, 1]), [rows, -1]);
      const drawn = drawTokens(
        perRow,
        tf.tensor1d(rollout.suppressed),
        get(inputs, 'uniform'),
        get(inputs, 'greedy'),
        rollout,
      );
      const fused = lane === 0 && worthFusing(state.config) ? fuseWeights(model) : {};
      const updates = { ...cacheUpdates(cache, lane, 'prompt'), ...fused };
      return { outputs: { ...drawn, promptLogits: logits }, updates };
    },
  };
}

/** One more token for every row. */
export function decodeEntry(state: PolicyState, shape: PolicyShape, rollout: RolloutConfig): Entry {
  return inLanes(lanesOf(state, shape), (lanes, lane) => decodeLane(state, laneShape(shape, lanes), rollout, lane));
}

function decodeLane(state: PolicyState, shape: PolicyShape, rollout: RolloutConfig, lane: number): Entry {
  const { config } = state;
  const fused = worthFusing(config);
  const rows = shape.batch * shape.groupSize;
  return {
    inputs: {
      tokens: { shape: [rows], dtype: 'int32' },
      cos: { shape: [rows, 1, config.headDim], dtype: 'float32' },
      sin: { shape: [rows, 1, config.headDim], dtype: 'float32' },
      slots: { shape: [rows * config.numKeyValueHeads], dtype: 'int32' },
      ownMask: { shape: [1, shape.completionLength], dtype: 'float32' },
      promptMask: { shape: [shape.batch, 1, 1, shape.promptLength], dtype: 'float32' },
      uniform: { shape: [rows], dtype: 'float32' },
      greedy: scalar,
    },
    run: (inputs, variables) => {
      const model = policyModel(state, variables);
      // Slots are numbered over the whole batch; each lane has caches of its own.
      const first = lane * rows * config.numKeyValueHeads * shape.completionLength;
      const slots = get(inputs, 'slots');
      const ownSlots = first === 0 ? slots : tf.sub(slots, tf.scalar(first, 'int32'));
      const step: StepInputs = {
        embeds: embedTokens(model, get(inputs, 'tokens')),
        rotary: { cos: get(inputs, 'cos'), sin: get(inputs, 'sin') },
        shared: caches(variables, config, lane, 'prompt'),
        caches: caches(variables, config, lane, 'own'),
        batch: shape.batch,
        groupSize: shape.groupSize,
        capacity: shape.completionLength,
        slots: ownSlots,
        promptMask: get(inputs, 'promptMask'),
        ownMask: get(inputs, 'ownMask'),
      };
      const { hidden, caches: written } = fused ? runFusedStep(model, variables, step) : runStep(model, step);
      const drawn = drawTokens(
        logitsOf(model, hidden),
        tf.tensor1d(rollout.suppressed),
        get(inputs, 'uniform'),
        get(inputs, 'greedy'),
        rollout,
      );
      return updatesInPlace()
        ? { outputs: { ...drawn } }
        : { outputs: { ...drawn }, updates: cacheUpdates(written, lane, 'own') };
    },
  };
}

/** Inputs that hold given completions. */
export function completionSpecs(shape: PolicyShape, config: Qwen2VLConfig): Record<string, TensorSpec> {
  const rows = shape.batch * shape.groupSize;
  const inputs = rows * (shape.completionLength - 1);
  return {
    completionIds: { shape: [rows, shape.completionLength], dtype: 'int32' },
    completionCos: { shape: [inputs, 1, config.headDim], dtype: 'float32' },
    completionSin: { shape: [inputs, 1, config.headDim], dtype: 'float32' },
  };
}

/** Prompts and completions of a batch, embedded and joined. */
export function joinedInputs(model: Model, inputs: Tensors, shape: PolicyShape): { x: Tensor; together: Together } {
  const rows = shape.batch * shape.groupSize;
  const given = tf.slice(get(inputs, 'completionIds'), [0, 0], [rows, shape.completionLength - 1]);
  return joinTogether(promptInputs(model, inputs, shape, model.weights), {
    embeds: embedTokens(model, given),
    groupSize: shape.groupSize,
    length: shape.completionLength - 1,
    rotary: { cos: get(inputs, 'completionCos'), sin: get(inputs, 'completionSin') },
  });
}

/**
 * The hidden states that predict each completion token: the prompt's last position predicts the first, each token the
 * next.
 * @param x [B·P + R·(C−1), D] after the last layer
 * @returns [R·C, D]
 */
export function predictingRows(x: Tensor, shape: PolicyShape): Tensor {
  const { batch, groupSize, completionLength, promptLength } = shape;
  const rows = batch * groupSize;
  const dim = x.shape[1] ?? 0;
  const [prompts, completions] = tf.split(x, [batch * promptLength, rows * (completionLength - 1)]) as [Tensor, Tensor];
  const last = tf.tile(tf.reshape(lastOfPrompts(prompts, shape), [batch, 1, dim]), [1, groupSize, 1]);
  const all = tf.concat(
    [tf.reshape(last, [rows, 1, dim]), tf.reshape(completions, [rows, completionLength - 1, dim])],
    1,
  );
  return tf.reshape(all, [rows * completionLength, dim]);
}

/** Hidden states that predict each completion token, after all layers. @returns [R·C, D] */
export function completionHidden(model: Model, inputs: Tensors, shape: PolicyShape): Tensor {
  const { x, together } = joinedInputs(model, inputs, shape);
  let hidden = x;
  for (let layer = 0; layer < model.config.numLayers; layer++) hidden = layerTogether(model, layer, hidden, together);
  return predictingRows(hidden, shape);
}

/** Logits that predict each completion token. @returns [R·C, vocabulary] */
export function completionLogits(model: Model, inputs: Tensors, shape: PolicyShape): Tensor {
  return logitsOf(model, completionHidden(model, inputs, shape));
}

/** Log-probs of given completions, under the policy or the reference; with `promptLogits` also [R, vocabulary] of the prompt's end. */
export function scoreEntry(
  state: PolicyState,
  shape: PolicyShape,
  temperature: number,
  which: 'policy' | 'reference',
  options: { promptLogits: boolean } = { promptLogits: false },
): Entry {
  return inLanes(lanesOf(state, shape), (lanes) =>
    scoreLane(state, laneShape(shape, lanes), temperature, which, options),
  );
}

function scoreLane(
  state: PolicyState,
  shape: PolicyShape,
  temperature: number,
  which: 'policy' | 'reference',
  options: { promptLogits: boolean },
): Entry {
  const rows = shape.batch * shape.groupSize;
  return {
    inputs: {
      ...promptSpecs(shape, state.config),
      ...featureSpec(shape, state.config),
      ...completionSpecs(shape, state.config),
    },
    run: (inputs, variables) => {
      const model = which === 'policy' ? policyModel(state, variables) : referenceModel(state, variables);
      const hidden = completionHidden(model, inputs, shape);
      const { logprobs } = completionScores(model, hidden, get(inputs, 'completionIds'), {
        temperature,
        trainTable: false,
      });
      if (!options.promptLogits) return { outputs: { logprobs } };
      const first = tf.slice(tf.reshape(hidden, [rows, shape.completionLength, -1]), [0, 0, 0], [-1, 1, -1]);
      return { outputs: { logprobs, promptLogits: logitsOf(model, tf.reshape(first, [rows, -1])) } };
    },
  };
}
