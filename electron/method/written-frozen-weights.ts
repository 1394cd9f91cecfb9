/** @file The frozen weights of a stored recipe that begins with an adapter, in words that a new request reads the same way. */
import type { Recipe } from '../contract/model/recipe.ts';

/**
 * A stored recipe that says nothing took the frozen weights as they are published. A request that says nothing takes them as
 * its adapter was trained, so a recipe that is written out or used again says it.
 */
export function writtenFrozenWeights(
  recipe: Pick<Recipe, 'frozenWeights' | 'startFrom' | 'startAdapter'>,
): Pick<Recipe, 'frozenWeights'> {
  return followsItsAdapter(recipe) ? { frozenWeights: 'as-published' } : {};
}

/** Whether it begins with an adapter and leaves to that how the frozen weights are kept. */
export function followsItsAdapter({
  frozenWeights,
  startFrom,
  startAdapter,
}: {
  frozenWeights?: unknown;
  startFrom?: unknown;
  startAdapter?: unknown;
}): boolean {
  return frozenWeights === undefined && (startFrom !== undefined || startAdapter !== undefined);
}
