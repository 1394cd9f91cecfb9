/**
 * @file How the update of one step is worked off: at once, in parts that fit the memory, or with only the groups that
 * carry a signal. All ways give the same optimiser step (to rounding): what a token counts is settled beforehand from the
 * whole batch, gradients are sums, and what is left out has a gradient of exactly zero.
 */
import { canBeZero } from '../../../method/kl-curve.ts';
import type { Recipe } from '../../../contract/model/recipe.ts';
import type { Qwen2VLConfig } from '../../../formats/qwen2-vl-config.ts';
import { unalignedFloats } from '../../../formats/unaligned.ts';
import { featureRows } from '../../model/program-inputs.ts';
import type { Entry, FeedData, Program, TensorSpec } from '../../runtime/program.ts';
import { blockEntries, blockVariables } from './block-program.ts';
import { promptFeeds, type Feeds, type PreparedPrompt } from '../batch.ts';
import { scoreEntry, type PolicyShape, type PolicyState } from '../policy-program.ts';
import { accumulateEntry, accumulatorVariables, applyEntry, updateEntry, type UpdateConfig } from './update-program.ts';

export interface UpdatePlan {
  /** True: parts of `sizes[0]` prompts are accumulated, then applied. False: one call with the smallest size that fits. */
  split: boolean;
  /** Prompts per call, ascending. */
  sizes: readonly number[];
  /** Parts are worked off layer by layer (block-program.ts): slower, with the memory of one layer's insides. */
  byLayer: boolean;
}

/** Advantages below this are the rounding of zero. */
const NO_ADVANTAGE = 1e-8;

/**
 * How a recipe's updates are worked off. The parts are those of the recipe, or smaller where the machine's memory asks
 * for it. Where the KL weight can be 0, smaller batches are made ready for steps in which groups are left out.
 */
export function planUpdate(recipe: Recipe, microBatchPrompts = Infinity, byLayer = false): UpdatePlan {
  const { promptsPerStep, gradientAccumulationSteps = 1 } = recipe.grpo;
  const size = Math.max(1, Math.min(Math.ceil(promptsPerStep / gradientAccumulationSteps), microBatchPrompts));
  if (size < promptsPerStep || byLayer) return { split: true, sizes: [size], byLayer };
  const skips = recipe.method !== 'sft' && canBeZero(recipe.klSchedule, recipe.steps);
  const sizes = skips ? [Math.ceil(size / 4), Math.ceil(size / 2), size] : [size];
  return { split: false, sizes: [...new Set(sizes)], byLayer: false };
}

/** The shape of a part: the whole one's with fewer prompts. */
export function partShape(shape: PolicyShape, prompts: number): PolicyShape {
  return { ...shape, batch: prompts, images: (shape.images / shape.batch) * prompts };
}

/** The entry points that a plan needs; `reference` scores completions under the reference model. */
export function updateEntries(
  plan: UpdatePlan,
  state: PolicyState,
  shape: PolicyShape,
  config: UpdateConfig,
  reference: { temperature: number } | null,
): Record<string, Entry> {
  const entries: Record<string, Entry> = {};
  if (plan.byLayer) {
    const part = partShape(shape, plan.sizes[0] ?? shape.batch);
    return { ...blockEntries(state, part, { ...config, reference: reference !== null }), apply: applyEntry(config) };
  }
  for (const size of plan.sizes) {
    const make = plan.split ? accumulateEntry : updateEntry;
    entries[entryName(plan, size)] = make(state, partShape(shape, size), config);
  }
  if (plan.split) entries['apply'] = applyEntry(config);
  if (reference !== null) {
    const size = plan.split ? (plan.sizes[0] ?? shape.batch) : shape.batch;
    entries['reference'] = scoreEntry(state, partShape(shape, size), reference.temperature, 'reference');
  }
  return entries;
}

/** Variables that a plan needs, zeros at first: sums of gradients, and what passes from layer to layer. */
export function updateVariables(
  plan: UpdatePlan,
  config: Qwen2VLConfig,
  shape: PolicyShape,
  trained: Record<string, readonly number[]>,
): Record<string, TensorSpec> {
  return {
    ...(plan.split ? accumulatorVariables(trained, Object.keys(trained)) : {}),
    ...(plan.byLayer ? blockVariables(config, partShape(shape, plan.sizes[0] ?? shape.batch)) : {}),
  };
}

function entryName(plan: UpdatePlan, size: number): string {
  return plan.split ? 'accumulate' : `update/${String(size)}`;
}

/** A step's prompts and completions, row by row: everything that the loss needs of them. */
export interface StepRows {
  prompts: readonly PreparedPrompt[];
  /** Prompt feeds and image features of the whole batch. */
  feeds: Feeds;
  /** completionIds, completionCos, completionSin, mask, rowWeights; for policies also old and reference log-probs and advantages. */
  rows: Feeds;
}

export interface UpdateTools {
  program: Program;
  plan: UpdatePlan;
  shape: PolicyShape;
  config: Qwen2VLConfig;
  padId: number;
}

/** Sums over the counted tokens of what took part, and the norm of the whole gradient. */
export type UpdateSums = Record<'loss' | 'gradNorm' | 'kl' | 'clipLow' | 'clipHigh' | 'entropy', number>;

/** @throws Error where a part of an update was worked off with another KL weight than the one that is logged */
function checkBeta(applied: number | undefined, wanted: FeedData | undefined): void {
  if (applied === wanted?.[0]) return;
  throw new Error(
    `The update applied the KL weight ${String(applied)}, but the schedule gives ${String(wanted?.[0])}.`,
  );
}

/** Prompts whose group has an advantage that is not zero; with a KL weight of 0 only they have a gradient. */
export function groupsWithAdvantage(advantages: Float32Array, groupSize: number): number[] {
  const groups = Array.from({ length: advantages.length / groupSize }, (_, group) => group);
  return groups.filter((group) =>
    advantages.subarray(group * groupSize, (group + 1) * groupSize).some((value) => Math.abs(value) > NO_ADVANTAGE),
  );
}

/**
 * One optimiser step with the groups of `chosen` prompts.
 * @param scalars beta (policies only), learningRate, correction1 and correction2
 */
export async function runUpdate(
  tools: UpdateTools,
  step: StepRows,
  chosen: readonly number[],
  scalars: Feeds,
): Promise<UpdateSums> {
  const { program, plan, shape } = tools;
  const sums: UpdateSums = { loss: 0, gradNorm: 0, kl: 0, clipLow: 0, clipHigh: 0, entropy: 0 };
  const add = ({ appliedBeta, ...result }: Record<string, FeedData>): void => {
    if ('loss' in result) checkBeta(appliedBeta?.[0], scalars['beta']);
    for (const [name, value] of Object.entries(result)) sums[name as keyof UpdateSums] += value[0] ?? NaN;
  };
  const { beta, ...optimiser } = scalars;
  const perLoss: Feeds = beta === undefined ? {} : { beta };
  if (plan.split) {
    const size = plan.sizes[0] ?? shape.batch;
    for (let start = 0; start < chosen.length; start += size) {
      const part = partFeeds(tools, step, chosen.slice(start, start + size), size);
      add(await program.call('accumulate', { ...part, ...perLoss }));
    }
    add(await program.call('apply', optimiser));
    return sums;
  }
  const size = plan.sizes.find((each) => each >= chosen.length) ?? shape.batch;
  add(await program.call(entryName(plan, size), { ...partFeeds(tools, step, chosen, size), ...perLoss, ...optimiser }));
  return sums;
}

/** Log-probs of all completions [R·C], by the scoring entry point of that name (the reference model's, if none is given). */
export async function completionLogprobs(
  tools: UpdateTools,
  step: StepRows,
  entry = 'reference',
): Promise<Float32Array> {
  const { program, plan, shape } = tools;
  const size = plan.split ? (plan.sizes[0] ?? shape.batch) : shape.batch;
  const perPrompt = shape.groupSize * shape.completionLength;
  const all = new Float32Array(shape.batch * perPrompt);
  const every = Array.from({ length: shape.batch }, (_, index) => index);
  for (let start = 0; start < shape.batch; start += size) {
    const chosen = every.slice(start, start + size);
    const { prompts, feeds } = step;
    const { completionIds, completionCos, completionSin } = step.rows as Record<string, FeedData>;
    const rows = { completionIds, completionCos, completionSin } as Feeds;
    const result = await program.call(entry, partFeeds(tools, { prompts, feeds, rows }, chosen, size));
    all.set((result['logprobs'] as Float32Array).subarray(0, chosen.length * perPrompt), start * perPrompt);
  }
  return all;
}

/**
 * Feeds of some prompts of the batch with their groups. What is missing to `size` is filled with the first prompt of
 * the batch and counts nothing.
 */
export function partFeeds(tools: UpdateTools, step: StepRows, chosen: readonly number[], size: number): Feeds {
  const { shape, config, padId } = tools;
  if (size === shape.batch && chosen.length === size) return { ...step.feeds, ...step.rows };
  const part = partShape(shape, size);
  const filled = [...chosen, ...Array.from({ length: size - chosen.length }, () => 0)];
  const prompts = filled.map((index) => step.prompts[index] as PreparedPrompt);
  const rows: Feeds = {};
  for (const [name, data] of Object.entries(step.rows)) {
    rows[name] = takeBlocks(data, filled, data.length / shape.batch);
    const counts = name === 'mask' || name === 'rowWeights';
    if (counts) rows[name].fill(0, (data.length / shape.batch) * chosen.length);
  }
  return { ...promptFeeds(prompts, part, config, padId), features: takeFeatures(tools, step, filled, part), ...rows };
}

function takeBlocks(data: FeedData, chosen: readonly number[], size: number): FeedData {
  const taken =
    data instanceof Int32Array ? new Int32Array(chosen.length * size) : unalignedFloats(chosen.length * size);
  chosen.forEach((index, place) => taken.set(data.subarray(index * size, (index + 1) * size), place * size));
  return taken;
}

/** Image features lie prompt after prompt, as many images as each has. */
function takeFeatures(
  { shape, config }: UpdateTools,
  { prompts, feeds }: StepRows,
  chosen: readonly number[],
  part: PolicyShape,
): Float32Array {
  const features = feeds['features'] as Float32Array;
  const perImage = (featureRows(shape, config) / shape.images) * config.hiddenSize;
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
