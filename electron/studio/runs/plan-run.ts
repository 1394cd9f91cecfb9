/** @file Estimates the memory that a run would need before it starts. Nothing is stored. */
import type { MemoryPlan } from '../../contract/engine/memory.ts';
import type { StudioContext } from '../context.ts';
import { spreadOver, withImages } from '../datasets/engine-samples.ts';
import type { ParsedRunRequest } from '../recipes/resolve.ts';
import { readPreferences } from '../system/preferences.ts';
import { completeRun } from './start.ts';

/** How many samples to check: the longest prompt and the largest picture decide, and this many suffice to find them. */
const LOOKED_AT = 256;

/**
 * @returns null if the engine compiles nothing and so cannot tell
 * @throws AtelierError if the run would be refused
 */
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
