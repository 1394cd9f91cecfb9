/** @file A policy ready to run: a program with a model's weights (and adapter) in it, and its image features. */
import { createFeatureCache, encodeShape } from './feature-cache.ts';
import { loadRuntime, type Runtime } from '../runtime/backend.ts';
import { createProgram } from '../runtime/create-program.ts';
import type { Entry, FeedData, Program, ProgramSpec, TensorSpec, VariableSpec } from '../runtime/program.ts';
import { withWeights, type LoadedAdapter, type LoadedModel, type Shapes } from './loaded-model.ts';
import { choosePrecision, storageOf, type Precision } from './precision.ts';
import { worthFusing } from '../model/fused.ts';
import { MASKED } from '../model/language.ts';
import { inTurn } from '../runtime/turns.ts';
import { releaseMemory } from '../runtime/release-memory.ts';
import { withBlocks } from '../training/update/block-calls.ts';
import { blockCount } from '../training/update/block-program.ts';
import { promptFeeds, type Feeds, type PreparedPrompt } from '../training/batch.ts';
import { encodeEntry, lanesOf, type PolicyShape, type PolicyState } from '../training/policy-program.ts';
import { rolloutEntries, rolloutVariables, type RolloutConfig } from '../training/rollout/rollout-program.ts';
import type { Sampling } from '../training/logprobs.ts';
import { optimiserVariables } from '../training/update/update-program.ts';
import { rollOut, type Rollout } from '../training/rollout/rollout.ts';

export interface PolicyOptions {
  model: LoadedModel;
  adapter: LoadedAdapter | null;
  shape: PolicyShape;
  /** Present when the policy answers: temperature, top-p and min-p. */
  sampling?: Sampling;
  /** Names of trained tensors; they get optimiser state. */
  trainable?: readonly string[];
  /** Further variables that begin as zeros. */
  zeroed?: Record<string, TensorSpec>;
  /** Keep a copy of the weights as the reference (full-weights training). */
  separateReference?: boolean;
  /** Weights to begin with in place of those in the model's files. */
  initialWeights?: Record<string, Float32Array>;
  /** How the frozen weights are kept and multiplied; absent = as precision.ts chooses. */
  precision?: Precision;
  /** The entries are those of block-program.ts: `reference` and `accumulate` are worked off layer by layer. */
  byLayer?: boolean;
  entries?: (state: PolicyState) => Record<string, Entry>;
}

export interface Policy {
  program: Program;
  state: PolicyState;
  shape: PolicyShape;
  /** Feeds of a batch of exactly `shape.batch` prompts, image features included (computed once per prompt object). */
  feeds(prompts: readonly PreparedPrompt[]): Promise<Feeds>;
  /** Prompts whose images are not encoded (any more). */
  missing(prompts: readonly PreparedPrompt[]): PreparedPrompt[];
  /** Encodes images for prompts that do not hold the pixels themselves. */
  encode(images: readonly { prompt: PreparedPrompt; images: PreparedPrompt['images'] }[]): Promise<void>;
  dispose(): void;
}

/** Weights are handed over in pieces of about this size. */
const FILL_BYTES = 64 * 1024 * 1024;

/** A policy's program before it is built: what its memory is reckoned from, too. */
export interface PolicyProgram {
  spec: ProgramSpec;
  state: PolicyState;
  precision: Precision;
}

/** Variables and entry points of a policy. Nothing is allocated or read. */
export function policyProgram(options: PolicyOptions, runtime: Runtime): PolicyProgram {
  const { model, adapter, shape } = options;
  const { config } = model.processor;
  const precision = options.precision ?? choosePrecision(model, options.trainable ?? [], runtime.native !== null);
  const state: PolicyState = {
    config,
    weightNames: Object.keys(model.shapes),
    adapterNames: adapter === null ? [] : Object.keys(adapter.shapes),
    scaling: adapter?.scaling ?? 0,
    // A weight that is kept in bfloat16 cannot take up an adapter without rounding it away.
    mergedAdapter: precision === 'float32' && worthFusing(config),
    separateReference: options.separateReference ?? false,
    lanes: options.byLayer === true ? 1 : runtime.lanes,
  };
  const variables: Record<string, VariableSpec> = {
    ...storageOf(model.shapes, precision),
    ...floats(adapter?.shapes ?? {}),
  };
  const entries: Record<string, Entry> = {
    encode: encodeEntry(state, encodeShape(shape)),
    ...options.entries?.(state),
  };
  const zeroed: Record<string, TensorSpec> = {};
  if (options.sampling !== undefined) {
    const rollout: RolloutConfig = { ...options.sampling, suppressed: suppressedTokens(model) };
    Object.assign(zeroed, rolloutVariables(state, shape));
    Object.assign(entries, rolloutEntries(state, shape, rollout));
  }
  if (options.trainable !== undefined) {
    Object.assign(zeroed, optimiserVariables({ ...model.shapes, ...adapter?.shapes }, options.trainable));
  }
  Object.assign(zeroed, options.zeroed);
  for (const [name, spec] of Object.entries(zeroed)) variables[name] = { ...spec, initial: 'zeros' };
  if (state.separateReference)
    for (const [name, spec] of Object.entries(storageOf(model.shapes, precision)))
      variables[`reference/${name}`] = spec;
  return { spec: { variables, entries }, state, precision };
}

export async function createPolicy(options: PolicyOptions): Promise<Policy> {
  const { model, adapter, shape } = options;
  const { config, padId } = model.processor;
  const runtime = await loadRuntime();
  const { spec, state } = policyProgram(options, runtime);
  const whole = await createProgram(runtime, spec);
  const program = options.byLayer === true ? withBlocks(whole, blockCount(config)) : whole;
  if (options.initialWeights === undefined) await fillWeights(program, model, spec.variables);
  else program.set(options.initialWeights);
  program.set(adapter?.values ?? {});

  const features = createFeatureCache(program, model, shape);
  return {
    program,
    state,
    shape,
    feeds: async (prompts) => ({
      ...promptFeeds(prompts, shape, config, padId),
      features: await features.of(prompts),
    }),
    missing: (prompts) => features.missing(prompts),
    encode: (images) => features.encode(images),
    dispose: () => {
      program.dispose();
    },
  };
}

/** Brings the weights from the files into the program, some at a time: many small ones in one call, never all at once. */
async function fillWeights(
  program: Program,
  model: LoadedModel,
  variables: Record<string, VariableSpec>,
): Promise<void> {
  await withWeights(model, async (weights) => {
    let values: Record<string, FeedData | Uint8Array> = {};
    let bytes = 0;
    const flush = (): void => {
      program.set(values);
      values = {};
      bytes = 0;
    };
    for (const name of Object.keys(model.shapes)) {
      const half = variables[name]?.dtype === 'bfloat16';
      const data = half ? await weights.bfloat16(name) : await weights.float32(name);
      values[name] = data;
      if (variables[`reference/${name}`] !== undefined) values[`reference/${name}`] = data;
      bytes += data.byteLength;
      if (bytes > FILL_BYTES) flush();
    }
    flush();
  });
  releaseMemory();
}

function floats(shapes: Shapes): Record<string, TensorSpec> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype: 'float32' as const }]),
  );
}

/** Tokens that stand for pictures: drawn by accident, they would claim places that no image fills. */
function suppressedTokens(model: LoadedModel): Float32Array {
  const { config, tokenizer } = model.processor;
  const suppressed = new Float32Array(config.vocabSize);
  const pads = [tokenizer.idOf('<|vision_pad|>')].filter((id) => id !== undefined);
  for (const id of [
    config.imageTokenId,
    config.videoTokenId,
    config.visionStartTokenId,
    config.visionEndTokenId,
    ...pads,
  ]) {
    suppressed[id] = MASKED;
  }
  return suppressed;
}

/** Rolls out a batch. If there are fewer prompts than the batch holds, copies of the first fill it up, and nobody waits for them. */
export async function answerBatch(
  policy: Policy,
  model: LoadedModel,
  prompts: readonly PreparedPrompt[],
  options: { greedy: boolean; maxNewTokens: number; uniform: (row: number, position: number) => number },
): Promise<Rollout> {
  const [first] = prompts;
  if (first === undefined) throw new Error('There are no prompts to answer.');
  const filled = [...prompts, ...Array.from({ length: policy.shape.batch - prompts.length }, () => first)];
  return await inTurn(async () =>
    rollOut(
      policy.program,
      {
        prompts: filled,
        feeds: await policy.feeds(filled),
        shape: policy.shape,
        eosIds: model.processor.eosIds,
        padId: model.processor.padId,
        activeRows: prompts.length * policy.shape.groupSize,
        lanes: lanesOf(policy.state, policy.shape),
        ...options,
      },
      model.processor.config,
    ),
  );
}
