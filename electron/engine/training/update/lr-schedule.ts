/** @file Learning-rate schedules with the factors of Hugging Face transformers' `get_scheduler`. */
import type { OptimiserConfig } from '../../../contract/model/recipe.ts';

type ScheduleConfig = Pick<OptimiserConfig, 'learningRate' | 'lrScheduler' | 'warmupSteps'>;

/**
 * The learning rate of one optimiser step. `step` is 1-based; transformers counts from 0, so the first of
 * `warmupSteps` warm-up steps has the rate 0, and the decay has not quite reached 0 at the last step.
 */
export function learningRateAt(config: ScheduleConfig, step: number, totalSteps: number): number {
  if (!Number.isInteger(step) || step < 1) throw new RangeError(`step must be a whole number from 1 on, not ${step}.`);
  return config.learningRate * scheduleFactor(config, step - 1, totalSteps);
}

/** Factor after `done` finished optimiser steps (0-based), as `LambdaLR` computes it. */
function scheduleFactor({ lrScheduler, warmupSteps }: ScheduleConfig, done: number, totalSteps: number): number {
  if (done < warmupSteps) return done / Math.max(1, warmupSteps);
  const decaySteps = Math.max(1, totalSteps - warmupSteps);
  switch (lrScheduler) {
    case 'constant':
      return 1;
    case 'linear':
      return Math.max(0, (totalSteps - done) / decaySteps);
    case 'cosine':
      return Math.max(0, 0.5 * (1 + Math.cos((Math.PI * (done - warmupSteps)) / decaySteps)));
  }
}
