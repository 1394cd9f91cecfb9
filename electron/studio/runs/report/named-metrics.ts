/**
 * @file The measurements of a run under the names that TRL's `GRPOTrainer` logs, so that curves of both lie in the same
 * chart. What TRL does not measure has a name in the same style.
 */
import type { HeldOutPoint, StepMetrics } from '../../../contract/model/runs.ts';

type Measured = Exclude<keyof StepMetrics, 'step' | 'rewards'>;

const NAMES: Record<Measured, string> = {
  loss: 'loss',
  reward: 'reward',
  rewardStd: 'reward_std',
  fracRewardZeroStd: 'frac_reward_zero_std',
  accuracy: 'accuracy',
  beta: 'beta',
  kl: 'kl',
  klGradientShare: 'kl_gradient_share',
  entropy: 'entropy',
  gradNorm: 'grad_norm',
  learningRate: 'learning_rate',
  completionLengthMean: 'completions/mean_length',
  completionLengthMin: 'completions/min_length',
  completionLengthMax: 'completions/max_length',
  truncatedRatio: 'completions/clipped_ratio',
  thinkRate: 'completions/think_rate',
  tokensGenerated: 'completions/tokens',
  clipRatioLow: 'clip_ratio/low_mean',
  clipRatioHigh: 'clip_ratio/high_mean',
  groupsUpdated: 'groups_updated',
  secondsTotal: 'seconds/total',
  secondsGenerate: 'seconds/generate',
  secondsScore: 'seconds/score',
  secondsUpdate: 'seconds/update',
  residentBytes: 'resident_bytes',
};

/** What was measured at one step, by name. A quantity that the step does not have is absent. */
export interface NamedMetrics {
  step: number;
  train: Map<string, number>;
  /** On the held-out samples, where the run looked at them after this step. */
  heldOut: Map<string, number>;
  /** Seconds that the run had trained by the end of this step, without pauses and evaluations. */
  trainedSeconds: number;
}

/** What was measured at one step, under the names that trainers log: those of training, and those on held-out samples. */
export function valuesOf({ train, heldOut }: Pick<NamedMetrics, 'train' | 'heldOut'>): Map<string, number> {
  return new Map([
    ...[...train].map(([name, value]) => [`train/${name}`, value] as const),
    ...[...heldOut].map(([name, value]) => [`eval/${name}`, value] as const),
  ]);
}

/** All steps of a run in order. Step 0 is there if the held-out samples were looked at before training. */
export function namedMetrics(steps: readonly StepMetrics[], heldOut: readonly HeldOutPoint[]): NamedMetrics[] {
  const byStep = new Map(heldOut.map((point) => [point.step, point]));
  const numbers = new Set([...byStep.keys(), ...steps.map(({ step }) => step)]);
  const measured = new Map(steps.map((metrics) => [metrics.step, metrics]));
  let trainedSeconds = 0;
  return [...numbers]
    .sort((a, b) => a - b)
    .map((step) => {
      const metrics = measured.get(step);
      trainedSeconds += metrics?.secondsTotal ?? 0;
      return { step, train: trainValues(metrics), heldOut: heldOutValues(byStep.get(step)), trainedSeconds };
    });
}

function trainValues(metrics: StepMetrics | undefined): Map<string, number> {
  if (metrics === undefined) return new Map();
  const values: [string, number | null | undefined][] = (Object.keys(NAMES) as Measured[]).map((key) => [
    NAMES[key],
    metrics[key],
  ]);
  for (const { name, mean, std } of metrics.rewards) {
    values.push([`rewards/${name}/mean`, mean], [`rewards/${name}/std`, std]);
  }
  return present(values);
}

function heldOutValues(point: HeldOutPoint | undefined): Map<string, number> {
  if (point === undefined) return new Map();
  const { accuracy, format, unparsed, thinkRate, meanTokens } = point;
  return present([
    ['accuracy', accuracy.value],
    ['format', format.value],
    ['questions', accuracy.n],
    ['unparsed', unparsed],
    ['think_rate', thinkRate],
    ['mean_length', meanTokens],
  ]);
}

function present(values: readonly [string, number | null | undefined][]): Map<string, number> {
  return new Map(values.filter((entry): entry is [string, number] => entry[1] !== null && entry[1] !== undefined));
}
