/** @file A policy ready to run: a program with a model's weights and adapter in it, and the features of its images. */
import { roundToNf4 } from '../../formats/nf4.ts';
import { worthFusing } from '../model/fused.ts';
import { MASKED } from '../model/attention.ts';
import { loadRuntime, type Runtime } from '../runtime/backend.ts';
import { createProgram } from '../runtime/create-program.ts';
import {
  isReadable,
  type ReadableBytes,
  namedEntries,
  variables as variablesOf,
  type Entry,
  type EntryTable,
  type FeedData,
  type Program,
  type ProgramSpec,
  type VariableSpec,
} from '../runtime/program.ts';
import { packNf4 } from '../runtime/own-ops.ts';
import { releaseMemory } from '../runtime/release-memory.ts';
import { inTurn } from '../runtime/turns.ts';
import { NO_PICTURE, promptFeeds, type BatchFeeds, type PreparedPrompt } from '../training/batch.ts';
import type { Sampling } from '../training/logprobs.ts';
import { encodeEntry, lanesOf, REFERENCE, type PolicyShape, type PolicyState } from '../training/policy-program.ts';
import { rolloutEntries, rolloutVariables, type RolloutEntries } from '../training/rollout/rollout-program.ts';
import { rollOut, type Rollout } from '../training/rollout/rollout.ts';
import { optimiserVariables } from '../training/update/update-program.ts';
import { createFeatureCache, encodeShapes, type EncodeEntry } from './feature-cache.ts';
import { loadMeter, type OnLoad } from './load-meter.ts';
import { withWeights, type LoadedAdapter, type LoadedModel, type Values } from './loaded-model.ts';
import { choosePrecision, isLarge, storageOf, takesNf4, type Precision } from './precision.ts';
import { roundedNames } from './rounded-weights.ts';

/** What a policy runs besides encoding images and rolling out: its entry points, and whatever calls them. */
export interface PolicyCalls {
  entries: EntryTable;
  /** Those that are called first, in their order; absent = all. */
  first?: readonly Entry[];
  /** How many further entry points of each kind may be added. */
  later?: Readonly<Record<string, number>>;
}

export interface PolicyOptions<C extends PolicyCalls = PolicyCalls> {
  model: LoadedModel;
  adapter: LoadedAdapter | null;
  shape: PolicyShape;
  /** Present if the policy answers: temperature, top-p and min-p. */
  sampling?: Sampling;
  /** Names of trained tensors; they get optimiser state. */
  trainable?: readonly string[];
  /** Further variables. */
  variables?: Record<string, VariableSpec>;
  /** Keep a copy of the weights as the reference model (full fine-tuning). */
  separateReference?: boolean;
  /** Keep a copy of the adapter as it is at the start, as the reference model's. */
  referenceAdapter?: boolean;
  /** Weights to begin with instead of those in the model's files. */
  initialWeights?: Record<string, Float32Array>;
  /** How the frozen weights are kept and multiplied; absent = as precision.ts chooses. */
  precision?: Precision;
  /** Updates are computed by blocks of layers (block-program.ts), without lanes. */
  byLayer?: boolean;
  calls?: (state: PolicyState) => C;
  /** Holds image features that do not fit in memory; absent = they are encoded again. */
  featureFolder?: string;
}

export interface Policy<C extends PolicyCalls = PolicyCalls> {
  program: Program;
  state: PolicyState;
  shape: PolicyShape;
  /** What the options' `calls` gave. */
  calls: C;
  /** Null if the policy does not answer. */
  rollout: RolloutEntries | null;
  /** Feeds of a batch of exactly `shape.batch` prompts, image features included (computed once for each picture). */
  feeds(prompts: readonly PreparedPrompt[]): Promise<BatchFeeds>;
  /** Prompts whose images are not encoded, or no longer kept. */
  missing(prompts: readonly PreparedPrompt[]): PreparedPrompt[];
  /** Encodes pictures for prompts that do not hold the pixels themselves. */
  encode(images: PreparedPrompt['images']): Promise<void>;
  /** Forgets all features: call it when weights of the vision tower or its merger have changed. */
  forgetFeatures(): void;
  dispose(): void;
}

/** A policy's program before it is built, which is also what its memory is estimated from. */
export interface PolicyProgram<C extends PolicyCalls> {
  spec: ProgramSpec;
  state: PolicyState;
  precision: Precision;
  /**
   * The weights that are rounded to NF4, and whether they are kept so: without our own ops, their values are kept in float32.
   * Null = none.
   */
  rounded: { names: ReadonlySet<string>; dtype: 'nf4' | 'float32' } | null;
  /** By size of the pictures, from large to small. */
  encode: readonly EncodeEntry[];
  rollout: RolloutEntries | null;
  calls: C | null;
}

/** The programs of options, so that a policy that was planned has the plan's (compiled-program.ts keeps its traces). */
const programs = new WeakMap<PolicyOptions, PolicyProgram<PolicyCalls>>();

/** Variables and entry points of a policy, the same ones for the same options. Nothing is allocated or read. */
export function policyProgram<C extends PolicyCalls>(options: PolicyOptions<C>, runtime: Runtime): PolicyProgram<C> {
  const known = programs.get(options) as PolicyProgram<C> | undefined;
  if (known !== undefined) return known;
  const made = newProgram(options, runtime);
  programs.set(options, made);
  return made;
}

function newProgram<C extends PolicyCalls>(options: PolicyOptions<C>, runtime: Runtime): PolicyProgram<C> {
  const { model, adapter, shape, sampling, trainable } = options;
  const { config } = model.processor;
  const rounded = roundedOf(options, runtime);
  const packed = rounded?.dtype === 'nf4';
  const precision = options.precision ?? choosePrecision(model, trainable ?? [], runtime);
  const state: PolicyState = {
    config,
    weightNames: Object.keys(model.shapes),
    adapterNames: adapter === null ? [] : Object.keys(adapter.shapes),
    scaling: adapter?.scaling ?? 0,
    // Merging an adapter into a weight that is kept in bfloat16 would round the adapter away.
    mergedAdapter: precision === 'float32' && !packed && worthFusing(config),
    ...(packed ? { fused: false } : {}),
    separateReference: options.separateReference ?? false,
    referenceAdapter: options.referenceAdapter ?? false,
    lanes: options.byLayer === true ? 1 : runtime.lanes,
  };
  const encode = encodeShapes(shape).map((each) => encodeEntry(state, each));
  const rollout =
    sampling === undefined ? null : rolloutEntries(state, shape, { ...sampling, suppressed: suppressedTokens(model) });
  const calls = options.calls?.(state) ?? null;
  const variables: Record<string, VariableSpec> = {
    ...storageOf(model.shapes, precision, 'weight', rounded),
    ...variablesOf('adapter', adapter?.shapes ?? {}),
    ...(rollout === null ? {} : rolloutVariables(state, shape)),
    ...(trainable === undefined ? {} : optimiserVariables({ ...model.shapes, ...adapter?.shapes }, trainable)),
    ...options.variables,
  };
  if (state.referenceAdapter === true)
    Object.assign(variables, variablesOf('copy', underReference(adapter?.shapes ?? {})));
  if (state.separateReference) {
    for (const [name, spec] of Object.entries(storageOf(model.shapes, precision, 'copy')))
      variables[REFERENCE + name] = spec;
  }
  const entries = { encode, ...rollout, ...calls?.entries };
  const { later = {} } = calls ?? {};
  return { spec: { variables, entries, later }, state, precision, rounded, encode, rollout, calls };
}

/** What an adapter's base was when it was trained, it is whenever the adapter is used. */
function roundedOf({ model, adapter }: PolicyOptions, runtime: Runtime): PolicyProgram<PolicyCalls>['rounded'] {
  if (adapter?.frozenWeights !== 'nf4') return null;
  return {
    names: roundedNames(model.shapes, model.processor.config),
    dtype: takesNf4(runtime) ? 'nf4' : 'float32',
  };
}

/** @param onLoad gets the progress of reading the weights; nothing if they are not read from files */
export async function createPolicy<C extends PolicyCalls = PolicyCalls>(
  options: PolicyOptions<C>,
  onLoad: OnLoad = () => undefined,
): Promise<Policy<C>> {
  const { model, adapter, shape } = options;
  const { config, padId } = model.processor;
  const runtime = await loadRuntime();
  const { spec, state, rounded, encode, rollout, calls } = policyProgram(options, runtime);
  const program = await createProgram(runtime, spec);
  const pictures = shape.patches === NO_PICTURE ? [] : encode;
  // What every batch needs first. A large model's weights take so long to read that nobody should wait for graphs as well.
  const soon = isLarge(model) ? [] : [...pictures, ...(rollout === null ? [] : [rollout.prefill])];
  const prepare = (): void => {
    program.prepare(soon, calledLater({ encode: pictures, rollout, calls }, soon));
  };
  const own = adapter?.values ?? {};
  const given = { ...own, ...(state.referenceAdapter === true ? underReference(own) : {}) };
  if (options.initialWeights === undefined) {
    await fillWeights(program, model, { variables: spec.variables, rounded, given }, onLoad, prepare);
  } else {
    prepare();
    program.set({ ...options.initialWeights, ...given });
  }

  const features = createFeatureCache(program, encode, model, shape, { folder: options.featureFolder });
  return {
    program,
    state,
    shape,
    // Without `calls` there is nothing to give, and nothing that C could promise.
    calls: calls ?? ({ entries: {} } as C),
    rollout,
    feeds: async (prompts) => ({
      ...promptFeeds(prompts, shape, config, padId),
      features: await features.of(prompts),
    }),
    missing: (prompts) => features.missing(prompts),
    encode: (images) => features.encode(images),
    forgetFeatures: () => {
      features.forget();
    },
    dispose: () => {
      features.dispose();
      program.dispose();
    },
  };
}

/** What will be called after `soon`, in order. Smaller stages of decoding are left out: whether answers end early is known to nobody. */
function calledLater(
  { encode, rollout, calls }: Pick<PolicyProgram<PolicyCalls>, 'encode' | 'rollout' | 'calls'>,
  soon: readonly Entry[],
): Entry[] {
  const stages = rollout === null ? [] : [rollout.prefill, ...rollout.decode.slice(0, 1)];
  const called = calls === null ? [] : (calls.first ?? namedEntries(calls.entries).map(({ entry }) => entry));
  return [...encode, ...stages, ...called].filter((entry) => !soon.includes(entry));
}

function underReference<T>(named: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [REFERENCE + name, value]));
}

/**
 * Brings the weights from the files into the program, one after another, and what is given with them: every call that sets variables has
 * to be prepared. @param meanwhile runs while the first is read
 */
async function fillWeights(
  program: Program,
  model: LoadedModel,
  {
    variables,
    rounded,
    given,
  }: Pick<PolicyProgram<PolicyCalls>, 'rounded'> & Pick<ProgramSpec, 'variables'> & { given: Values },
  onLoad: OnLoad,
  meanwhile: () => void,
): Promise<void> {
  await withWeights(model, async (weights) => {
    const reference = (name: string): string => REFERENCE + name;
    const nameOf = (target: string): string => (target.startsWith(REFERENCE) ? target.slice(REFERENCE.length) : target);
    const names = Object.keys(model.shapes);
    const targets = [...names, ...names.map(reference).filter((name) => variables[name] !== undefined)];
    const meter = loadMeter(
      targets.reduce((sum, target) => sum + weights.bytesOf(nameOf(target)), 0),
      onLoad,
    );
    const read = async (target: string): Promise<FeedData | Uint8Array | ReadableBytes> => {
      if (given[target] !== undefined) return given[target];
      const name = nameOf(target);
      const values = await valuesOf(variables[target]?.dtype, name);
      if (!isReadable(values)) {
        meter.add(weights.bytesOf(name));
        return values;
      }
      const readInto = async (offset: number, bytes: Uint8Array): Promise<void> => {
        await values.readInto(offset, bytes);
        meter.add(bytes.length);
      };
      return { byteLength: values.byteLength, readInto };
    };
    /** One tensor after another, so a model that is rounded is never whole in memory. */
    const valuesOf = async (
      dtype: VariableSpec['dtype'] | undefined,
      name: string,
    ): Promise<FeedData | Uint8Array | ReadableBytes> => {
      if (dtype === 'bfloat16') return await weights.bfloat16(name);
      const values = await weights.float32(name);
      if (dtype === 'nf4') return packNf4(values);
      if (rounded?.names.has(name) === true) roundToNf4(values);
      return values;
    };
    await program.fill([...targets, ...Object.keys(given)], read, meanwhile);
    meter.end();
  });
  releaseMemory();
}

/** Tokens that stand for images: sampled by accident, they would claim places that no image fills. */
function suppressedTokens(model: LoadedModel): Float32Array {
  const { config, tokenizer } = model.processor;
  const suppressed = new Float32Array(config.vocabSize);
  const marks = ['<|vision_pad|>', '<fake_token_around_image>', '<global-img>'].map((mark) => tokenizer.idOf(mark));
  for (const id of [
    config.imageTokenId,
    config.videoTokenId,
    config.visionStartTokenId,
    config.visionEndTokenId,
    ...marks,
  ]) {
    if (id !== null && id !== undefined) suppressed[id] = MASKED;
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
  const { rollout } = policy;
  if (rollout === null) throw new Error('The policy was built without sampling, so it cannot answer.');
  return await inTurn(async () =>
    rollOut(
      policy.program,
      rollout,
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
