/** @file The numbers of the starter models' pre-training, in one place; their cards quote them. */
import type { OptimiserConfig } from '../../../contract/model/recipe.ts';
import { learningRateAt } from '../../../engine/training/update/lr-schedule.ts';
import type { Stage } from '../../../starter/pretrain-stream.ts';

export interface PretrainPlan {
  seed: number;
  batch: number;
  /** Steps of perception (dense supervision and careful answers), then of habits. */
  perceiveSteps: number;
  habitSteps: number;
  /** Steps over which scenes grow from easy to full. */
  rampSteps: number;
  checkpointEvery: number;
  optimiser: OptimiserConfig;
  /** Habits get their own second, lower cosine so that perception is not forgotten. */
  habitLearningRate: number;
}

export const NANO_PLAN: PretrainPlan = {
  seed: 20261123,
  batch: 64,
  perceiveSteps: 3100,
  habitSteps: 600,
  rampSteps: 1300,
  checkpointEvery: 100,
  optimiser: {
    learningRate: 1e-3,
    lrScheduler: 'cosine',
    warmupSteps: 60,
    weightDecay: 0.01,
    adamBeta1: 0.9,
    adamBeta2: 0.98,
    adamEpsilon: 1e-8,
    maxGradNorm: 1,
  },
  habitLearningRate: 5e-4,
};

/**
 * Continues from nano's weights, which know cells, kinds and lengths, so it is short; and it ends early on purpose, while
 * much is left to learn. With 800 and 200 steps and a lower learning rate only 17% (counting) and 28% (geometry) were right.
 */
export const APPRENTICE_PLAN: PretrainPlan = {
  ...NANO_PLAN,
  seed: 20261130,
  batch: 32,
  perceiveSteps: 2000,
  habitSteps: 400,
  rampSteps: 800,
  checkpointEvery: 100,
  optimiser: { ...NANO_PLAN.optimiser, learningRate: 6e-4, warmupSteps: 30 },
  habitLearningRate: 1e-4,
};

/** What the stream produces at a 1-based step. */
export function stageAt(plan: PretrainPlan, step: number): { stage: Stage; difficulty: number } {
  return {
    stage: step <= plan.perceiveSteps ? 'perceive' : 'habits',
    difficulty: Math.min(1, step / plan.rampSteps),
  };
}

/** The learning rate of a 1-based step. */
export function pretrainLearningRate(plan: PretrainPlan, step: number): number {
  if (step <= plan.perceiveSteps) return learningRateAt(plan.optimiser, step, plan.perceiveSteps);
  const habits = { ...plan.optimiser, learningRate: plan.habitLearningRate };
  return learningRateAt(habits, step - plan.perceiveSteps, plan.habitSteps);
}
