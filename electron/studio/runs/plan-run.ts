/** @file Estimates the memory and time that a run needs before it starts. Nothing is stored. */
import type { EngineSample, PlanJob } from '../../contract/engine/engine.ts';
import type { MemoryPlan } from '../../contract/engine/memory.ts';
import { isRefused, memoryRefusal } from '../../method/memory-refusal.ts';
import type { StudioContext } from '../context.ts';
import type { Sample } from '../../contract/model/datasets.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import { ownWay } from '../../method/mixture.ts';
import { withImages } from '../datasets/engine-samples.ts';
import type { ParsedRunRequest } from '../recipes/resolve.ts';
import { memoryLimitOf } from '../system/preferences.ts';
import { completeRun } from './start.ts';

/**
 * @returns null if the engine compiles nothing and so cannot tell
 * @throws AtelierError if the recipe would be refused; a plan that does not fit is returned, with what would
 */
export async function planRun(
  studio: Pick<StudioContext, 'home' | 'store' | 'engine'>,
  request: ParsedRunRequest,
): Promise<MemoryPlan | null> {
  const { recipe, model, samples, initialAdapter } = await completeRun(studio, request);
  return await studio.engine.plan({
    recipe,
    modelPath: model.path,
    ...(initialAdapter === undefined ? {} : { initialAdapter }),
    samples: (await withImages(studio.store, samples)).map((sample, at) => ({
      ...sample,
      ...inMixture(recipe, samples[at]),
    })),
    ...(await memoryLimitOf(studio.home)),
  });
}

/**
 * Refuses a run that would not fit, before anything of it is done, with the figures of its plan.
 * @throws AtelierError BAD_INPUT
 */
export async function refuseTooLargeRun({ engine }: Pick<StudioContext, 'engine'>, job: PlanJob): Promise<void> {
  const plan = await engine.plan(job);
  if (plan !== null && isRefused(plan)) throw memoryRefusal(plan, 'run');
}

/** The part of the mixture that a sample belongs to, with its own way. */
function inMixture({ mixture = [] }: Recipe, sample: Sample | undefined): Partial<EngineSample> {
  const part = mixture.findIndex(({ datasetId }) => datasetId === sample?.datasetId);
  return part < 0 ? {} : { part, ...ownWay(mixture[part]) };
}
