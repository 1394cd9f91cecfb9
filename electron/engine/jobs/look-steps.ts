/** @file After which steps of a job held-out samples are looked at. */
import type { TrainJob } from '../../contract/engine/engine.ts';

/** Whether a step is followed by a look; step 0 is the model as it comes. */
export function looksAfter(job: Pick<TrainJob, 'recipe' | 'heldOut'>, step: number): boolean {
  const every = job.recipe.evalEvery ?? 0;
  return every > 0 && (job.heldOut?.length ?? 0) > 0 && step % every === 0;
}
