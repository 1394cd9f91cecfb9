/** @file For tests only: runs with made-up numbers, healthy unless a test makes them go wrong. */
import {
  DEFAULT_ADAPTER,
  DEFAULT_GRPO,
  DEFAULT_GRPO_D_SCHEDULE,
  DEFAULT_OPTIMISER,
  DEFAULT_REWARDS,
  R1V_PROMPT_TEMPLATE,
} from '../../../../method/defaults.ts';
import { Recipe } from '../../../../contract/model/recipe.ts';
import type { StepMetrics } from '../../../../contract/model/runs.ts';

export const syntheticRecipe: Recipe = Recipe.parse({
  name: 'synthetic',
  modelId: 'm',
  modelSha256: 'a'.repeat(64),
  datasetId: 'd',
  datasetSha256: 'b'.repeat(64),
  method: 'grpo-d',
  promptTemplate: R1V_PROMPT_TEMPLATE,
  adapter: DEFAULT_ADAPTER,
  rewards: DEFAULT_REWARDS,
  grpo: DEFAULT_GRPO,
  klSchedule: DEFAULT_GRPO_D_SCHEDULE,
  optimiser: DEFAULT_OPTIMISER,
  steps: 100,
  seed: 7,
  checkpointEvery: 20,
  evalSamples: 0,
});

export type Symptoms = Partial<StepMetrics> & {
  accuracy?: number;
  format?: number;
  accuracyStd?: number;
  formatStd?: number;
};

/** A run that learns as it should: reward rises with some noise, KL grows slowly, lengths and thinking stay stable. */
export function syntheticRun(
  steps: number,
  symptom: (step: number, share: number) => Symptoms = () => ({}),
): StepMetrics[] {
  return Array.from({ length: steps }, (_, index) => {
    const step = index + 1;
    const share = index / Math.max(1, steps - 1);
    const wave = Math.sin(step * 1.7) * 0.03;
    const {
      accuracy = 0.35 + 0.4 * share + wave,
      format = 0.7 + 0.2 * share - wave / 2,
      accuracyStd = 0.4,
      formatStd = 0.25,
      ...rest
    } = symptom(step, share);
    return {
      step,
      reward: accuracy + format,
      rewardStd: 0.45,
      rewards: [
        { name: 'accuracy', weight: 1, mean: accuracy, std: accuracyStd },
        { name: 'format', weight: 1, mean: format, std: formatStd },
      ],
      fracRewardZeroStd: 0.2,
      beta: 0.05,
      kl: 0.002 + 0.1 * share,
      loss: 0.005,
      entropy: 0.4 - 0.2 * share,
      gradNorm: 0.8,
      learningRate: 1e-3,
      completionLengthMean: 30 + 4 * Math.sin(step),
      completionLengthMin: 18,
      completionLengthMax: 44,
      truncatedRatio: 0.05,
      clipRatioLow: 0,
      clipRatioHigh: 0,
      thinkRate: 0.95,
      secondsGenerate: 1,
      secondsScore: 0,
      secondsUpdate: 1,
      secondsTotal: 2,
      tokensGenerated: 3000,
      residentBytes: 1e9,
      ...rest,
    };
  });
}
