/**
 * @file A trial of the device that this engine computes on: what small steps of training compute, to be held against another device, and how
 * long a short step takes with the widths of a model. A whole model would take minutes to load, so its weights are made up and only its first
 * layers are there; a step waits for the same things in each of them.
 */
import type { TrialJob, TrialResult } from '../../contract/engine/engine.ts';
import { Recipe } from '../../contract/model/recipe.ts';
import { DEFAULT_ADAPTER, DEFAULT_GRPO, DEFAULT_OPTIMISER } from '../../method/defaults.ts';
import { initialKlState } from '../../method/kl-curve.ts';
import { readCheckpointSettings } from '../../formats/checkpoint.ts';
import { narrowToBfloat16 } from '../../formats/float-bits.ts';
import type { ModelConfig } from '../../formats/model-config.ts';
import { expectedTensors } from '../../formats/tensor-names.ts';
import { freshAdapter, type LoadedModel } from '../policy/loaded-model.ts';
import { policyProgram } from '../policy/policy.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { createProgram } from '../runtime/create-program.ts';
import { sizeOf, type FeedData, type ProgramSpec } from '../runtime/program.ts';
import { trainingPolicyOptions, type TrainingCalls } from '../trainer/training-policy.ts';
import type { TrainingSetup } from '../trainer/setup.ts';
import { featureRows, featureWidth } from '../model/program-inputs.ts';
import { promptFeeds, shapeFor, type PreparedPrompt } from '../training/batch.ts';
import { grpoStep } from '../training/grpo/grpo-step.ts';
import { lanesOf } from '../training/policy-program.ts';
import type { StepContext } from '../training/step-context.ts';

/** Tokens are drawn; where one lies on the edge, devices may differ in one seed. */
const SEEDS = [11, 12];
const PROMPTS = 2;
const GROUP = 4;

/** Lengths of the steps that are compared, and of those that are timed. */
const SMALL = { promptTokens: 8, completionTokens: 4, steps: 2 };
const TIMED = { promptTokens: 64, completionTokens: 16, steps: 3 };
type Lengths = typeof SMALL;

/** Of the widths that are timed, so that a table of words does not have to be made up. */
const MOST_WORDS = 16_384;
/** Layers whose weights take a second or so to make up. */
const MOST_WEIGHTS = 128_000_000;

export async function trial({ modelPath }: TrialJob): Promise<TrialResult> {
  const { config } = await readCheckpointSettings(modelPath);
  const numbers: TrialResult['numbers'] = [];
  const small = async (seed: number): Promise<(number | null)[]> =>
    (await steps(smallest(config), SMALL, seed, 'float32')).numbers;
  for (const seed of SEEDS) numbers.push(await small(seed));
  const [first = 0] = SEEDS;
  const again = await small(first);
  const repeats = again.every((value, at) => Object.is(value, numbers[0]?.[at]));
  const { seconds } = await steps(slice(config), TIMED, 1);
  // The first step waits for shaders, or for a graph.
  return { numbers, secondsPerStep: Math.min(...seconds.slice(1)), repeats };
}

/** A model with this one's first layers. */
export function slice(config: ModelConfig): ModelConfig {
  const { hiddenSize, intermediateSize, numHeads, headDim } = config;
  const perLayer = hiddenSize * (3 * intermediateSize + 3 * numHeads * headDim);
  const layers = Math.max(fewestLayers(config), Math.floor(MOST_WEIGHTS / perLayer));
  return cut(config, Math.min(layers, config.numLayers), Math.min(MOST_WORDS, config.vocabSize));
}

/** A model of the same family that every device computes at once. */
function smallest(config: ModelConfig): ModelConfig {
  const { numHeads, numKeyValueHeads } = config;
  const perKey = Math.min(2, numHeads / numKeyValueHeads);
  return {
    ...cut(config, fewestLayers(config), 256),
    hiddenSize: 128,
    intermediateSize: 192,
    numKeyValueHeads: 1,
    numHeads: perKey,
  };
}

function fewestLayers({ numLayers, linear, vision }: ModelConfig): number {
  return Math.min(numLayers, Math.max(linear === undefined ? 2 : 4, vision.deepstackLayers?.length ?? 0));
}

function cut(config: ModelConfig, numLayers: number, vocabSize: number): ModelConfig {
  const { linear } = config;
  return {
    ...config,
    numLayers,
    vocabSize,
    ...(linear === undefined ? {} : { linear: { ...linear, layers: linear.layers.filter((at) => at < numLayers) } }),
  };
}

/** @param precision of the frozen weights; absent = as a run of this size would have it */
async function steps(
  config: ModelConfig,
  lengths: Lengths,
  seed: number,
  precision?: 'float32',
): Promise<{ seconds: number[]; numbers: (number | null)[] }> {
  const runtime = await loadRuntime();
  const setup = setupOf(config, lengths, seed, runtime.lanes);
  const { model, adapter, prompts } = setup;
  const { options, shape } = trainingPolicyOptions(setup, { microBatchPrompts: PROMPTS, byLayer: false });
  const planned = policyProgram<TrainingCalls>(precision === undefined ? options : { ...options, precision }, runtime);
  const { rollout, calls, state } = planned;
  if (calls === null) throw new Error('A trial trains.');
  const spec = withoutTower(planned.spec);
  const program = await createProgram(runtime, spec);
  try {
    const weights = Object.keys(model.shapes).filter((name) => !isOfTower(name));
    await program.fill(weights, (name) => Promise.resolve(madeUp(spec, name, weights.indexOf(name))));
    program.set(adapter?.values ?? {});
    const { recipe } = setup.job;
    const context: StepContext = {
      recipe,
      program,
      shape,
      lanes: lanesOf(state, shape),
      calls: calls.update,
      rollout,
      config,
      eosIds: [],
      padId: 0,
      pixels: false,
      decode: () => '',
      // Whatever the answers are, some are better than others.
      judge: (items) => items.map((_, row) => [((row * 7) % 5) / 4]),
      residentBytes: () => 0,
    };
    const features = new Float32Array(featureRows(shape, config) * featureWidth(config));
    const batch = {
      samples: Array.from({ length: PROMPTS }, () => SAMPLE),
      prompts: Array.from({ length: PROMPTS }, () => prompts[0] as PreparedPrompt),
      feeds: {
        ...promptFeeds(Array<PreparedPrompt>(PROMPTS).fill(prompts[0] as PreparedPrompt), shape, config, 0),
        features,
      },
    };
    const seconds: number[] = [];
    const numbers: (number | null)[] = [];
    let kl = initialKlState(recipe.klSchedule);
    for (let step = 1; step <= lengths.steps; step++) {
      const start = performance.now();
      const { metrics, klState } = await grpoStep(context, batch, step, kl);
      seconds.push((performance.now() - start) / 1000);
      numbers.push(...[metrics.loss, metrics.gradNorm, metrics.entropy, metrics.kl].map(finite));
      kl = klState;
    }
    return { seconds, numbers };
  } finally {
    program.dispose();
  }
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

const SAMPLE = { id: 'trial', imagePath: '', prompt: '', answer: '', task: 'counting' } as unknown as StepSample;
type StepSample = Parameters<typeof grpoStep>[1]['samples'][number];

function setupOf(
  config: ModelConfig,
  { promptTokens, completionTokens, steps: count }: Lengths,
  seed: number,
  lanes: number,
): TrainingSetup {
  const recipe = Recipe.parse({
    name: 'trial',
    modelId: 'trial',
    modelSha256: '0'.repeat(64),
    datasetId: 'trial',
    datasetSha256: '0'.repeat(64),
    method: 'grpo',
    promptTemplate: '{question}',
    adapter: { ...DEFAULT_ADAPTER, kind: 'lora', r: 8, loraAlpha: 16 },
    rewards: [{ name: 'accuracy', weight: 1 }],
    grpo: {
      ...DEFAULT_GRPO,
      promptsPerStep: PROMPTS,
      numGenerations: GROUP,
      maxCompletionLength: completionTokens,
    },
    klSchedule: { kind: 'constant', beta: 0.04 },
    optimiser: { ...DEFAULT_OPTIMISER, learningRate: 1e-2, warmupSteps: 0 },
    steps: count,
    seed,
    checkpointEvery: count,
    evalSamples: 0,
  });
  const shapes = Object.fromEntries(expectedTensors(config));
  const processor = {
    config,
    tokenizer: { idOf: () => undefined },
    eosIds: [],
    padId: 0,
  } as unknown as LoadedModel['processor'];
  const model: LoadedModel = { path: '', processor, shapes, storedAsBfloat16: true };
  const adapter = recipe.adapter.kind === 'lora' ? freshAdapter(recipe.adapter, model, seed) : null;
  const prompt: PreparedPrompt = {
    inputIds: Array.from({ length: promptTokens }, (_, at) => (at * 31 + seed) % config.vocabSize),
    positions: Int32Array.from({ length: 3 * promptTokens }, (_, at) => at % promptTokens),
    delta: 0,
    images: [],
  };
  return {
    attribution: null,
    evaluates: false,
    job: { recipe, modelPath: '', samples: [] },
    model,
    adapter,
    trainable: Object.keys(adapter?.shapes ?? {}),
    prompts: [prompt],
    targets: [],
    shape: { ...shapeFor([prompt], PROMPTS), groupSize: GROUP, completionLength: completionTokens },
    lanes,
  };
}

function isOfTower(name: string): boolean {
  return name.startsWith('visual.');
}

/** Without pictures, the tower is never called, and its weights are never set. */
function withoutTower({ variables, entries }: ProgramSpec): ProgramSpec {
  const { encode: _, ...others } = entries;
  return { variables, entries: others };
}

/** As long as no layer's width divides it, no two rows are alike. */
const PATTERN = 7919;

/** Norms are 1, and what is multiplied has such values that sums stay of their size. */
function madeUp({ variables }: ProgramSpec, name: string, which: number): FeedData | Uint8Array {
  const { shape = [], dtype = 'float32' } = variables[name] ?? {};
  const values = new Float32Array(sizeOf(shape));
  if (shape.length < 2) values.fill(name.endsWith('.bias') ? 0 : 1);
  else {
    const reach = Math.sqrt(3 / (shape.at(-1) ?? 1));
    const first = Math.min(values.length, PATTERN);
    for (let i = 0; i < first; i++) values[i] = reach * (((i * 613 + which * 257) % 1009) / 504 - 1);
    for (let filled = first; filled < values.length; filled *= 2) values.copyWithin(filled, 0, filled);
  }
  if (dtype !== 'bfloat16') return values;
  const halves = new Uint16Array(values.length);
  narrowToBfloat16(values, halves);
  return new Uint8Array(halves.buffer);
}
