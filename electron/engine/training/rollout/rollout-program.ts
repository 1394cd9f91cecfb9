/** @file The entry points of a rollout: prefill, and for each stage of decode-stages.ts decode and compact. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../../../formats/model-config.ts';
import { fusedLogits, fusedShapes, fuseWeights, runFusedStep, worthFusing } from '../../model/fused.ts';
import {
  embedTokens,
  logitsOf,
  runPrompts,
  runStep,
  type KeyValues,
  type LayerCache,
  type StepInputs,
} from '../../model/language.ts';
import { forGroups, isLinear, stateWidths } from '../../model/linear-attention.ts';
import { gatherRows, updatesInPlace } from '../../model/ops.ts';
import {
  featureSpec,
  promptInputs,
  promptSpecs,
  type FeatureSpecs,
  type PromptSpecs,
} from '../../model/program-inputs.ts';
import { rotaryWidth } from '../../model/rotary.ts';
import {
  float32,
  int32,
  variables as variablesOf,
  type Entry,
  type Tensors,
  type TensorSpec,
  type VariableSpec,
} from '../../runtime/program.ts';
import { decodeStages, type DecodeStage } from './decode-stages.ts';
import { inLanes } from '../lanes.ts';
import { drawTokens, penalised, type Sampling } from '../logprobs.ts';
import { get, laneShape, lanesOf, policyModel, scalar, type PolicyShape, type PolicyState } from '../policy-program.ts';

export interface RolloutConfig extends Sampling {
  /** [vocabulary]: 0, or a large negative number for tokens that must never be drawn. */
  suppressed: Float32Array;
}

/** Variables of a rollout: keys and values of the prompts and of each row (of linear attention, windows and states of each row), and fused weights if they are worth it. */
export function rolloutVariables(state: PolicyState, shape: PolicyShape): Record<string, VariableSpec> {
  const { config } = state;
  const { numLayers, numKeyValueHeads: heads, headDim } = config;
  const lanes = lanesOf(state, shape);
  const { batch, groupSize, completionLength, promptLength } = laneShape(shape, lanes);
  const prompt = [batch, heads, promptLength, headDim];
  const own = [batch * heads * groupSize * completionLength, headDim];
  const shapes: Record<string, readonly number[]> = {};
  for (let lane = 0; lane < lanes; lane++) {
    for (let layer = 0; layer < numLayers; layer++) {
      if (config.linear !== undefined && isLinear(config, layer)) {
        const widths = stateWidths(config.linear);
        for (const part of ['window', 'state'] as const)
          shapes[cacheName(lane, layer, 'own', part)] = [batch * groupSize, widths[part]];
        continue;
      }
      for (const part of ['keys', 'values'] as const) {
        shapes[cacheName(lane, layer, 'prompt', part)] = prompt;
        shapes[cacheName(lane, layer, 'own', part)] = own;
      }
    }
  }
  if (fuses(state)) Object.assign(shapes, fusedShapes(config));
  return variablesOf('cache', shapes, 'zeros');
}

function fuses({ config, fused = true }: PolicyState): boolean {
  return fused && worthFusing(config);
}

type CacheOwner = 'prompt' | 'own';
type CachePart = keyof KeyValues | 'window' | 'state';

function cacheName(lane: number, layer: number, owner: CacheOwner, part: CachePart): string {
  return `cache/${String(lane)}/${String(layer)}/${owner}/${part}`;
}

/** The prompts' keys and values, null for layers with linear attention, which keep nothing of the prompt for itself. */
function promptCaches(variables: Tensors, config: ModelConfig, lane: number): (KeyValues | null)[] {
  const part = (layer: number, name: CachePart): Tensor => get(variables, cacheName(lane, layer, 'prompt', name));
  return Array.from({ length: config.numLayers }, (_, layer) =>
    isLinear(config, layer) ? null : { keys: part(layer, 'keys'), values: part(layer, 'values') },
  );
}

function ownCaches(variables: Tensors, config: ModelConfig, lane: number): LayerCache[] {
  const part = (layer: number, name: CachePart): Tensor => get(variables, cacheName(lane, layer, 'own', name));
  return Array.from({ length: config.numLayers }, (_, layer) =>
    isLinear(config, layer)
      ? { window: part(layer, 'window'), state: part(layer, 'state') }
      : { keys: part(layer, 'keys'), values: part(layer, 'values') },
  );
}

function cacheUpdates(caches: readonly (LayerCache | null)[], lane: number, owner: CacheOwner): Tensors {
  return Object.fromEntries(
    caches.flatMap((cache, layer) =>
      Object.entries<Tensor>({ ...cache }).map(([part, value]) => [
        cacheName(lane, layer, owner, part as CachePart),
        value,
      ]),
    ),
  );
}

/** What the prompts leave: keys and values that their group shares, and a window and a state for each row. */
function afterPrompts(cache: readonly LayerCache[], groupSize: number, lane: number): Tensors {
  const shared = cache.map((each) => ('state' in each ? null : each));
  const own = cache.map((each) => ('state' in each ? forGroups(each, groupSize) : null));
  return { ...cacheUpdates(shared, lane, 'prompt'), ...cacheUpdates(own, lane, 'own') };
}

type DrawSpecs = {
  uniform: TensorSpec<'float32'>;
  greedy: TensorSpec<'float32'>;
  /** [rows, vocabulary]: 1 for tokens that came before. Only with a repetition penalty. */
  seen?: TensorSpec<'float32'>;
};
type Drawn = 'tokens' | 'logprobs';
type PrefillEntry = Entry<PromptSpecs & FeatureSpecs & DrawSpecs, Drawn | 'promptLogits'>;
type DecodeSpecs = DrawSpecs & {
  tokens: TensorSpec<'int32'>;
  cos: TensorSpec<'float32'>;
  sin: TensorSpec<'float32'>;
  slots: TensorSpec<'int32'>;
  ownMask: TensorSpec<'float32'>;
  promptMask: TensorSpec<'float32'>;
};
type DecodeEntry = Entry<DecodeSpecs, Drawn>;
type CompactEntry = Entry<{ sources: TensorSpec<'int32'>; prompts?: TensorSpec<'int32'> }, never>;

function penalises({ repetitionPenalty = 1 }: Sampling): boolean {
  return repetitionPenalty !== 1;
}

function drawSpecs(rows: number, { vocabSize }: ModelConfig, rollout: RolloutConfig): DrawSpecs {
  const seen = penalises(rollout) ? { seen: float32([rows, vocabSize]) } : {};
  return { uniform: float32([rows]), greedy: scalar, ...seen };
}

function draw(
  logits: Tensor,
  { uniform, greedy, seen }: { uniform: Tensor; greedy: Tensor; seen?: Tensor },
  rollout: RolloutConfig,
): { tokens: Tensor; logprobs: Tensor } {
  const { repetitionPenalty = 1 } = rollout;
  const judged = seen === undefined ? logits : penalised(logits, seen, repetitionPenalty);
  return drawTokens(judged, tf.tensor1d(rollout.suppressed), uniform, greedy, rollout);
}

/** Runs the prompts, keeps their keys and values (and fuses the weights for decoding), and draws the first token of every row. */
function prefillEntry(state: PolicyState, shape: PolicyShape, rollout: RolloutConfig): PrefillEntry {
  return inLanes(lanesOf(state, shape), (lanes, lane) => prefillLane(state, laneShape(shape, lanes), rollout, lane));
}

function prefillLane(state: PolicyState, shape: PolicyShape, rollout: RolloutConfig, lane: number): PrefillEntry {
  const rows = shape.batch * shape.groupSize;
  return {
    inputs: {
      ...promptSpecs(shape, state.config),
      ...featureSpec(shape, state.config),
      ...drawSpecs(rows, state.config, rollout),
    },
    run: (inputs, variables) => {
      const model = policyModel(state, variables);
      const { hidden, cache } = runPrompts(model, promptInputs(model, inputs, shape));
      const logits = logitsOf(model, hidden);
      const perRow = tf.reshape(tf.tile(tf.expandDims(logits, 1), [1, shape.groupSize, 1]), [rows, -1]);
      const drawn = draw(perRow, inputs, rollout);
      const fused = lane === 0 && fuses(state) ? fuseWeights(model) : {};
      const updates = { ...afterPrompts(cache, shape.groupSize, lane), ...fused };
      return { outputs: { ...drawn, promptLogits: logits }, updates };
    },
  };
}

export interface RolloutEntries {
  prefill: PrefillEntry;
  /** By stage: one more token for every row. */
  decode: readonly DecodeEntry[];
  /** By stage, from the second on: makes the batch of the previous stage smaller. */
  compact: readonly CompactEntry[];
}

export function rolloutEntries(state: PolicyState, shape: PolicyShape, rollout: RolloutConfig): RolloutEntries {
  const lanes = lanesOf(state, shape);
  const stages = decodeStages(shape, lanes);
  return {
    prefill: prefillEntry(state, shape, rollout),
    decode: stages.map((stage) => decodeEntry(state, { ...shape, ...stage }, rollout, lanes)),
    compact: stages.slice(1).map((stage, index) => compactEntry(state, shape, stages[index] ?? stage, stage, lanes)),
  };
}

function decodeEntry(state: PolicyState, shape: PolicyShape, rollout: RolloutConfig, lanes: number): DecodeEntry {
  return inLanes(lanes, (parts, lane) => decodeLane(state, laneShape(shape, parts), rollout, lane));
}

function decodeLane(state: PolicyState, shape: PolicyShape, rollout: RolloutConfig, lane: number): DecodeEntry {
  const { config } = state;
  const fused = fuses(state);
  const rows = shape.batch * shape.groupSize;
  return {
    inputs: {
      tokens: int32([rows]),
      cos: float32([rows, 1, rotaryWidth(config)]),
      sin: float32([rows, 1, rotaryWidth(config)]),
      slots: int32([rows * config.numKeyValueHeads]),
      ownMask: float32([1, shape.completionLength]),
      promptMask: float32([shape.batch, 1, 1, shape.promptLength]),
      ...drawSpecs(rows, config, rollout),
    },
    run: (inputs, variables) => {
      const model = policyModel(state, variables);
      // Slots are numbered over the whole batch; each lane has caches of its own.
      const first = lane * rows * config.numKeyValueHeads * shape.completionLength;
      const { slots } = inputs;
      const ownSlots = first === 0 ? slots : tf.sub(slots, tf.scalar(first, 'int32'));
      const step: StepInputs = {
        embeds: embedTokens(model, inputs.tokens),
        rotary: { cos: inputs.cos, sin: inputs.sin },
        shared: promptCaches(variables, config, lane),
        caches: ownCaches(variables, config, lane),
        batch: shape.batch,
        groupSize: shape.groupSize,
        capacity: shape.completionLength,
        slots: ownSlots,
        promptMask: inputs.promptMask,
        ownMask: inputs.ownMask,
      };
      const { hidden, caches: written } = fused ? runFusedStep(model, variables, step) : runStep(model, step);
      const drawn = draw(fused ? fusedLogits(model, variables, hidden) : logitsOf(model, hidden), inputs, rollout);
      return updatesInPlace()
        ? { outputs: { ...drawn } }
        : { outputs: { ...drawn }, updates: cacheUpdates(written, lane, 'own') };
    },
  };
}

/**
 * Moves the caches of the remaining rows to the front, where the smaller stage expects them.
 * Inputs: `sources` from cacheSources and `prompts` from promptSources (decode-stages.ts), numbered within each lane.
 */
function compactEntry(
  state: PolicyState,
  shape: PolicyShape,
  from: DecodeStage,
  to: DecodeStage,
  lanes: number,
): CompactEntry {
  return inLanes(lanes, (parts, lane) =>
    compactLane(state, shape.completionLength, part(from, parts), part(to, parts), lane),
  );
}

function part({ batch, groupSize }: DecodeStage, lanes: number): DecodeStage {
  return { batch: batch / lanes, groupSize };
}

function compactLane(
  state: PolicyState,
  capacity: number,
  from: DecodeStage,
  to: DecodeStage,
  lane: number,
): CompactEntry {
  const { config } = state;
  const { numKeyValueHeads: heads, headDim } = config;
  const whole = from.batch === to.batch;
  return {
    inputs: {
      sources: int32([to.batch * heads * to.groupSize]),
      ...(whole ? {} : { prompts: int32([to.batch]) }),
    },
    run: (inputs, variables) => {
      const rows = config.linear === undefined ? null : rowSources(inputs.sources, from, to, heads);
      const own = ownCaches(variables, config, lane).map((cache) =>
        'state' in cache
          ? movedToFront(cache, rows as Tensor)
          : movedToFront(cache, inputs.sources, capacity * headDim),
      );
      const { prompts } = inputs;
      if (prompts === undefined) return { outputs: {}, updates: cacheUpdates(own, lane, 'own') };
      const shared = promptCaches(variables, config, lane).map((cache) =>
        cache === null ? null : movedToFront(cache, prompts),
      );
      return {
        outputs: {},
        updates: { ...cacheUpdates(own, lane, 'own'), ...cacheUpdates(shared, lane, 'prompt') },
      };
    },
  };
}

/** The rows that `sources` (cacheSources) names once for each of `heads`. @returns [to.batch · to.groupSize] */
function rowSources(sources: Tensor, from: DecodeStage, to: DecodeStage, heads: number): Tensor {
  const grid = tf.reshape(sources, [to.batch, heads, to.groupSize]);
  const first = tf.reshape(tf.slice(grid, [0, 0, 0], [-1, 1, -1]), [-1]);
  const ofPrompt = tf.scalar(heads * from.groupSize, 'int32');
  const prompts = tf.floorDiv(first, ofPrompt);
  return tf.sub(first, tf.mul(prompts, tf.scalar((heads - 1) * from.groupSize, 'int32')));
}

/** A cache as rows of `width` values (absent = along its first axis), those of `sources` first. What follows them is no longer used. */
function movedToFront<T extends LayerCache>(cache: T, sources: Tensor, width?: number): T {
  const count = sources.shape[0] ?? 0;
  const moved = Object.entries<Tensor>({ ...cache }).map(([part, whole]) => {
    const rows = tf.reshape(whole, width === undefined ? [whole.shape[0] ?? 0, -1] : [-1, width]);
    const rest = tf.slice(rows, [count, 0], [-1, -1]);
    return [part, tf.reshape(tf.concat([gatherRows(rows, sources), rest], 0), whole.shape)];
  });
  return Object.fromEntries(moved) as T;
}
