/** @file Which comparisons of an experiment to show: one that belongs to several of its parts is shown once. */
import type { ArmComparison } from '../contract/model/experiments.ts';

/**
 * The same two arms on the same questions, in a contest and in an exam, are one finding. The contest's stays: what a study
 * claims rests on it, so its correction for the number of comparisons is the planned one.
 */
export function comparisonsOnce<T extends Pick<ArmComparison, 'part' | 'first' | 'second' | 'trainedOn' | 'testedOn'>>(
  comparisons: readonly T[],
): T[] {
  const byPair = new Map<string, T>();
  for (const one of comparisons) {
    const key = JSON.stringify([one.first, one.second, one.trainedOn, one.testedOn]);
    if (!byPair.has(key) || one.part === 'contest') byPair.set(key, one);
  }
  return comparisons.filter((one) => [...byPair.values()].includes(one));
}
