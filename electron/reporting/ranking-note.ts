/** @file Why an experiment ranks nothing yet, said once for all its comparisons. */
import type { ArmComparison } from '../contract/model/experiments.ts';
import { SEEDS_TO_DECIDE } from '../method/seeds-to-decide.ts';

/** Null if every comparison has enough seeds. */
export function rankingNote(comparisons: readonly Pick<ArmComparison, 'perSeed'>[]): string | null {
  const few = comparisons.filter(({ perSeed }) => perSeed.length < SEEDS_TO_DECIDE).length;
  if (few === 0) return null;
  const which = few === comparisons.length ? '' : ` ${few} of these ${comparisons.length} comparisons have fewer.`;
  return `A ranking needs at least ${SEEDS_TO_DECIDE} seeds.${which}`;
}
