/**
 * @file The update of a policy: forward, loss, backward, clipping by the global norm, AdamW. Either in one call
 * (`updateEntry`), or in parts: `accumulateEntry` adds the gradients of some prompts, `applyEntry` takes the step with
 * what was added. Losses are sums with weights from the whole batch, so both ways give the same step.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { GrpoConfig } from '../../../contract/model/recipe.ts';
import { outputTableName } from '../../model/language.ts';
import { featureSpec, promptSpecs, visionSpecs } from '../../model/program-inputs.ts';
import type { AdamUpdate, Entry, Tensors, TensorSpec } from '../../runtime/program.ts';
import { adamState, adamUpdate, type AdamConfig } from './adamw.ts';
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
  /** True when the vision tower is trained: pixels are fed instead of features. */
  trainVision: boolean;
  /** Most logits in memory at once; absent = as logprobs.ts has it. */
  chunkLogits?: number;
}

/** Optimiser state of the trained tensors. */
export function optimiserVariables(
  shapes: Record<string, readonly number[]>,
  trainable: readonly string[],
): Record<string, TensorSpec> {
  return variablesLike(shapes, trainable, (name) => Object.values(adamState(name)));
}

/** Sums of gradients, wanted where an update is worked off in parts. They begin as zeros. */
export function accumulatorVariables(
  shapes: Record<string, readonly number[]>,
  trainable: readonly string[],
): Record<string, TensorSpec> {
  return variablesLike(shapes, trainable, (name) => [accumulator(name)]);
}

function variablesLike(
  shapes: Record<string, readonly number[]>,
  names: readonly string[],
  made: (name: string) => string[],
): Record<string, TensorSpec> {
  const variables: Record<string, TensorSpec> = {};
  for (const name of names) {
    const shape = shapes[name];
    if (shape === undefined) throw new Error(`${name} has no shape.`);
    for (const each of made(name)) variables[each] = { shape, dtype: 'float32' };
  }
  return variables;
}

/** Name of the variable that sums a tensor's gradients. */
export function accumulator(name: string): string {
  return `accumulated/${name}`;
}

/** Learning rate and Adam's bias corrections: they change from step to step. */
const STEP_INPUTS: Record<string, TensorSpec> = { learningRate: scalar, correction1: scalar, correction2: scalar };

/** What a batch (or a part of one) brings to the loss, beside prompts and features. */
export function lossSpecs(
  state: PolicyState,
  shape: PolicyShape,
  config: Pick<UpdateConfig, 'loss'>,
): Record<string, TensorSpec> {
  const rows = shape.batch * shape.groupSize;
  const perToken: TensorSpec = { shape: [rows, shape.completionLength], dtype: 'float32' };
  const perRow: TensorSpec = { shape: [rows], dtype: 'float32' };
  return {
    ...completionSpecs(shape, state.config),
    mask: perToken,
    rowWeights: perRow,
    ...(config.loss === undefined
      ? {}
      : { oldLogprobs: perToken, refLogprobs: perToken, advantages: perRow, beta: scalar }),
  };
}

function batchSpecs(state: PolicyState, shape: PolicyShape, config: UpdateConfig): Record<string, TensorSpec> {
  return {
    ...promptSpecs(shape, state.config),
    ...(config.trainVision ? visionSpecs(shape, state.config) : featureSpec(shape, state.config)),
    ...lossSpecs(state, shape, config),
  };
}

/** One optimiser step on a batch: forward, loss, backward, clipping, AdamW. */
export function updateEntry(state: PolicyState, shape: PolicyShape, config: UpdateConfig): Entry {
  return {
    inputs: { ...batchSpecs(state, shape, config), ...STEP_INPUTS },
    run: (inputs, variables) => {
      const { outputs, gradients } = backward(state, shape, config, inputs, variables);
      const { norm, adam } = optimiserStep(config, gradients, inputs);
      return { outputs: { ...outputs, gradNorm: norm }, adam };
    },
  };
}

/** Adds the gradients of a part of a batch to what is there. Outputs are the part's share of the sums. */
export function accumulateEntry(state: PolicyState, shape: PolicyShape, config: UpdateConfig): Entry {
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
export function applyEntry(config: UpdateConfig): Entry {
  return {
    inputs: STEP_INPUTS,
    run: (inputs, variables) => {
      const gradients = config.trainable.map((name) => get(variables, accumulator(name)));
      const { norm, adam } = optimiserStep(config, gradients, inputs);
      const updates: Tensors = {};
      for (const name of config.trainable) updates[accumulator(name)] = tf.zerosLike(get(variables, accumulator(name)));
      return { outputs: { gradNorm: norm }, updates, adam };
    },
  };
}

function backward(
  state: PolicyState,
  shape: PolicyShape,
  config: UpdateConfig,
  inputs: Tensors,
  variables: Tensors,
): { outputs: Tensors; gradients: Tensor[] } {
  const lanes = config.trainVision ? 1 : lanesOf(state, shape);
  const part = laneShape(shape, lanes);
  const whole = batchSpecs(state, shape, config);
  const own = batchSpecs(state, part, config);
  const logged: Tensors[] = [];
  const loss = (...trained: Tensor[]): tf.Scalar => {
    const current = { ...variables };
    config.trainable.forEach((name, index) => (current[name] = trained[index] as Tensor));
    const model = policyModel(state, current);
    const losses = Array.from({ length: lanes }, (_, lane) => {
      const fed = laneInputs(inputs, whole, own, lane);
      const scores = completionScores(model, completionHidden(model, fed, part), get(fed, 'completionIds'), {
        temperature: config.temperature,
        trainTable: config.trainable.includes(outputTableName(model)),
        ...(config.chunkLogits === undefined ? {} : { chunkLogits: config.chunkLogits }),
      });
      const sums: Tensors = {};
      logged.push(sums);
      return lossOf(scores, fed, config, sums);
    });
    // Everything that is logged is a sum over tokens, and so is the loss: lanes add up.
    return total(losses);
  };
  const { value, grads } = tf.valueAndGrads(loss)(config.trainable.map((name) => get(variables, name)));
  const names = Object.keys(logged[0] ?? {});
  const sums = Object.fromEntries(names.map((name) => [name, total(logged.map((each) => get(each, name)))]));
  return { outputs: { loss: value, ...sums, ...appliedBeta(inputs, config) }, gradients: grads };
}

/** The KL weight as it reached the loss, given back so that the training loop can hold it against the schedule. */
export function appliedBeta(inputs: Tensors, config: Pick<UpdateConfig, 'loss'>): Tensors {
  return config.loss === undefined ? {} : { appliedBeta: tf.mul(get(inputs, 'beta'), 1) };
}

function total<T extends Tensor>(parts: readonly T[]): T {
  return parts.reduce((sum, part) => tf.add(sum, part));
}

/** The loss of what is fed; `logged` gets the sums that belong to it (`kl`, `clipLow`, `clipHigh`, `entropy`). */
export function lossOf(
  scores: TokenScores,
  inputs: Tensors,
  config: Pick<UpdateConfig, 'loss'>,
  logged: Tensors,
): tf.Scalar {
  const mask = get(inputs, 'mask');
  if (config.loss === undefined) return supervisedLoss(scores.logprobs, mask, get(inputs, 'rowWeights'));
  const result = policyLoss(
    {
      logprobs: scores.logprobs,
      oldLogprobs: get(inputs, 'oldLogprobs'),
      refLogprobs: get(inputs, 'refLogprobs'),
      mask,
      rowWeights: get(inputs, 'rowWeights'),
      advantages: get(inputs, 'advantages'),
      beta: get(inputs, 'beta'),
    },
    config.loss,
  );
  logged['kl'] = tf.keep(result.kl);
  logged['clipLow'] = tf.keep(result.clipLow);
  logged['clipHigh'] = tf.keep(result.clipHigh);
  logged['entropy'] = tf.keep(tf.sum(tf.mul(scores.entropies, mask)));
  return result.loss;
}

/** Clipping by the global norm and AdamW over all trained tensors. */
function optimiserStep(
  config: Pick<UpdateConfig, 'trainable'> & AdamConfig,
  gradients: readonly Tensor[],
  inputs: Tensors,
): { norm: Tensor; adam: AdamUpdate } {
  const trained = config.trainable.map((name, index) => ({ name, gradient: gradients[index] as Tensor }));
  const scalars = {
    learningRate: get(inputs, 'learningRate'),
    correction1: get(inputs, 'correction1'),
    correction2: get(inputs, 'correction2'),
  };
  return adamUpdate(trained, scalars, config);
}

/** The loss options that GRPO's configuration fixes for a program. */
export function lossConfigOf(config: GrpoConfig): LossConfig {
  const { lossType, epsilon, epsilonHigh, maxCompletionLength } = config;
  return { lossType, epsilon, epsilonHigh, maxCompletionLength };
}
