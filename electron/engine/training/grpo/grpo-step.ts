/**
 * @file One GRPO step: roll a group out for each prompt, reward, compare inside the group, update.
 * The same step serves GRPO and GRPO-D; they differ only in the KL schedule.
 */
import { klAfterUpdate, klBeforeUpdate, needsReference, type KlState } from '../../../method/kl-curve.ts';
import type { EngineSample } from '../../../contract/engine/engine.ts';
import type { Recipe } from '../../../contract/model/recipe.ts';
import { accuracyParamsOf, rewardKey, type JudgeItem } from '../../../contract/model/rewards.ts';
import type { Completion, StepMetrics } from '../../../contract/model/runs.ts';
import type { Qwen2VLConfig } from '../../../formats/qwen2-vl-config.ts';
import { gradeAnswer } from '../../../rewards/accuracy.ts';
import { hasThought } from '../../../rewards/thinking.ts';
import type { Program } from '../../runtime/program.ts';
import { computeAdvantages, type AdvantageResult } from './advantages.ts';
import { completionFeeds, padRows, type Feeds, type PreparedPrompt } from '../batch.ts';
import { rowWeights } from '../update/loss.ts';
import { learningRateAt } from '../update/lr-schedule.ts';
import type { PolicyShape } from '../policy-program.ts';
import { samplingUniform } from '../random.ts';
import { rollOut, type Rollout } from '../rollout/rollout.ts';
import {
  completionLogprobs,
  groupsWithSignal,
  runUpdate,
  type StepRows,
  type UpdatePlan,
  type UpdateSums,
} from '../update/update-step.ts';

export interface StepContext {
  recipe: Recipe;
  program: Program;
  shape: PolicyShape;
  /** Into how many lanes rollouts are divided. */
  lanes: number;
  /** How updates are worked off. */
  plan: UpdatePlan;
  config: Qwen2VLConfig;
  eosIds: readonly number[];
  padId: number;
  decode: (ids: readonly number[]) => string;
  /** The recipe's rewards for completions, `[completions][rewards]`; null = no opinion. */
  judge: (items: readonly JudgeItem[]) => (number | null)[][];
  residentBytes: () => number;
  /** Told around every step's update, where somebody wants to know which group it served (attribution.ts). */
  watchUpdate?: { before(): void; after(step: StepRows, beta: number): void };
}

export interface StepBatch {
  samples: readonly EngineSample[];
  prompts: readonly PreparedPrompt[];
  /** promptFeeds and image features. */
  feeds: Feeds;
}

export interface StepResult {
  metrics: StepMetrics;
  completions: Completion[];
  /** What the KL schedule remembers for the next step. */
  klState: KlState;
}

export function grpoStep(context: StepContext, batch: StepBatch, step: number, before: KlState): StepResult {
  const { recipe, shape } = context;
  const started = performance.now();
  const rollout = rollOut(
    context.program,
    {
      prompts: batch.prompts,
      feeds: batch.feeds,
      shape,
      greedy: false,
      eosIds: context.eosIds,
      padId: context.padId,
      uniform: (row, position) => samplingUniform(recipe.seed, step, row, position),
      maxNewTokens: recipe.grpo.maxCompletionLength,
      lanes: context.lanes,
    },
    context.config,
  );
  const generated = performance.now();
  const scored = score(context, batch, rollout);
  const feeds = completionFeeds(
    rollout.tokens,
    batch.prompts,
    shape.groupSize,
    shape.completionLength,
    context.config,
    context.padId,
  );
  const mask = feeds['mask'] as Float32Array;
  if (recipe.grpo.maskTruncatedCompletions) clearTruncated(mask, rollout, shape.completionLength);
  const oldLogprobs = padRows(rollout.logprobs, shape.completionLength);
  const { prompts } = batch;
  // Decided from the whole schedule: one that only passes through 0 keeps its reference.
  const hasReference = needsReference(recipe.klSchedule);
  const refLogprobs = hasReference
    ? completionLogprobs(context, { prompts, feeds: batch.feeds, rows: feeds })
    : oldLogprobs;
  const judged = performance.now();
  const accuracy = rightShare(scored.completions);
  const progress = { step, steps: recipe.steps };
  const { beta, state } = klBeforeUpdate(recipe.klSchedule, progress, before, { accuracy });
  const learningRate = learningRateAt(recipe.optimiser, step, recipe.steps);
  const advantages = Float32Array.from(scored.advantages.advantages);
  const rows: Feeds = {
    ...feeds,
    rowWeights: rowWeights(recipe.grpo, mask, shape.completionLength),
    oldLogprobs,
    refLogprobs,
    advantages,
  };
  // Without a KL weight a group whose answers all earned the same has a gradient of exactly zero.
  const groups = beta === 0 ? groupsWithSignal(advantages, shape.groupSize) : prompts.map((_, index) => index);
  context.watchUpdate?.before();
  let sums: UpdateSums | null = null;
  for (let iteration = 0; iteration < recipe.grpo.numIterations; iteration++) {
    const t = (step - 1) * recipe.grpo.numIterations + iteration + 1;
    const scalars = { beta: Float32Array.of(beta), ...adamScalars(recipe, t, learningRate) };
    sums = runUpdate(context, { prompts, feeds: batch.feeds, rows }, groups, scalars);
  }
  context.watchUpdate?.after({ prompts, feeds: batch.feeds, rows }, beta);
  const ended = performance.now();
  const lengths = rollout.tokens.map(({ length }) => length);
  const counted = tokensOfGroups(mask, shape, groups);
  const all = Math.max(1, tokensOfGroups(mask, shape, null));
  const left = groups.length < prompts.length;
  const klLeftOut = left && hasReference ? k3OfOthers(rows, shape, groups) : 0;
  const kl = hasReference ? ((sums?.kl ?? NaN) + klLeftOut) / all : null;
  return {
    klState: klAfterUpdate(recipe.klSchedule, state, kl),
    completions: scored.completions.map((completion) => ({ ...completion, step })),
    metrics: {
      step,
      reward: scored.advantages.reward,
      rewardStd: scored.advantages.rewardStd,
      rewards: recipe.rewards.map((spec, index) => ({
        name: rewardKey(spec),
        weight: spec.weight,
        mean: scored.advantages.perFunction[index]?.mean ?? null,
        std: scored.advantages.perFunction[index]?.std ?? null,
      })),
      fracRewardZeroStd: scored.advantages.fracRewardZeroStd,
      beta,
      kl,
      loss: sums?.loss ?? NaN,
      entropy: counted === 0 ? null : (sums?.entropy ?? NaN) / counted,
      gradNorm: sums?.gradNorm ?? NaN,
      learningRate,
      completionLengthMean: lengths.reduce((sum, length) => sum + length, 0) / lengths.length,
      completionLengthMin: Math.min(...lengths),
      completionLengthMax: Math.max(...lengths),
      truncatedRatio: rollout.truncated.filter(Boolean).length / lengths.length,
      clipRatioLow: (sums?.clipLow ?? NaN) / all,
      clipRatioHigh: (sums?.clipHigh ?? NaN) / all,
      thinkRate: scored.completions.filter(({ text }) => hasThought(text)).length / lengths.length,
      secondsGenerate: (generated - started) / 1000,
      secondsScore: (judged - generated) / 1000,
      secondsUpdate: (ended - judged) / 1000,
      secondsTotal: (ended - started) / 1000,
      tokensGenerated: lengths.reduce((sum, length) => sum + length, 0),
      accuracy,
      groupsUpdated: groups.length,
      residentBytes: context.residentBytes(),
    },
  };
}

/** Learning rate and Adam's bias corrections for the t-th update (1-based). */
export function adamScalars(recipe: Recipe, t: number, learningRate: number): Feeds {
  return {
    learningRate: Float32Array.of(learningRate),
    correction1: Float32Array.of(1 - recipe.optimiser.adamBeta1 ** t),
    correction2: Float32Array.of(Math.sqrt(1 - recipe.optimiser.adamBeta2 ** t)),
  };
}

function score(
  context: StepContext,
  batch: StepBatch,
  rollout: Rollout,
): { advantages: AdvantageResult; completions: Omit<Completion, 'step'>[] } {
  const { recipe, shape } = context;
  const answers = rollout.tokens.map((tokens, row) => {
    const sample = batch.samples[Math.floor(row / shape.groupSize)];
    if (sample === undefined) throw new Error(`Row ${String(row)} has no sample.`);
    return { sample, text: context.decode(tokens), tokens };
  });
  const judged = context.judge(
    answers.map(({ text, sample: { answer, task } }) => ({ completion: text, answer, task })),
  );
  const rows = answers.map((answer, row) => ({ ...answer, scores: judged[row] ?? [] }));
  const reading = accuracyParamsOf(recipe.rewards);
  const advantages = computeAdvantages(
    rows.map(({ scores }) => scores),
    recipe.rewards.map(({ weight }) => weight),
    shape.groupSize,
    recipe.grpo.scaleRewards,
  );
  const completions = rows.map(({ sample, text, tokens, scores }, row) => ({
    sampleId: sample.id,
    index: row % shape.groupSize,
    text,
    tokens: tokens.length,
    truncated: rollout.truncated[row] ?? false,
    rewards: recipe.rewards.map((spec, index) => ({ name: rewardKey(spec), value: scores[index] ?? null })),
    reward: advantages.totals[row] ?? null,
    advantage: advantages.advantages[row] ?? 0,
    verdict: gradeAnswer({ ...reading, completion: text, answer: sample.answer, task: sample.task }).verdict,
  }));
  return { advantages, completions };
}

function clearTruncated(mask: Float32Array, rollout: Rollout, length: number): void {
  rollout.truncated.forEach((truncated, row) => {
    if (truncated) mask.fill(0, row * length, (row + 1) * length);
  });
}

/** Share of answers that were judged right; null where there is none. */
function rightShare(completions: readonly { verdict: Completion['verdict'] }[]): number | null {
  if (completions.length === 0) return null;
  return completions.filter(({ verdict }) => verdict === 'correct').length / completions.length;
}

/** Counted tokens of these prompts' completions; null = of all. */
function tokensOfGroups(mask: Float32Array, shape: PolicyShape, groups: readonly number[] | null): number {
  if (groups === null) return mask.reduce((sum, value) => sum + value, 0);
  const size = shape.groupSize * shape.completionLength;
  return groups.reduce(
    (sum, group) => sum + tokensOfGroups(mask.subarray(group * size, (group + 1) * size), shape, null),
    0,
  );
}

/** Σ k3 over the tokens of prompts that were left out of the update, from the log-probs that were drawn with. */
function k3OfOthers(rows: Feeds, shape: PolicyShape, groups: readonly number[]): number {
  const size = shape.groupSize * shape.completionLength;
  const [old, reference, mask] = [rows['oldLogprobs'], rows['refLogprobs'], rows['mask']] as Float32Array[];
  let sum = 0;
  mask?.forEach((counts, index) => {
    if (counts === 0 || groups.includes(Math.floor(index / size))) return;
    const d = (reference?.[index] ?? 0) - (old?.[index] ?? 0);
    sum += Math.exp(d) - d - 1;
  });
  return sum;
}
