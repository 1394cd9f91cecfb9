/**
 * @file One GRPO step, in the words of docs/method.md: sample answers, score them, turn scores into advantages, update the
 * policy, record what happened. The step serves GRPO and GRPO-D alike; they differ only in the KL schedule.
 */
import type { Completion, StepMetrics } from '../../../contract/model/runs.ts';
import { klAfterUpdate, klBeforeUpdate, type KlState } from '../../../method/kl-curve.ts';
import { completionFeeds, padRows } from '../batch.ts';
import { samplingUniform } from '../random.ts';
import { rollOut, type Rollout } from '../rollout/rollout.ts';
import { adamScalars, type StepBatch, type StepContext } from '../step-context.ts';
import { rowWeights } from '../update/loss.ts';
import { learningRateAt } from '../update/lr-schedule.ts';
import {
  completionLogprobs,
  groupsWithAdvantage,
  runUpdate,
  type RowFeeds,
  type StepRows,
  type UpdateSums,
} from '../update/update-step.ts';
import { scoreAnswers } from './score-answers.ts';
import { klOf, shareCorrect, stepMetrics } from './step-metrics.ts';

export interface StepResult {
  metrics: StepMetrics;
  completions: Completion[];
  /** What the KL schedule remembers for the next step. */
  klState: KlState;
}

/** @param step 1-based @param before what the KL schedule remembers of the previous steps */
export async function grpoStep(
  context: StepContext,
  batch: StepBatch,
  step: number,
  before: KlState,
): Promise<StepResult> {
  const { recipe } = context;
  const times = [performance.now()];
  const lap = (): void => void times.push(performance.now());

  // Sample: a group of answers to each prompt, drawn from the policy.
  const rollout = await sampleAnswers(context, batch, step);
  lap();

  // Score: every answer by every reward, and every token by the reference model.
  const { completions, advantages } = scoreAnswers(context, batch.samples, rollout);
  const given = Float32Array.from(advantages.advantages);
  const own = forAnswers(context, rollout);
  const rows = answerRows(own, batch, rollout, given);
  const { reference } = own.calls;
  if (reference !== null) rows.refLogprobs = await completionLogprobs(own, reference, { ...batch, rows });
  lap();

  // Update: the KL weight of this step, then one or more optimiser steps on the same answers.
  const accuracy = shareCorrect(completions);
  const progress = { step, steps: recipe.steps };
  const { beta, state } = klBeforeUpdate(recipe.klSchedule, progress, before, { accuracy });
  const learningRate = learningRateAt(recipe.optimiser, step, recipe.steps);
  const groups = groupsToUpdate(context, rows.advantages, beta);
  const whole = (): StepRows => ({ ...batch, rows: wholeRows(context, own, batch, rollout, rows) });
  const klGradientShare = await measureKlShare(context, whole, step, beta);
  const watched = { update: { ...batch, rows }, whole };
  const sums = await updatePolicy(own, watched, { step, beta, learningRate, groups });
  lap();

  // Record.
  const kl = klOf(own, rows, groups, sums);
  const measured = { step, beta, kl, accuracy, learningRate, groups, rows, sums, rollout, advantages, completions };
  return {
    metrics: { ...stepMetrics(own, measured, times), klGradientShare },
    completions: completions.map((completion) => ({ ...completion, step })),
    klState: klAfterUpdate(recipe.klSchedule, state, kl),
  };
}

async function sampleAnswers(context: StepContext, batch: StepBatch, step: number): Promise<Rollout> {
  const { recipe, program, rollout, shape, eosIds, padId, lanes, config } = context;
  if (rollout === null) throw new Error('The policy was built without sampling, so it cannot answer.');
  const { prompts, feeds } = batch;
  const uniform = (row: number, position: number): number => samplingUniform(recipe.seed, step, row, position);
  const maxNewTokens = recipe.grpo.maxCompletionLength;
  return await rollOut(
    program,
    rollout,
    { prompts, feeds, shape, greedy: false, eosIds, padId, uniform, maxNewTokens, lanes },
    config,
  );
}

/** The context with a length that holds the step's answers, and what computes with it. */
function forAnswers(context: StepContext, { tokens }: Rollout): StepContext {
  const { upTo } = context;
  if (upTo === undefined) return context;
  return { ...context, ...upTo(tokens.reduce((most, { length }) => Math.max(most, length), 0)) };
}

/** A step's rows in the length of the whole shape, for whatever computes with no other. */
function wholeRows(
  context: StepContext,
  own: StepContext,
  batch: StepBatch,
  rollout: Rollout,
  rows: ReturnType<typeof answerRows>,
): RowFeeds {
  const [from, to] = [own.shape.completionLength, context.shape.completionLength];
  if (from === to) return rows;
  const { refLogprobs, advantages } = rows;
  const each = rollout.tokens.map((_, row) => refLogprobs.subarray(row * from, (row + 1) * from));
  return { ...answerRows(context, batch, rollout, advantages), refLogprobs: padRows(each, to) };
}

/** Everything the loss needs of each answer. The reference log-probs are those of the policy until they are replaced. */
function answerRows(
  { recipe, shape, config, padId }: StepContext,
  { prompts }: StepBatch,
  rollout: Rollout,
  advantages: Float32Array,
): RowFeeds & { refLogprobs: Float32Array; advantages: Float32Array } {
  const length = shape.completionLength;
  const feeds = completionFeeds(rollout.tokens, prompts, shape.groupSize, length, config, padId);
  const { mask } = feeds;
  if (recipe.grpo.maskTruncatedCompletions) {
    rollout.truncated.forEach((truncated, row) => {
      if (truncated) mask.fill(0, row * length, (row + 1) * length);
    });
  }
  const oldLogprobs = padRows(rollout.logprobs, length);
  const weights = rowWeights(recipe.grpo, mask, length);
  return { ...feeds, rowWeights: weights, oldLogprobs, refLogprobs: oldLogprobs, advantages };
}

/** All groups, unless the KL weight is 0: then a group whose answers all earned the same has a gradient of exactly zero. */
function groupsToUpdate({ shape }: StepContext, advantages: Float32Array, beta: number): number[] {
  if (beta === 0) return groupsWithAdvantage(advantages, shape.groupSize);
  return Array.from({ length: shape.batch }, (_, group) => group);
}

/** The KL term's share of the gradient, in every `klShareEvery`-th step; null in the others. */
async function measureKlShare(
  { recipe, klShare }: StepContext,
  step: () => StepRows,
  number: number,
  beta: number,
): Promise<number | null> {
  const { klShareEvery = 0 } = recipe;
  if (klShare === undefined || klShareEvery === 0 || number % klShareEvery !== 0) return null;
  return await klShare(step(), beta);
}

async function updatePolicy(
  context: StepContext,
  { update, whole }: { update: StepRows; whole: () => StepRows },
  options: { step: number; beta: number; learningRate: number; groups: readonly number[] },
): Promise<UpdateSums> {
  const { recipe, watchUpdate } = context;
  const { numIterations } = recipe.grpo;
  const beta = Float32Array.of(options.beta);
  await watchUpdate?.before(whole());
  let sums: UpdateSums | null = null;
  for (let iteration = 0; iteration < numIterations; iteration++) {
    const t = (options.step - 1) * numIterations + iteration + 1;
    const scalars = { beta, ...adamScalars(recipe, t, options.learningRate) };
    sums = await runUpdate(context, update, options.groups, scalars);
  }
  await watchUpdate?.after(whole(), options.beta);
  if (sums === null) throw new Error('The recipe asks for no update.');
  return sums;
}
