/**
 * @file The entry points of a rollout: prefill, decode (once for each stage of decode-stages.ts), and what makes a stage
 * smaller.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Qwen2VLConfig } from '../../../formats/qwen2-vl-config.ts';
import { fusedLogits, fusedShapes, fuseWeights, runFusedStep, worthFusing } from '../../model/fused.ts';
import { embedTokens, logitsOf, runPrompts, runStep, type KeyValues, type StepInputs } from '../../model/language.ts';
import { gatherRows, updatesInPlace } from '../../model/ops.ts';
import { featureSpec, promptInputs, promptSpecs } from '../../model/program-inputs.ts';
import type { Entry, Tensors, TensorSpec } from '../../runtime/program.ts';
import { decodeStages, type DecodeStage } from './decode-stages.ts';
import { inLanes } from '../lanes.ts';
import { drawTokens, type Sampling } from '../logprobs.ts';
import { get, laneShape, lanesOf, policyModel, scalar, type PolicyShape, type PolicyState } from '../policy-program.ts';

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
function prefillEntry(state: PolicyState, shape: PolicyShape, rollout: RolloutConfig): Entry {
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
      const logits = logitsOf(model, hidden);
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

/** All entry points of a rollout, by name. */
export function rolloutEntries(state: PolicyState, shape: PolicyShape, rollout: RolloutConfig): Record<string, Entry> {
  const entries: Record<string, Entry> = { prefill: prefillEntry(state, shape, rollout) };
  const lanes = lanesOf(state, shape);
  const stages = decodeStages(shape, lanes);
  stages.forEach((stage, index) => {
    entries[decodeName(index)] = decodeEntry(state, { ...shape, ...stage }, rollout, lanes);
    const before = stages[index - 1];
    if (before !== undefined) entries[compactName(index)] = compactEntry(state, shape, before, stage, lanes);
  });
  return entries;
}

/** One more token for every row of a stage. */
export function decodeName(stage: number): string {
  return `decode/${String(stage)}`;
}

/** From the stage before to this one. */
export function compactName(stage: number): string {
  return `compact/${String(stage)}`;
}

function decodeEntry(state: PolicyState, shape: PolicyShape, rollout: RolloutConfig, lanes: number): Entry {
  return inLanes(lanes, (parts, lane) => decodeLane(state, laneShape(shape, parts), rollout, lane));
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
        fused ? fusedLogits(model, variables, hidden) : logitsOf(model, hidden),
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

/**
 * Moves the caches of the rows that go on to the front, where the smaller stage looks for them.
 * Inputs: `sources` from cacheSources and `prompts` from promptSources (decode-stages.ts), numbered within each lane.
 */
function compactEntry(
  state: PolicyState,
  shape: PolicyShape,
  from: DecodeStage,
  to: DecodeStage,
  lanes: number,
): Entry {
  return inLanes(lanes, (parts, lane) =>
    compactLane(state, shape.completionLength, part(from, parts), part(to, parts), lane),
  );
}

function part({ batch, groupSize }: DecodeStage, lanes: number): DecodeStage {
  return { batch: batch / lanes, groupSize };
}

function compactLane(state: PolicyState, capacity: number, from: DecodeStage, to: DecodeStage, lane: number): Entry {
  const { config } = state;
  const { numKeyValueHeads: heads, headDim } = config;
  const whole = from.batch === to.batch;
  return {
    inputs: {
      sources: { shape: [to.batch * heads * to.groupSize], dtype: 'int32' },
      ...(whole ? {} : { prompts: { shape: [to.batch], dtype: 'int32' } }),
    },
    run: (inputs, variables) => {
      const own = movedToFront(caches(variables, config, lane, 'own'), get(inputs, 'sources'), capacity * headDim);
      if (whole) return { outputs: {}, updates: cacheUpdates(own, lane, 'own') };
      const prompts = caches(variables, config, lane, 'prompt');
      const width = prompts[0]?.keys.shape.slice(1).reduce((a, b) => a * b, 1) ?? 0;
      const shared = movedToFront(prompts, get(inputs, 'prompts'), width);
      return {
        outputs: {},
        updates: { ...cacheUpdates(own, lane, 'own'), ...cacheUpdates(shared, lane, 'prompt') },
      };
    },
  };
}

/** Caches as rows of `width` values, those of `sources` first; what lies behind them is not used any more. */
function movedToFront(caches: readonly KeyValues[], sources: Tensor, width: number): KeyValues[] {
  const count = sources.shape[0] ?? 0;
  const move = (cache: Tensor): Tensor => {
    const rows = tf.reshape(cache, [-1, width]);
    const rest = tf.slice(rows, [count, 0], [-1, -1]);
    return tf.reshape(tf.concat([gatherRows(rows, sources), rest], 0), cache.shape);
  };
  return caches.map(({ keys, values }) => ({ keys: move(keys), values: move(values) }));
}
