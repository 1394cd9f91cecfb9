/**
 * @file The update of a policy: forward, loss, backward, clipping by the global norm, AdamW. Either in one call
 * (`updateEntry`), or in micro-batches: `accumulateEntry` adds the gradients of some prompts, and `applyEntry` takes the
 * step with the sums. Losses are sums with weights from the whole batch, so both ways give the same step.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { GrpoConfig } from '../../../contract/model/recipe.ts';
import { outputTableName } from '../../model/language.ts';
import { promptSpecs, type FeatureSpecs, type PromptSpecs, type VisionSpecs } from '../../model/program-inputs.ts';
import {
  float32,
  variables as variablesOf,
  type AdamUpdate,
  type Entry,
  type Tensors,
  type TensorsOf,
  type TensorSpec,
  type VariableSpec,
} from '../../runtime/program.ts';
import { adamState, adamUpdate, globalNorm, type AdamConfig } from './adamw.ts';
import type { CompletionSpecs } from '../batch.ts';
import { completionScores } from '../completion-scores.ts';
import type { TokenScores } from '../logprobs.ts';
import { laneInputs } from '../lanes.ts';
import { policyLoss, supervisedLoss, type LossConfig } from './loss.ts';
import {
  completionHidden,
  completionSpecs,
  get,
  laneShape,
  lanesOf,
  pictureSpecs,
  policyModel,
  scalar,
  type PolicyShape,
  type PolicyState,
} from '../policy-program.ts';

export interface UpdateConfig extends AdamConfig {
  /** The tensors that are trained. */
  trainable: readonly string[];
  temperature: number;
  /** Absent = supervised loss. */
  loss?: LossConfig;
  /** True if the vision tower is trained: pixels are fed instead of features. */
  trainVision: boolean;
  /** Most logits in memory at once; absent = the default of logprobs.ts. */
  chunkLogits?: number;
}

/** Optimiser state of the trained tensors, zeros in a new program. */
export function optimiserVariables(
  shapes: Record<string, readonly number[]>,
  trainable: readonly string[],
): Record<string, VariableSpec> {
  return variablesOf(
    'optimiser',
    shapesLike(shapes, trainable, (name) => Object.values(adamState(name))),
    'zeros',
  );
}

/** Sums of gradients for updates in micro-batches, zeros in a new program. */
export function accumulatorVariables(
  shapes: Record<string, readonly number[]>,
  trainable: readonly string[],
): Record<string, VariableSpec> {
  return variablesOf(
    'gradient',
    shapesLike(shapes, trainable, (name) => [accumulator(name)]),
    'zeros',
  );
}

function shapesLike(
  shapes: Record<string, readonly number[]>,
  names: readonly string[],
  made: (name: string) => string[],
): Record<string, readonly number[]> {
  const all: Record<string, readonly number[]> = {};
  for (const name of names) {
    const shape = shapes[name];
    if (shape === undefined) throw new Error(`${name} has no shape.`);
    for (const each of made(name)) all[each] = shape;
  }
  return all;
}

/** Name of the variable that sums a tensor's gradients. */
export function accumulator(name: string): string {
  return `accumulated/${name}`;
}

/** Learning rate and Adam's bias corrections, which change from step to step. */
export type OptimiserSpecs = Record<'learningRate' | 'correction1' | 'correction2', TensorSpec<'float32'>>;
const OPTIMISER_INPUTS: OptimiserSpecs = { learningRate: scalar, correction1: scalar, correction2: scalar };

/** One value per token or per completion. The optional ones belong to policy losses. */
export type RowSpecs = CompletionSpecs &
  Record<'mask' | 'rowWeights', TensorSpec<'float32'>> &
  Partial<Record<'oldLogprobs' | 'refLogprobs' | 'advantages', TensorSpec<'float32'>>>;

/** What a batch or micro-batch brings to the loss, besides prompts and features. */
export type LossSpecs = RowSpecs & { beta?: TensorSpec<'float32'> };

export type BatchSpecs = PromptSpecs & Partial<FeatureSpecs & VisionSpecs> & LossSpecs;

/** Sums over the counted tokens of what took part. Supervised losses have only the first. */
type LossOutputs = 'loss' | 'kl' | 'clipLow' | 'clipHigh' | 'entropy' | 'appliedBeta';
export type UpdateEntry = Entry<BatchSpecs & OptimiserSpecs, LossOutputs | 'gradNorm'>;
export type AccumulateEntry = Entry<BatchSpecs, LossOutputs>;
export type ApplyEntry = Entry<OptimiserSpecs, 'gradNorm'>;
export type GradientNormEntry = Entry<BatchSpecs, 'gradNorm'>;
export type AccumulatedNormEntry = Entry<Record<string, never>, 'gradNorm'>;

export function lossSpecs(state: PolicyState, shape: PolicyShape, config: Pick<UpdateConfig, 'loss'>): LossSpecs {
  const rows = shape.batch * shape.groupSize;
  const perToken = float32([rows, shape.completionLength]);
  const perRow = float32([rows]);
  return {
    ...completionSpecs(shape, state.config),
    mask: perToken,
    rowWeights: perRow,
    ...(config.loss === undefined
      ? {}
      : { oldLogprobs: perToken, refLogprobs: perToken, advantages: perRow, beta: scalar }),
  };
}

function batchSpecs(state: PolicyState, shape: PolicyShape, config: UpdateConfig): BatchSpecs {
  return {
    ...promptSpecs(shape, state.config),
    ...pictureSpecs(shape, state.config, config.trainVision),
    ...lossSpecs(state, shape, config),
  };
}

/** One optimiser step on a batch: forward, loss, backward, clipping, AdamW. */
export function updateEntry(state: PolicyState, shape: PolicyShape, config: UpdateConfig): UpdateEntry {
  return {
    inputs: { ...batchSpecs(state, shape, config), ...OPTIMISER_INPUTS },
    run: (inputs, variables) => {
      const { outputs, gradients } = backward(state, shape, config, inputs, variables);
      const { norm, adam } = optimiserStep(config, gradients, inputs);
      return { outputs: { ...outputs, gradNorm: norm }, adam };
    },
  };
}

/** Adds the gradients of a micro-batch to their sums. Outputs are its share of the batch's sums. */
export function accumulateEntry(state: PolicyState, shape: PolicyShape, config: UpdateConfig): AccumulateEntry {
  return {
    inputs: batchSpecs(state, shape, config),
    run: (inputs, variables) => {
      const { outputs, gradients } = backward(state, shape, config, inputs, variables);
      const updates: Tensors = {};
      config.trainable.forEach((name, index) => {
        updates[accumulator(name)] = tf.add(get(variables, accumulator(name)), gradients[index] as Tensor);
      });
      return { outputs, updates };
    },
  };
}

/** The optimiser step with the accumulated gradients, which are zero afterwards. */
export function applyEntry(config: UpdateConfig): ApplyEntry {
  return {
    inputs: OPTIMISER_INPUTS,
    run: (inputs, variables) => {
      const gradients = config.trainable.map((name) => get(variables, accumulator(name)));
      const { norm, adam } = optimiserStep(config, gradients, inputs);
      const updates: Tensors = {};
      for (const name of config.trainable) updates[accumulator(name)] = tf.zerosLike(get(variables, accumulator(name)));
      return { outputs: { gradNorm: norm }, updates, adam };
    },
  };
}

/** The norm of a batch's gradient, before clipping. Changes nothing. */
export function gradientNormEntry(state: PolicyState, shape: PolicyShape, config: UpdateConfig): GradientNormEntry {
  return {
    inputs: batchSpecs(state, shape, config),
    run: (inputs, variables) => ({
      outputs: { gradNorm: globalNorm(backward(state, shape, config, inputs, variables).gradients) },
    }),
  };
}

/** The norm of the accumulated gradients, which are zero afterwards. */
export function accumulatedNormEntry({ trainable }: Pick<UpdateConfig, 'trainable'>): AccumulatedNormEntry {
  return {
    inputs: {},
    run: (_, variables) => {
      const sums = trainable.map((name) => get(variables, accumulator(name)));
      const updates = Object.fromEntries(
        trainable.map((name, index) => [accumulator(name), tf.zerosLike(sums[index] as Tensor)]),
      );
      return { outputs: { gradNorm: globalNorm(sums) }, updates };
    },
  };
}

function backward(
  state: PolicyState,
  shape: PolicyShape,
  config: UpdateConfig,
  inputs: TensorsOf<BatchSpecs>,
  variables: Tensors,
): { outputs: LossTensors; gradients: Tensor[] } {
  const lanes = config.trainVision ? 1 : lanesOf(state, shape);
  const part = laneShape(shape, lanes);
  const whole = batchSpecs(state, shape, config);
  const own = batchSpecs(state, part, config);
  const logged: LossTensors[] = [];
  const loss = (...trained: Tensor[]): tf.Scalar => {
    const current = { ...variables };
    config.trainable.forEach((name, index) => (current[name] = trained[index] as Tensor));
    const model = policyModel(state, current);
    const losses = Array.from({ length: lanes }, (_, lane) => {
      const fed = laneInputs(inputs, whole, own, lane);
      const scores = completionScores(model, completionHidden(model, fed, part), fed.completionIds, {
        temperature: config.temperature,
        trainTable: config.trainable.includes(outputTableName(model)),
        ...(config.chunkLogits === undefined ? {} : { chunkLogits: config.chunkLogits }),
      });
      const sums: LossTensors = {};
      logged.push(sums);
      return lossOf(scores, fed, config, sums);
    });
    // Everything that is logged is a sum over tokens, and so is the loss: lanes add up.
    return total(losses);
  };
  const { value, grads } = tf.valueAndGrads(loss)(config.trainable.map((name) => get(variables, name)));
  const names = Object.keys(logged[0] ?? {}) as LossOutputs[];
  const sums: LossTensors = {};
  for (const name of names) sums[name] = total(logged.map((each) => each[name] as Tensor));
  return { outputs: { loss: value, ...sums, ...appliedBeta(inputs, config) }, gradients: grads };
}

export type LossTensors = Partial<Record<LossOutputs, Tensor>>;

/** The KL weight as it reached the loss, returned so that the training loop can compare it with the schedule. */
export function appliedBeta(inputs: TensorsOf<LossSpecs>, config: Pick<UpdateConfig, 'loss'>): LossTensors {
  return config.loss === undefined ? {} : { appliedBeta: tf.mul(given(inputs.beta, 'beta'), 1) };
}

function total<T extends Tensor>(parts: readonly T[]): T {
  return parts.reduce((sum, part) => tf.add(sum, part));
}

/** The loss of what is fed. `logged` gets the sums that belong to it (`kl`, `clipLow`, `clipHigh`, `entropy`). */
export function lossOf(
  scores: TokenScores,
  inputs: TensorsOf<LossSpecs>,
  config: Pick<UpdateConfig, 'loss'>,
  logged: LossTensors,
): tf.Scalar {
  const { mask, rowWeights } = inputs;
  if (config.loss === undefined) return supervisedLoss(scores.logprobs, mask, rowWeights);
  const result = policyLoss(
    {
      logprobs: scores.logprobs,
      oldLogprobs: given(inputs.oldLogprobs, 'oldLogprobs'),
      refLogprobs: given(inputs.refLogprobs, 'refLogprobs'),
      mask,
      rowWeights,
      advantages: given(inputs.advantages, 'advantages'),
      beta: given(inputs.beta, 'beta'),
    },
    config.loss,
  );
  logged.kl = tf.keep(result.kl);
  logged.clipLow = tf.keep(result.clipLow);
  logged.clipHigh = tf.keep(result.clipHigh);
  logged.entropy = tf.keep(tf.sum(tf.mul(scores.entropies, mask)));
  return result.loss;
}

function given(tensor: Tensor | undefined, name: string): Tensor {
  if (tensor === undefined) throw new Error(`A policy loss needs ${name}.`);
  return tensor;
}

/** Clipping by the global norm and AdamW over all trained tensors. */
function optimiserStep(
  config: Pick<UpdateConfig, 'trainable'> & AdamConfig,
  gradients: readonly Tensor[],
  scalars: TensorsOf<OptimiserSpecs>,
): { norm: Tensor; adam: AdamUpdate } {
  const trained = config.trainable.map((name, index) => ({ name, gradient: gradients[index] as Tensor }));
  return adamUpdate(trained, scalars, config);
}

/** The loss options that GRPO's configuration fixes for a program. */
export function lossConfigOf(config: GrpoConfig): LossConfig {
  const { lossType, epsilon, epsilonHigh, maxCompletionLength, useBiasCorrectionKl = false } = config;
  return { lossType, epsilon, epsilonHigh, maxCompletionLength, useBiasCorrectionKl };
}
