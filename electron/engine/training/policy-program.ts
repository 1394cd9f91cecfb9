/**
 * @file Entry points of a policy that encode images and score completions. Rollouts are in rollout-program.ts, updates in
 * update-program.ts. One program holds the weights once, and its caller chooses the entry points.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../../formats/model-config.ts';
import {
  embedTokens,
  joinTogether,
  layerTogether,
  logitsOf,
  splitRows,
  type Model,
  type Together,
} from '../model/language.ts';
import type { Adapter, Weights } from '../model/lora.ts';
import {
  featureSpec,
  promptInputs,
  promptSpecs,
  visionInputs,
  visionSpecs,
  type BatchShape,
  type FeatureSpecs,
  type PromptSpecs,
  type PromptTensors,
  type VisionSpecs,
} from '../model/program-inputs.ts';
import { rotaryWidth } from '../model/rotary.ts';
import { inLanes, laneCount } from './lanes.ts';
import { encodeFrozenImages } from '../model/vision.ts';
import { float32, int32, type Entry, type Tensors, type TensorsOf, type TensorSpec } from '../runtime/program.ts';
import type { CompletionSpecs } from './batch.ts';
import { completionScores } from './completion-scores.ts';

export interface PolicyShape extends BatchShape {
  groupSize: number;
  completionLength: number;
}

/** What the variables of a policy's program are. */
export interface PolicyState {
  config: ModelConfig;
  /** Names of the base weights (hub names). */
  weightNames: readonly string[];
  /** LoRA factors' names; empty for full weights. */
  adapterNames: readonly string[];
  scaling: number;
  /** The adapter is merged into the weights for every pass (lora.ts); absent = computed separately. */
  mergedAdapter?: boolean;
  /** False: decoding has no weights laid out for it (fused.ts); absent = if the model is small. */
  fused?: boolean;
  /** In full fine-tuning, the reference model is a second copy of the weights under `reference/…`. */
  separateReference: boolean;
  /** The reference model has the adapter that training began with, kept under `reference/…`; absent = none. */
  referenceAdapter?: boolean;
  /** Into how many lanes batches are divided, if they divide (lanes.ts); absent = 1. */
  lanes?: number;
  /** Most values of a large result in memory at once (model/blocks.ts); absent = its default. */
  blockValues?: number;
}

export const scalar: TensorSpec<'float32'> = float32([]);

/** The variable of that name. @throws Error if it is missing */
export function get(tensors: Tensors, name: string): Tensor {
  const tensor = tensors[name];
  if (tensor === undefined) throw new Error(`${name} is missing.`);
  return tensor;
}

/** Before the names of what the reference model keeps for itself. */
export const REFERENCE = 'reference/';

function pick(variables: Tensors, names: readonly string[], prefix = ''): Weights {
  return Object.fromEntries(names.map((name) => [name, get(variables, prefix + name)]));
}

/** The policy: base weights with the adapter on. */
export function policyModel(state: PolicyState, variables: Tensors): Model {
  const adapter = state.adapterNames.length === 0 ? null : adapterFrom(state, variables);
  return { weights: pick(variables, state.weightNames), adapter, ...settings(state) };
}

function adapterFrom({ adapterNames, scaling, mergedAdapter }: PolicyState, variables: Tensors, prefix = ''): Adapter {
  return { weights: pick(variables, adapterNames, prefix), scaling, merged: mergedAdapter ?? false };
}

function settings({ config, blockValues }: PolicyState): Pick<Model, 'config' | 'blockValues'> {
  return { config, ...(blockValues === undefined ? {} : { blockValues }) };
}

/** The reference: the same base weights with the adapter off or as it was at the start, or the kept copy. */
export function referenceModel(state: PolicyState, variables: Tensors): Model {
  const weights = pick(variables, state.weightNames, state.separateReference ? REFERENCE : '');
  const adapter = state.referenceAdapter === true ? adapterFrom(state, variables, REFERENCE) : null;
  return { weights, adapter, ...settings(state) };
}

/** Image features of a batch of images. */
export function encodeEntry(state: PolicyState, shape: BatchShape): Entry<VisionSpecs, 'features'> {
  return inLanes(laneCount(shape.images, state.lanes ?? 1), (lanes) => ({
    inputs: visionSpecs({ ...shape, images: shape.images / lanes }, state.config),
    run: (inputs, variables) => {
      const model = policyModel(state, variables);
      return { outputs: { features: encodeFrozenImages(visionInputs(inputs), model) } };
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

/** Inputs that hold given completions. */
export function completionSpecs(shape: PolicyShape, config: ModelConfig): CompletionSpecs {
  const rows = shape.batch * shape.groupSize;
  const inputs = rows * (shape.completionLength - 1);
  return {
    completionIds: int32([rows, shape.completionLength]),
    completionCos: float32([inputs, 1, rotaryWidth(config)]),
    completionSin: float32([inputs, 1, rotaryWidth(config)]),
  };
}

/** Prompts with completions, as an entry point gets them. */
export type ScoredTensors = PromptTensors & TensorsOf<CompletionSpecs>;

/** Prompts and completions of a batch, embedded and joined. */
export function joinedInputs(
  model: Model,
  inputs: ScoredTensors,
  shape: PolicyShape,
): { x: Tensor; together: Together } {
  const rows = shape.batch * shape.groupSize;
  const given = tf.slice(inputs.completionIds, [0, 0], [rows, shape.completionLength - 1]);
  return joinTogether(promptInputs(model, inputs, shape), {
    embeds: embedTokens(model, given),
    groupSize: shape.groupSize,
    length: shape.completionLength - 1,
    rotary: { cos: inputs.completionCos, sin: inputs.completionSin },
  });
}

/**
 * The hidden states that predict each completion token: the prompt's last position predicts the first, each token the
 * next.
 * @param x [B + R·(C−1), D] after the last layer
 * @returns [R·C, D]
 */
export function predictingRows(x: Tensor, shape: PolicyShape): Tensor {
  const { batch, groupSize, completionLength } = shape;
  const rows = batch * groupSize;
  const dim = x.shape[1] ?? 0;
  const [prompts, completions] = splitRows(x, batch);
  const last = tf.tile(tf.reshape(prompts, [batch, 1, dim]), [1, groupSize, 1]);
  const all = tf.concat(
    [tf.reshape(last, [rows, 1, dim]), tf.reshape(completions, [rows, completionLength - 1, dim])],
    1,
  );
  return tf.reshape(all, [rows * completionLength, dim]);
}

/** Hidden states that predict each completion token, after all layers. @param watch sees each layer @returns [R·C, D] */
export function completionHidden(
  model: Model,
  inputs: ScoredTensors,
  shape: PolicyShape,
  watch?: Together['watch'],
): Tensor {
  const { x, together: rest } = joinedInputs(model, inputs, shape);
  const together = watch === undefined ? rest : { ...rest, watch };
  let hidden = x;
  for (let layer = 0; layer < model.config.numLayers; layer++) hidden = layerTogether(model, layer, hidden, together);
  return predictingRows(hidden, shape);
}

/** Logits that predict each completion token. @returns [R·C, vocabulary] */
export function completionLogits(model: Model, inputs: ScoredTensors, shape: PolicyShape): Tensor {
  return logitsOf(model, completionHidden(model, inputs, shape));
}

export type ScoreSpecs = PromptSpecs & Partial<FeatureSpecs & VisionSpecs> & CompletionSpecs;

/** What a program gets of pictures: their features, or pixels if it encodes them itself. */
export function pictureSpecs(
  shape: BatchShape,
  config: ModelConfig,
  pixels: boolean,
): Partial<FeatureSpecs & VisionSpecs> {
  return pixels ? visionSpecs(shape, config) : featureSpec(shape, config);
}

export interface ScoreOptions {
  promptLogits: boolean;
  /** Encodes the pictures itself, with the adapter that it scores with; absent = it is given features. */
  pixels?: boolean;
}

/** Log-probs of given completions, under the policy or the reference; with `promptLogits` also [R, vocabulary] of the prompt's end. */
export function scoreEntry(
  state: PolicyState,
  shape: PolicyShape,
  temperature: number,
  which: 'policy' | 'reference',
  options: ScoreOptions = { promptLogits: false },
): Entry<ScoreSpecs, 'logprobs' | 'promptLogits'> {
  // Pixels are not divided: prompts name the rows of their pictures.
  return inLanes(options.pixels === true ? 1 : lanesOf(state, shape), (lanes) =>
    scoreLane(state, laneShape(shape, lanes), temperature, which, options),
  );
}

function scoreLane(
  state: PolicyState,
  shape: PolicyShape,
  temperature: number,
  which: 'policy' | 'reference',
  options: ScoreOptions,
): Entry<ScoreSpecs, 'logprobs' | 'promptLogits'> {
  const rows = shape.batch * shape.groupSize;
  return {
    inputs: {
      ...promptSpecs(shape, state.config),
      ...pictureSpecs(shape, state.config, options.pixels === true),
      ...completionSpecs(shape, state.config),
    },
    run: (inputs, variables) => {
      const model = which === 'policy' ? policyModel(state, variables) : referenceModel(state, variables);
      const hidden = completionHidden(model, inputs, shape);
      const { logprobs } = completionScores(model, hidden, inputs.completionIds, {
        temperature,
        trainTable: false,
      });
      if (!options.promptLogits) return { outputs: { logprobs } };
      const first = tf.slice(tf.reshape(hidden, [rows, shape.completionLength, -1]), [0, 0, 0], [-1, 1, -1]);
      return { outputs: { logprobs, promptLogits: logitsOf(model, tf.reshape(first, [rows, -1])) } };
    },
  };
}
