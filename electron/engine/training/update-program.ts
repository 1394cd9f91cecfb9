/** @file The update of a policy: forward, loss, backward, clipping by the global norm, AdamW. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { GrpoConfig } from '../../contract/recipe.ts';
import { featureSpec, promptSpecs, visionSpecs } from '../model/program-inputs.ts';
import type { Entry, Tensors, TensorSpec } from '../runtime/program.ts';
import { adamStep, clipFactor, globalNorm, type AdamConfig } from './adamw.ts';
import { entropies, tokenLogprobs } from './logprobs.ts';
import { policyLoss, supervisedLoss, type LossConfig } from './loss.ts';
import {
  completionLogits,
  completionSpecs,
  get,
  policyModel,
  scalar,
  type PolicyShape,
  type PolicyState,
} from './policy-program.ts';

export interface UpdateConfig extends AdamConfig {
  /** The tensors that are trained. */
  trainable: readonly string[];
  temperature: number;
  /** Absent = supervised loss. */
  loss?: LossConfig;
  /** True when the vision tower is trained: pixels are fed instead of features. */
  trainVision: boolean;
}

/** Optimiser state of the trained tensors. */
export function optimiserVariables(
  shapes: Record<string, readonly number[]>,
  trainable: readonly string[],
): Record<string, TensorSpec> {
  const variables: Record<string, TensorSpec> = {};
  for (const name of trainable) {
    const shape = shapes[name];
    if (shape === undefined) throw new Error(`${name} has no shape.`);
    variables[`adam/${name}/mean`] = { shape, dtype: 'float32' };
    variables[`adam/${name}/square`] = { shape, dtype: 'float32' };
  }
  return variables;
}

/** One optimiser step on a batch: forward, loss, backward, clipping, AdamW. */
export function updateEntry(state: PolicyState, shape: PolicyShape, config: UpdateConfig): Entry {
  const rows = shape.batch * shape.groupSize;
  const perToken: TensorSpec = { shape: [rows, shape.completionLength], dtype: 'float32' };
  const policyInputs: Record<string, TensorSpec> =
    config.loss === undefined
      ? {}
      : {
          oldLogprobs: perToken,
          refLogprobs: perToken,
          advantages: { shape: [rows], dtype: 'float32' },
          beta: scalar,
          batchTokens: scalar,
        };
  return {
    inputs: {
      ...promptSpecs(shape, state.config),
      ...(config.trainVision ? visionSpecs(shape, state.config) : featureSpec(shape, state.config)),
      ...completionSpecs(shape, state.config),
      mask: perToken,
      ...policyInputs,
      learningRate: scalar,
      correction1: scalar,
      correction2: scalar,
    },
    run: (inputs, variables) => {
      const logged: Tensors = {};
      const loss = (...trained: Tensor[]): tf.Scalar => {
        const current = { ...variables };
        config.trainable.forEach((name, index) => (current[name] = trained[index] as Tensor));
        const logits = completionLogits(policyModel(state, current), inputs, shape);
        const flat = tokenLogprobs(logits, tf.reshape(get(inputs, 'completionIds'), [-1]), config.temperature);
        const logprobs = tf.reshape(flat, [rows, shape.completionLength]);
        return lossOf(logprobs, logits, inputs, config, logged);
      };
      const parameters = config.trainable.map((name) => get(variables, name));
      const { value, grads } = tf.valueAndGrads(loss)(parameters);
      const norm = globalNorm(grads);
      const factor = clipFactor(norm, config.maxGradNorm);
      const scalars = {
        learningRate: get(inputs, 'learningRate'),
        correction1: get(inputs, 'correction1'),
        correction2: get(inputs, 'correction2'),
      };
      const updates: Tensors = {};
      config.trainable.forEach((name, index) => {
        const slot = {
          parameter: get(variables, name),
          gradient: grads[index] as Tensor,
          mean: get(variables, `adam/${name}/mean`),
          square: get(variables, `adam/${name}/square`),
          decays: !name.endsWith('bias') && !name.includes('norm'),
        };
        const next = adamStep(slot, factor, scalars, config);
        updates[name] = next.parameter;
        updates[`adam/${name}/mean`] = next.mean;
        updates[`adam/${name}/square`] = next.square;
      });
      return { outputs: { loss: value, gradNorm: norm, ...logged }, updates };
    },
  };
}

function lossOf(logprobs: Tensor, logits: Tensor, inputs: Tensors, config: UpdateConfig, logged: Tensors): tf.Scalar {
  const mask = get(inputs, 'mask');
  if (config.loss === undefined) return supervisedLoss(logprobs, mask);
  const result = policyLoss(
    {
      logprobs,
      oldLogprobs: get(inputs, 'oldLogprobs'),
      refLogprobs: get(inputs, 'refLogprobs'),
      mask,
      advantages: get(inputs, 'advantages'),
      beta: get(inputs, 'beta'),
      batchTokens: get(inputs, 'batchTokens'),
    },
    config.loss,
  );
  const entropy = tf.reshape(entropies(logits, config.temperature), mask.shape);
  logged['kl'] = tf.keep(result.kl);
  logged['clipLow'] = tf.keep(result.clipLow);
  logged['clipHigh'] = tf.keep(result.clipHigh);
  logged['entropy'] = tf.keep(tf.div(tf.sum(tf.mul(entropy, mask)), tf.maximum(tf.sum(mask), 1)));
  logged['logprobs'] = tf.keep(tf.clone(logprobs));
  return result.loss;
}

/** The loss options that GRPO's configuration fixes for a program. */
export function lossConfigOf(config: GrpoConfig): LossConfig {
  const { lossType, epsilon, epsilonHigh, maxCompletionLength } = config;
  return { lossType, epsilon, epsilonHigh, maxCompletionLength };
}
