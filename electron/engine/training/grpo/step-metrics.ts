/** @file What is logged of a GRPO step. */
import { rewardKey } from '../../../contract/model/rewards.ts';
import type { Completion, StepMetrics } from '../../../contract/model/runs.ts';
import { needsReference } from '../../../method/kl-curve.ts';
import { recordedRewards } from '../../../method/mixture.ts';
import { hasThought } from '../../../rewards/thinking.ts';
import type { PolicyShape } from '../policy-program.ts';
import type { Rollout } from '../rollout/rollout.ts';
import type { StepContext } from '../step-context.ts';
import type { RowFeeds, UpdateSums } from '../update/update-step.ts';
import type { AdvantageResult } from './advantages.ts';

export interface MeasuredStep {
  step: number;
  beta: number;
  kl: number | null;
  accuracy: number | null;
  learningRate: number;
  /** Prompts whose groups took part in the update. */
  groups: readonly number[];
  /** What the loss was given. */
  rows: RowFeeds;
  sums: UpdateSums;
  rollout: Rollout;
  advantages: AdvantageResult;
  completions: readonly Pick<Completion, 'text'>[];
}

/** @param times in ms: the start, and the end of sampling, scoring and updating */
export function stepMetrics(
  { recipe, shape, residentBytes }: StepContext,
  measured: MeasuredStep,
  times: readonly number[],
): StepMetrics {
  const { rollout, advantages, groups, sums, completions } = measured;
  const { mask } = measured.rows;
  const lengths = rollout.tokens.map(({ length }) => length);
  const counted = countedTokens(mask, shape, groups);
  const all = Math.max(1, countedTokens(mask, shape, null));
  const tokensGenerated = lengths.reduce((sum, length) => sum + length, 0);
  const [started = NaN, sampled = NaN, scored = NaN, updated = NaN] = times;
  return {
    step: measured.step,
    reward: advantages.reward,
    rewardStd: advantages.rewardStd,
    rewards: recordedRewards(recipe).map((spec, index) => ({
      name: rewardKey(spec),
      weight: spec.weight,
      mean: advantages.perFunction[index]?.mean ?? null,
      std: advantages.perFunction[index]?.std ?? null,
    })),
    fracRewardZeroStd: advantages.fracRewardZeroStd,
    beta: measured.beta,
    kl: measured.kl,
    loss: sums.loss,
    entropy: counted === 0 ? null : sums.entropy / counted,
    gradNorm: sums.gradNorm,
    learningRate: measured.learningRate,
    completionLengthMean: tokensGenerated / lengths.length,
    completionLengthMin: Math.min(...lengths),
    completionLengthMax: Math.max(...lengths),
    truncatedRatio: rollout.truncated.filter(Boolean).length / lengths.length,
    clipRatioLow: sums.clipLow / all,
    clipRatioHigh: sums.clipHigh / all,
    thinkRate: completions.filter(({ text }) => hasThought(text)).length / lengths.length,
    secondsGenerate: (sampled - started) / 1000,
    secondsScore: (scored - sampled) / 1000,
    secondsUpdate: (updated - scored) / 1000,
    secondsTotal: (updated - started) / 1000,
    tokensGenerated,
    accuracy: measured.accuracy,
    groupsUpdated: groups.length,
    residentBytes: residentBytes(),
  };
}

/** Mean k3 per counted token over all answers, skipped groups included; null without a reference model. */
export function klOf(
  { recipe, shape }: StepContext,
  rows: RowFeeds,
  groups: readonly number[],
  sums: UpdateSums,
): number | null {
  if (!needsReference(recipe.klSchedule)) return null;
  const skipped = groups.length < shape.batch ? k3OfSkipped(rows, shape, groups) : 0;
  return (sums.kl + skipped) / Math.max(1, countedTokens(rows.mask, shape, null));
}

/** Share of answers graded as correct; null if there are none. */
export function shareCorrect(completions: readonly Pick<Completion, 'verdict'>[]): number | null {
  if (completions.length === 0) return null;
  return completions.filter(({ verdict }) => verdict === 'correct').length / completions.length;
}

/** Counted tokens of these prompts' completions; null = of all. */
function countedTokens(mask: Float32Array, shape: PolicyShape, groups: readonly number[] | null): number {
  if (groups === null) return mask.reduce((sum, value) => sum + value, 0);
  const size = shape.groupSize * shape.completionLength;
  return groups.reduce(
    (sum, group) => sum + countedTokens(mask.subarray(group * size, (group + 1) * size), shape, null),
    0,
  );
}

/** Σ k3 over the tokens of skipped prompts, from the log-probs with which they were sampled. */
function k3OfSkipped(rows: RowFeeds, shape: PolicyShape, groups: readonly number[]): number {
  const size = shape.groupSize * shape.completionLength;
  const { oldLogprobs: old, refLogprobs: reference, mask } = rows;
  let sum = 0;
  mask.forEach((counts, index) => {
    if (counts === 0 || groups.includes(Math.floor(index / size))) return;
    const d = (reference?.[index] ?? 0) - (old?.[index] ?? 0);
    sum += Math.exp(d) - d - 1;
  });
  return sum;
}
