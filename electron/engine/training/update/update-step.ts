/**
 * @file How the update of one step is divided: at once, in micro-batches that fit the memory, or with only the groups that
 * have an advantage. All ways give the same optimiser step, up to rounding: the weight of each token is computed
 * beforehand from the whole batch, gradients are sums, and skipped groups have a gradient of exactly zero.
 */
import { canBeZero } from '../../../method/kl-curve.ts';
import type { Recipe } from '../../../contract/model/recipe.ts';
import type { ModelConfig } from '../../../formats/model-config.ts';
import { unalignedFloats } from '../../../formats/unaligned.ts';
import {
  featureRows,
  featureWidth,
  type FeatureSpecs,
  type PromptSpecs,
  type VisionSpecs,
} from '../../model/program-inputs.ts';
import {
  floats,
  type Entry,
  type EntryTable,
  type FeedData,
  type FeedsOf,
  type Program,
  type VariableSpec,
} from '../../runtime/program.ts';
import { promptFeeds, visionFeeds, type BatchFeeds, type CompletionSpecs, type PreparedPrompt } from '../batch.ts';
import { scoreEntry, type PolicyShape, type PolicyState, type ScoreSpecs } from '../policy-program.ts';
import { accumulateByBlocks, blockEntries, blockVariables, listOfBlocks, referenceByBlocks } from './block-program.ts';
import { callOf, type Call } from './calls.ts';
import {
  accumulateEntry,
  accumulatorVariables,
  applyEntry,
  updateEntry,
  type AccumulateEntry,
  type ApplyEntry,
  type OptimiserSpecs,
  type RowSpecs,
  type UpdateConfig,
  type UpdateEntry,
} from './update-program.ts';

export interface UpdateLayout {
  /** True: micro-batches of `sizes[0]` prompts are accumulated, then applied. False: one call with the smallest size that fits. */
  split: boolean;
  /** Prompts per call, ascending. */
  sizes: readonly number[];
  /** Micro-batches are computed block by block (block-program.ts): slower, with the activations of one block in memory. */
  byLayer: boolean;
}

/** Advantages below this are the rounding of zero. */
const NO_ADVANTAGE = 1e-8;

/**
 * How a recipe's updates are divided. Micro-batches are those of the recipe, or smaller if the machine's memory requires
 * it. If the KL weight can be 0, smaller batches are prepared for steps that skip groups.
 */
export function updateLayout(recipe: Recipe, microBatchPrompts = Infinity, byLayer = false): UpdateLayout {
  const { promptsPerStep, gradientAccumulationSteps = 1 } = recipe.grpo;
  const size = Math.max(1, Math.min(Math.ceil(promptsPerStep / gradientAccumulationSteps), microBatchPrompts));
  if (size < promptsPerStep || byLayer) return { split: true, sizes: [size], byLayer };
  const skips = recipe.method !== 'sft' && canBeZero(recipe.klSchedule, recipe.steps);
  const sizes = skips ? [Math.ceil(size / 4), Math.ceil(size / 2), size] : [size];
  return { split: false, sizes: [...new Set(sizes)], byLayer: false };
}

/** The shape of some prompts of the batch. */
export function microBatchShape(shape: PolicyShape, prompts: number): PolicyShape {
  return { ...shape, batch: prompts, images: (shape.images / shape.batch) * prompts };
}

/** What a plan runs, and the entry points that its program needs for it. */
export interface UpdateCalls {
  entries: EntryTable;
  /** The whole update by number of prompts, ascending; empty if the plan splits. */
  whole: readonly { size: number; entry: UpdateEntry }[];
  /** One micro-batch, and the step after the last one; null unless the plan splits. */
  split: { size: number; accumulate: Call<AccumulateEntry>; apply: ApplyEntry } | null;
  /** Log-probs under the reference model; null if the loss has none. */
  reference: Scoring | null;
}

/** Log-probs of the completions of `size` prompts. */
export interface Scoring {
  size: number;
  logprobs: Call<Entry<ScoreSpecs, 'logprobs'>>;
}

/** @param reference scores completions under the reference model at this temperature */
export function updateCalls(
  plan: UpdateLayout,
  state: PolicyState,
  shape: PolicyShape,
  config: UpdateConfig,
  reference: { temperature: number } | null,
): UpdateCalls {
  const scored = scoredAtOnce(plan, shape);
  if (plan.byLayer) {
    const blocks = blockEntries(state, microBatchShape(shape, scored), { ...config, reference: reference !== null });
    const apply = applyEntry(config);
    const logprobs = referenceByBlocks(blocks);
    return {
      entries: { block: listOfBlocks(blocks), apply: apply },
      whole: [],
      split: { size: scored, accumulate: accumulateByBlocks(blocks), apply },
      reference: logprobs === null ? null : { size: scored, logprobs },
    };
  }
  const score =
    reference === null
      ? null
      : scoreEntry(state, microBatchShape(shape, scored), reference.temperature, 'reference', {
          promptLogits: false,
          pixels: config.trainVision,
        });
  const scoring = score === null ? null : { size: scored, logprobs: callOf(score) };
  const scoreTable: EntryTable = score === null ? {} : { reference: score };
  if (plan.split) {
    const accumulate = accumulateEntry(state, microBatchShape(shape, scored), config);
    const apply = applyEntry(config);
    return {
      entries: { ...scoreTable, accumulate: accumulate, apply: apply },
      whole: [],
      split: { size: scored, accumulate: callOf(accumulate), apply },
      reference: scoring,
    };
  }
  const whole = plan.sizes.map((size) => ({ size, entry: updateEntry(state, microBatchShape(shape, size), config) }));
  const entries = { ...scoreTable, update: whole.map(({ entry }) => entry) };
  return { entries, whole, split: null, reference: scoring };
}

/** Prompts whose completions are scored in one call. */
export function scoredAtOnce(plan: UpdateLayout, shape: PolicyShape): number {
  return plan.split ? (plan.sizes[0] ?? shape.batch) : shape.batch;
}

/** Variables that a plan needs, zeros in a new program: sums of gradients, and what passes from block to block. */
export function updateVariables(
  plan: UpdateLayout,
  config: ModelConfig,
  shape: PolicyShape,
  trained: Record<string, readonly number[]>,
): Record<string, VariableSpec> {
  return {
    ...(plan.split ? accumulatorVariables(trained, Object.keys(trained)) : {}),
    ...(plan.byLayer ? blockVariables(config, microBatchShape(shape, scoredAtOnce(plan, shape))) : {}),
  };
}

/** What the loss needs of each completion and each of its tokens. */
export type RowFeeds = FeedsOf<RowSpecs>;

/** A step's prompts and completions. */
export interface StepRows<R = RowFeeds> {
  prompts: readonly PreparedPrompt[];
  /** Prompts and image features of the whole batch. */
  feeds: BatchFeeds;
  rows: R;
}

export interface UpdateTools {
  program: Program;
  calls: Pick<UpdateCalls, 'whole' | 'split'>;
  shape: PolicyShape;
  config: ModelConfig;
  padId: number;
  /** True if the calls encode the pictures themselves, whose pixels the prompts then hold; absent = they get features. */
  pixels?: boolean;
}

/** Sums over the counted tokens of what took part, and the norm of the whole gradient. */
export type UpdateSums = Record<'loss' | 'gradNorm' | 'kl' | 'clipLow' | 'clipHigh' | 'entropy', number>;

/** What changes from step to step; supervised steps have no KL weight. */
export type StepScalars = FeedsOf<OptimiserSpecs> & { beta?: Float32Array };

/** @throws Error if an update was computed with another KL weight than the one that is logged */
function checkBeta(applied: number | undefined, wanted: FeedData | undefined): void {
  if (applied === wanted?.[0]) return;
  throw new Error(
    `The update applied the KL weight ${String(applied)}, but the schedule gives ${String(wanted?.[0])}.`,
  );
}

/** Prompts whose group has an advantage that is not zero. With a KL weight of 0, only they have a gradient. */
export function groupsWithAdvantage(advantages: Float32Array, groupSize: number): number[] {
  const groups = Array.from({ length: advantages.length / groupSize }, (_, group) => group);
  return groups.filter((group) =>
    advantages.subarray(group * groupSize, (group + 1) * groupSize).some((value) => Math.abs(value) > NO_ADVANTAGE),
  );
}

/** One optimiser step with the groups of `chosen` prompts. */
export async function runUpdate(
  tools: UpdateTools,
  step: StepRows,
  chosen: readonly number[],
  scalars: StepScalars,
): Promise<UpdateSums> {
  const { program, calls, shape } = tools;
  const sums: UpdateSums = { loss: 0, gradNorm: 0, kl: 0, clipLow: 0, clipHigh: 0, entropy: 0 };
  const add = (result: Partial<Record<keyof UpdateSums | 'appliedBeta', FeedData>>): void => {
    const { appliedBeta, ...own } = result;
    if ('loss' in own) checkBeta(appliedBeta?.[0], scalars.beta);
    for (const [name, value] of Object.entries(own)) sums[name as keyof UpdateSums] += value[0] ?? NaN;
  };
  const { beta, ...optimiser } = scalars;
  const perLoss = beta === undefined ? {} : { beta };
  if (calls.split !== null) {
    const { size, accumulate, apply } = calls.split;
    for (let start = 0; start < chosen.length; start += size) {
      const part = microBatchFeeds(tools, step, chosen.slice(start, start + size), size);
      add(await accumulate(program, { ...part, ...perLoss }));
    }
    add(await program.call(apply, optimiser));
    return sums;
  }
  const fitting = calls.whole.find(({ size }) => size >= chosen.length);
  if (fitting === undefined)
    throw new Error(`No update is prepared for ${String(chosen.length)} of ${String(shape.batch)} prompts.`);
  const feeds = microBatchFeeds(tools, step, chosen, fitting.size);
  add(await program.call(fitting.entry, { ...feeds, ...perLoss, ...optimiser }));
  return sums;
}

/** Log-probs of all completions of a step [R·C]. */
export async function completionLogprobs(
  tools: Omit<UpdateTools, 'calls'>,
  { size, logprobs }: Scoring,
  step: StepRows<FeedsOf<CompletionSpecs>>,
): Promise<Float32Array> {
  const { shape, program } = tools;
  const perPrompt = shape.groupSize * shape.completionLength;
  const all = new Float32Array(shape.batch * perPrompt);
  const every = Array.from({ length: shape.batch }, (_, index) => index);
  const { completionIds, completionCos, completionSin } = step.rows;
  const scored = { ...step, rows: { completionIds, completionCos, completionSin } };
  for (let start = 0; start < shape.batch; start += size) {
    const chosen = every.slice(start, start + size);
    const result = await logprobs(program, microBatchFeeds(tools, scored, chosen, size));
    all.set(floats(result, 'logprobs').subarray(0, chosen.length * perPrompt), start * perPrompt);
  }
  return all;
}

/** Rows of these inputs count in the loss, so they are zero for prompts that only fill up a micro-batch. */
const COUNTED = new Set(['mask', 'rowWeights']);

/**
 * Feeds of some prompts of the batch with their groups. Fewer than `size` are filled up with copies of the first prompt of
 * the batch, which do not count.
 */
export function microBatchFeeds<R extends FeedsOf<CompletionSpecs>>(
  tools: Omit<UpdateTools, 'calls' | 'program'>,
  step: StepRows<R>,
  chosen: readonly number[],
  size: number,
): FeedsOf<PromptSpecs & Partial<FeatureSpecs & VisionSpecs>> & R {
  const { shape, config, padId, pixels = false } = tools;
  if (!pixels && size === shape.batch && chosen.length === size) return { ...step.feeds, ...step.rows };
  const part = microBatchShape(shape, size);
  const filled = [...chosen, ...Array.from({ length: size - chosen.length }, () => 0)];
  const prompts = filled.map((index) => step.prompts[index] as PreparedPrompt);
  const rows: Record<string, FeedData> = {};
  for (const [name, data] of Object.entries<FeedData>(step.rows)) {
    const perPrompt = data.length / shape.batch;
    rows[name] = takeBlocks(data, filled, perPrompt);
    if (COUNTED.has(name)) rows[name].fill(0, perPrompt * chosen.length);
  }
  const images = prompts.flatMap((prompt) => prompt.images);
  const seen = pixels ? visionFeeds(images, part, config) : { features: takeFeatures(tools, step, filled, part) };
  return { ...promptFeeds(prompts, part, config, padId), ...seen, ...(rows as R) };
}

function takeBlocks(data: FeedData, chosen: readonly number[], size: number): FeedData {
  const taken =
    data instanceof Int32Array ? new Int32Array(chosen.length * size) : unalignedFloats(chosen.length * size);
  chosen.forEach((index, place) => taken.set(data.subarray(index * size, (index + 1) * size), place * size));
  return taken;
}

/** Image features lie prompt after prompt, as many images as each has. */
function takeFeatures(
  { shape, config }: Pick<UpdateTools, 'shape' | 'config'>,
  { prompts, feeds }: Pick<StepRows, 'prompts' | 'feeds'>,
  chosen: readonly number[],
  part: PolicyShape,
): Float32Array {
  const { features } = feeds;
  const perImage = (featureRows(shape, config) / shape.images) * featureWidth(config);
  const starts: number[] = [];
  prompts.reduce((images, prompt, index) => {
    starts[index] = images;
    return images + prompt.images.length;
  }, 0);
  const taken = unalignedFloats(part.images * perImage);
  let at = 0;
  for (const index of chosen) {
    const from = (starts[index] ?? 0) * perImage;
    const length = (prompts[index]?.images.length ?? 0) * perImage;
    taken.set(features.subarray(from, from + length), at);
    at += length;
  }
  return taken;
}
