/**
 * @file Scoring and updating by blocks of layers, for models whose activations would not fit in memory at once. The forward
 * pass keeps only the input of each block. The backward pass runs from the last block to the first and recomputes the
 * activations of each (gradient checkpointing, arXiv 1604.06174: about √layers to a block). The states live in variables
 * of the program, so that a call per block moves no data.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../../../formats/model-config.ts';
import { layerTogether, type Model, type Together } from '../../model/language.ts';
import { rotaryWidth } from '../../model/rotary.ts';
import { featureSpec, promptSpecs } from '../../model/program-inputs.ts';
import {
  variables as variablesOf,
  type Entry,
  type FeedsOf,
  type Specs,
  type Tensors,
  type VariableSpec,
} from '../../runtime/program.ts';
import type { CompletionSpecs } from '../batch.ts';
import {
  completionSpecs,
  get,
  joinedInputs,
  policyModel,
  predictingRows,
  referenceModel,
  type PolicyShape,
  type PolicyState,
  type ScoreSpecs,
} from '../policy-program.ts';
import { completionScores } from '../completion-scores.ts';
import {
  accumulator,
  appliedBeta,
  lossOf,
  lossSpecs,
  type AccumulateEntry,
  type LossSpecs,
  type LossTensors,
  type UpdateConfig,
} from './update-program.ts';
import type { Call } from './calls.ts';

type Which = 'policy' | 'reference';
/** A call that takes no feeds: everything it needs is in variables. */
type BlockEntry = Entry<Record<string, never>, never>;
type LossHeadEntry = AccumulateEntry extends Entry<Specs, infer O> ? Entry<LossSpecs, O> : never;

/** Rows that go through the layers: every prompt token, and every completion token but the last. */
function rowsOf({ batch, promptLength, groupSize, completionLength }: PolicyShape): number {
  return batch * promptLength + batch * groupSize * (completionLength - 1);
}

/** Rows after the last layer: of a prompt, only the last token. */
function rowsAtEnd(shape: PolicyShape): number {
  return rowsOf({ ...shape, promptLength: 1 });
}

/** Layers per block: larger blocks need more memory, smaller ones more calls, each of which TensorFlow prepares once. */
function layersPerBlock({ numLayers }: ModelConfig): number {
  return Math.max(1, Math.floor(Math.sqrt(numLayers)));
}

export function blockCount(config: ModelConfig): number {
  return Math.ceil(config.numLayers / layersPerBlock(config));
}

function layersOf(block: number, config: ModelConfig): number[] {
  const size = layersPerBlock(config);
  const count = Math.min(size, config.numLayers - block * size);
  return Array.from({ length: count }, (_, index) => block * size + index);
}

function runBlock(model: Model, block: number, x: Tensor, together: Together): Tensor {
  let hidden = x;
  for (const layer of layersOf(block, model.config)) hidden = layerTogether(model, layer, hidden, together);
  return hidden;
}

/** What one call leaves for the next: the inputs of each block, the gradient on its way back, rotary tables. */
export function blockVariables(config: ModelConfig, shape: PolicyShape): Record<string, VariableSpec> {
  const rows = rowsOf(shape);
  const states = [rows, config.hiddenSize];
  const end = [rowsAtEnd(shape), config.hiddenSize];
  const rotary = [rows, 1, rotaryWidth(config)];
  const shapes: Record<string, readonly number[]> = {
    'block/cos': rotary,
    'block/sin': rotary,
    'block/promptMask': [shape.batch, 1, 1, shape.promptLength],
    [GRADIENT]: states,
    [END_GRADIENT]: end,
    [stateName(blockCount(config))]: end,
  };
  for (const name of stackedNames(config)) shapes[name] = [shape.batch * shape.promptLength, config.hiddenSize];
  for (let block = 0; block < blockCount(config); block++) shapes[stateName(block)] = states;
  return variablesOf('cache', shapes, 'zeros');
}

/** The variables with the gradient of the last computed block's input, and of the last block's output. */
const GRADIENT = 'block/gradient';
const END_GRADIENT = 'block/gradient/end';

/** The variables with what is added to prompts after the first layers (DeepStack). */
function stackedNames({ vision }: ModelConfig): string[] {
  return (vision.deepstackLayers ?? []).map((_, index) => `block/stacked/${String(index)}`);
}

/** The variable with the input of a block; the block after the last one stands for the end. */
function stateName(block: number): string {
  return `block/${String(block)}`;
}

/** Embeds a batch and keeps what every block needs. */
function embedBlockEntry(state: PolicyState, shape: PolicyShape): Entry<ScoreSpecs, never> {
  return {
    inputs: {
      ...promptSpecs(shape, state.config),
      ...featureSpec(shape, state.config),
      ...completionSpecs(shape, state.config),
    },
    run: (inputs, variables) => {
      const { x, together } = joinedInputs(policyModel(state, variables), inputs, shape);
      return {
        outputs: {},
        updates: {
          [stateName(0)]: x,
          'block/cos': together.rotary.cos,
          'block/sin': together.rotary.sin,
          'block/promptMask': tf.mul(together.prompts.mask, 1),
          ...Object.fromEntries(
            stackedNames(state.config).map((name, index) => [name, together.prompts.stacked[index] as Tensor]),
          ),
        },
      };
    },
  };
}

/** One block forward: from its state to the next block's. */
function forwardBlockEntry(state: PolicyState, shape: PolicyShape, block: number, which: Which): BlockEntry {
  return {
    inputs: {},
    run: (_, variables) => {
      const model = which === 'policy' ? policyModel(state, variables) : referenceModel(state, variables);
      const x = runBlock(model, block, get(variables, stateName(block)), togetherOf(variables, shape, state.config));
      return { outputs: {}, updates: { [stateName(block + 1)]: x } };
    },
  };
}

/** Names of the trained tensors that belong to a block. */
function trainedIn(block: number, config: ModelConfig, trainable: readonly string[]): string[] {
  const prefixes = layersOf(block, config).map((layer) => `model.layers.${String(layer)}.`);
  return trainable.filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));
}

/** Log-probs under the reference model, from the output of its last layer. */
function referenceHeadEntry(
  state: PolicyState,
  shape: PolicyShape,
  temperature: number,
): Entry<CompletionSpecs, 'logprobs'> {
  return {
    inputs: completionSpecs(shape, state.config),
    run: (inputs, variables) => {
      const model = referenceModel(state, variables);
      const hidden = predictingRows(get(variables, stateName(blockCount(state.config))), shape);
      const options = { temperature, trainTable: false };
      return { outputs: { logprobs: completionScores(model, hidden, inputs.completionIds, options).logprobs } };
    },
  };
}

/** The loss of a micro-batch, and its gradient with respect to the output of the last layer. */
function lossHeadEntry(
  state: PolicyState,
  shape: PolicyShape,
  config: Pick<UpdateConfig, 'loss' | 'temperature'>,
): LossHeadEntry {
  return {
    inputs: lossSpecs(state, shape, config),
    run: (inputs, variables) => {
      const logged: LossTensors = {};
      const model = policyModel(state, variables);
      const options = { temperature: config.temperature, trainTable: false };
      const loss = (x: Tensor): tf.Scalar => {
        const scores = completionScores(model, predictingRows(x, shape), inputs.completionIds, options);
        return lossOf(scores, inputs, config, logged);
      };
      const { value, grad } = tf.valueAndGrad(loss)(get(variables, stateName(blockCount(state.config))));
      return {
        outputs: { loss: value, ...logged, ...appliedBeta(inputs, config) },
        updates: { [END_GRADIENT]: grad },
      };
    },
  };
}

/**
 * One block backward: takes the gradient of the block's output, recomputes the block, adds the gradients of its parameters
 * to their sums, and leaves the gradient of its input.
 */
function backwardBlockEntry(
  state: PolicyState,
  shape: PolicyShape,
  block: number,
  trainable: readonly string[],
): BlockEntry {
  const names = trainedIn(block, state.config, trainable);
  return {
    inputs: {},
    run: (_, variables) => {
      const forward = (x: Tensor, ...trained: Tensor[]): Tensor => {
        const current: Tensors = { ...variables };
        names.forEach((name, index) => (current[name] = trained[index] as Tensor));
        const model: Model = policyModel(state, current);
        return runBlock(model, block, x, togetherOf(variables, shape, state.config));
      };
      const parameters = names.map((name) => get(variables, name));
      const [dx, ...gradients] = tf.grads(forward)(
        [get(variables, stateName(block)), ...parameters],
        get(variables, block === blockCount(state.config) - 1 ? END_GRADIENT : GRADIENT),
      );
      const updates: Tensors = { [GRADIENT]: dx as Tensor };
      names.forEach((name, index) => {
        updates[accumulator(name)] = tf.add(get(variables, accumulator(name)), gradients[index] as Tensor);
      });
      return { outputs: {}, updates };
    },
  };
}

function togetherOf(variables: Tensors, shape: PolicyShape, config: ModelConfig): Together {
  return {
    prompts: {
      batch: shape.batch,
      length: shape.promptLength,
      mask: get(variables, 'block/promptMask'),
      stacked: stackedNames(config).map((name) => get(variables, name)),
    },
    completions: { groupSize: shape.groupSize, length: shape.completionLength - 1 },
    rotary: { cos: get(variables, 'block/cos'), sin: get(variables, 'block/sin') },
  };
}

export interface BlockEntries {
  embed: Entry<ScoreSpecs, never>;
  /** One block forward each, in order. */
  forward: readonly BlockEntry[];
  /** One block backward each, in the order of the blocks. */
  backward: readonly BlockEntry[];
  loss: LossHeadEntry;
  /** The reference model's blocks and its head; null if the loss has no reference. */
  reference: { forward: readonly BlockEntry[]; head: Entry<CompletionSpecs, 'logprobs'> } | null;
}

/** All entry points for scoring and updating by blocks. */
export function blockEntries(
  state: PolicyState,
  shape: PolicyShape,
  config: UpdateConfig & { reference: boolean },
): BlockEntries {
  const blocks = Array.from({ length: blockCount(state.config) }, (_, block) => block);
  return {
    embed: embedBlockEntry(state, shape),
    forward: blocks.map((block) => forwardBlockEntry(state, shape, block, 'policy')),
    backward: blocks.map((block) => backwardBlockEntry(state, shape, block, config.trainable)),
    loss: lossHeadEntry(state, shape, config),
    reference: config.reference
      ? {
          forward: blocks.map((block) => forwardBlockEntry(state, shape, block, 'reference')),
          head: referenceHeadEntry(state, shape, config.temperature),
        }
      : null,
  };
}

/** The same entry points as a list, for the program. */
export function listOfBlocks({ embed, forward, backward, loss, reference }: BlockEntries): Entry[] {
  return [embed, loss, ...forward, ...backward, ...(reference === null ? [] : [...reference.forward, reference.head])];
}

/** Gradients of a micro-batch, added to their sums block by block. */
export function accumulateByBlocks({ embed, forward, backward, loss }: BlockEntries): Call<AccumulateEntry> {
  return async (program, feeds) => {
    await program.call(embed, feeds as FeedsOf<ScoreSpecs>);
    for (const entry of forward) await program.call(entry, {});
    const outputs = await program.call(loss, feeds);
    for (const entry of backward.toReversed()) await program.call(entry, {});
    return outputs;
  };
}

/** Log-probs under the reference model, computed block by block; null if there is none. */
export function referenceByBlocks({ embed, reference }: BlockEntries): Call<Entry<ScoreSpecs, 'logprobs'>> | null {
  if (reference === null) return null;
  return async (program, feeds) => {
    await program.call(embed, feeds);
    for (const entry of reference.forward) await program.call(entry, {});
    return await program.call(reference.head, feeds);
  };
}
