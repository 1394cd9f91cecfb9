/** @file After which steps of a job there is an interim evaluation. Apart from interim-evaluation.ts, so that it loads no TensorFlow. */
import type { TrainJob } from '../../contract/engine/engine.ts';

/** Whether an interim evaluation follows a step; step 0 stands for the model before training. */
export function evaluatesAfter(job: Pick<TrainJob, 'recipe' | 'heldOut'>, step: number): boolean {
  const every = job.recipe.evalEvery ?? 0;
  return every > 0 && (job.heldOut?.length ?? 0) > 0 && step % every === 0;
}
