/** @file The memory that a run would need, told before it is started. Nothing is stored. */
import type { MemoryPlan } from '../../contract/engine/memory.ts';
import type { StudioContext } from '../context.ts';
import { spreadOver, withImages } from '../datasets/engine-samples.ts';
import type { ParsedRunRequest } from '../recipes/resolve.ts';
import { readPreferences } from '../system/preferences.ts';
import { completeRun } from './start.ts';

/** Samples that are looked at: the longest prompt and the largest picture decide, and these are found among so many. */
const LOOKED_AT = 256;

/** @returns null where the engine compiles nothing, so that it cannot be told @throws AtelierError where the run would be refused */
export async function planRun(
  studio: Pick<StudioContext, 'home' | 'store' | 'engine'>,
  request: ParsedRunRequest,
): Promise<MemoryPlan | null> {
  const { recipe, model, samples } = await completeRun(studio, request);
  const { memoryLimitBytes } = await readPreferences(studio.home);
  return await studio.engine.plan({
    recipe,
    modelPath: model.path,
    samples: await withImages(studio.store, spreadOver(samples, LOOKED_AT)),
    ...(memoryLimitBytes === null ? {} : { memoryLimitBytes }),
  });
}
