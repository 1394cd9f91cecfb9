/** @file One supervised step: the reference answer in its tags, the prompt masked. There is no reasoning to imitate. */
import type { EngineSample } from '../../../contract/engine/engine.ts';
import type { StepMetrics } from '../../../contract/model/runs.ts';
import { descriptionText } from '../../../rewards/descriptions.ts';
import { completionFeeds } from '../batch.ts';
import { adamScalars, type StepBatch, type StepContext } from '../step-context.ts';
import { rowWeights } from '../update/loss.ts';
import { learningRateAt } from '../update/lr-schedule.ts';
import { runUpdate } from '../update/update-step.ts';

/** The text that supervised fine-tuning imitates, as in R1-V's supervised data. */
export function referenceText(sample: EngineSample): string {
  return `<answer> ${descriptionText(sample.answer)} </answer>`;
}

export async function sftStep(
  context: StepContext,
  batch: StepBatch,
  targets: readonly (readonly number[])[],
  step: number,
): Promise<StepMetrics> {
  const { recipe, shape } = context;
  const started = performance.now();
  const learningRate = learningRateAt(recipe.optimiser, step, recipe.steps);
  const feeds = completionFeeds(targets, batch.prompts, 1, shape.completionLength, context.config, context.padId);
  const rows = { ...feeds, rowWeights: rowWeights('sft', feeds.mask, shape.completionLength) };
  const { prompts } = batch;
  const all = prompts.map((_, index) => index);
  const rowsOfStep = { prompts, feeds: batch.feeds, rows };
  await context.watchUpdate?.before(rowsOfStep);
  const sums = await runUpdate(context, rowsOfStep, all, adamScalars(recipe, step, learningRate));
  await context.watchUpdate?.after(rowsOfStep, 0);
  const seconds = (performance.now() - started) / 1000;
  return {
    step,
    reward: null,
    rewardStd: null,
    rewards: [],
    fracRewardZeroStd: null,
    beta: null,
    kl: null,
    loss: sums.loss,
    entropy: null,
    gradNorm: sums.gradNorm,
    learningRate,
    completionLengthMean: targets.reduce((sum, ids) => sum + ids.length, 0) / targets.length,
    completionLengthMin: Math.min(...targets.map(({ length }) => length)),
    completionLengthMax: Math.max(...targets.map(({ length }) => length)),
    truncatedRatio: null,
    clipRatioLow: null,
    clipRatioHigh: null,
    thinkRate: null,
    secondsGenerate: 0,
    secondsScore: 0,
    secondsUpdate: seconds,
    secondsTotal: seconds,
    tokensGenerated: 0,
    residentBytes: context.residentBytes(),
  };
}
