/**
 * @file One GRPO step: roll a group out for each prompt, reward, compare inside the group, update.
 * The same step serves GRPO and GRPO-D; they differ only in the KL schedule.
 */
import { betaAt, needsReference } from '../../contract/kl-curve.ts';
import type { EngineSample } from '../../contract/engine.ts';
import type { Recipe } from '../../contract/recipe.ts';
import { accuracyParamsOf, rewardKey, type JudgeItem } from '../../contract/rewards.ts';
import type { Completion, StepMetrics } from '../../contract/runs.ts';
import type { Qwen2VLConfig } from '../../formats/qwen2-vl-config.ts';
import { gradeAnswer } from '../../rewards/accuracy.ts';
import { hasThought } from '../../rewards/thinking.ts';
import type { FeedData, Program } from '../runtime/program.ts';
import { computeAdvantages, type AdvantageResult } from './advantages.ts';
import { completionFeeds, padRows, type Feeds, type PreparedPrompt } from './batch.ts';
import { learningRateAt } from './lr-schedule.ts';
import type { PolicyShape } from './policy-program.ts';
import { STREAM, uniform } from './random.ts';
import { rollOut, type Rollout } from './rollout.ts';

export interface StepContext {
  recipe: Recipe;
  program: Program;
  shape: PolicyShape;
  config: Qwen2VLConfig;
  eosIds: readonly number[];
  padId: number;
  decode: (ids: readonly number[]) => string;
  /** The recipe's rewards for completions, `[completions][rewards]`; null = no opinion. */
  judge: (items: readonly JudgeItem[]) => (number | null)[][];
  residentBytes: () => number;
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
}

/** Tokens of one row are numbered within this, so rows never share a random number. */
const POSITIONS_PER_ROW = 8192;

export function grpoStep(context: StepContext, batch: StepBatch, step: number): StepResult {
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
      uniform: (row, position) => uniform(recipe.seed, STREAM.sampling, step, row * POSITIONS_PER_ROW + position),
      maxNewTokens: recipe.grpo.maxCompletionLength,
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
  if (recipe.grpo.maskTruncatedCompletions)
    clearTruncated(feeds['mask'] as Float32Array, rollout, shape.completionLength);
  const inputs: Feeds = {
    ...batch.feeds,
    completionIds: feed(feeds, 'completionIds'),
    completionCos: feed(feeds, 'completionCos'),
    completionSin: feed(feeds, 'completionSin'),
  };
  const oldLogprobs = padRows(rollout.logprobs, shape.completionLength);
  const refLogprobs = needsReference(recipe.klSchedule)
    ? (context.program.call('reference', inputs)['logprobs'] as Float32Array)
    : oldLogprobs;
  const judged = performance.now();
  const beta = betaAt(recipe.klSchedule, step, recipe.steps);
  const learningRate = learningRateAt(recipe.optimiser, step, recipe.steps);
  let result: Record<string, FeedData> = {};
  for (let iteration = 0; iteration < recipe.grpo.numIterations; iteration++) {
    const t = (step - 1) * recipe.grpo.numIterations + iteration + 1;
    result = context.program.call('update', {
      ...inputs,
      mask: feed(feeds, 'mask'),
      oldLogprobs,
      refLogprobs,
      advantages: Float32Array.from(scored.advantages.advantages),
      beta: Float32Array.of(beta),
      batchTokens: Float32Array.of((feeds['mask'] as Float32Array).reduce((sum, value) => sum + value, 0)),
      ...adamScalars(recipe, t, learningRate),
    });
  }
  const ended = performance.now();
  const lengths = rollout.tokens.map(({ length }) => length);
  const scalar = (name: string): number => result[name]?.[0] ?? NaN;
  return {
    completions: scored.completions.map((completion) => ({ ...completion, step })),
    metrics: {
      step,
      reward: scored.advantages.reward,
      rewardStd: scored.advantages.rewardStd,
      rewards: recipe.rewards.map((spec, index) => ({
        name: rewardKey(spec),
        weight: spec.weight,
        mean: scored.advantages.perFunction[index]?.mean ?? 0,
        std: scored.advantages.perFunction[index]?.std ?? 0,
      })),
      fracRewardZeroStd: scored.advantages.fracRewardZeroStd,
      beta,
      kl: needsReference(recipe.klSchedule) ? scalar('kl') : null,
      loss: scalar('loss'),
      entropy: scalar('entropy'),
      gradNorm: scalar('gradNorm'),
      learningRate,
      completionLengthMean: lengths.reduce((sum, length) => sum + length, 0) / lengths.length,
      completionLengthMin: Math.min(...lengths),
      completionLengthMax: Math.max(...lengths),
      truncatedRatio: rollout.truncated.filter(Boolean).length / lengths.length,
      clipRatioLow: scalar('clipLow'),
      clipRatioHigh: scalar('clipHigh'),
      thinkRate: scored.completions.filter(({ text }) => hasThought(text)).length / lengths.length,
      secondsGenerate: (generated - started) / 1000,
      secondsScore: (judged - generated) / 1000,
      secondsUpdate: (ended - judged) / 1000,
      secondsTotal: (ended - started) / 1000,
      tokensGenerated: lengths.reduce((sum, length) => sum + length, 0),
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
    rewards: recipe.rewards.map((spec, index) => ({ name: rewardKey(spec), value: scores[index] ?? 0 })),
    reward: advantages.totals[row] ?? 0,
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

function feed(feeds: Feeds, name: string): FeedData {
  const data = feeds[name];
  if (data === undefined) throw new Error(`The feed ${name} is missing.`);
  return data;
}
