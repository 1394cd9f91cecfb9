/** @file What a comparison shows at the looks that were planned. Seeds beyond the last look taken do not count yet. */
import type { ArmComparison, PlannedLooks } from '../../contract/model/experiments.ts';
import { crossedMean, equivalenceP, type CrossedMean } from '../../method/decide.ts';
import { SEEDS_TO_DECIDE } from '../../method/seeds-to-decide.ts';
import { levelsOfLooks, looksTaken, sequentialP } from '../../method/sequential.ts';

/** Two p values of a comparison: that the difference is chance, and that it is as large as one that matters. */
export interface Ps {
  difference: number;
  equivalence: number;
}

export interface Seen {
  /** At the last look that was taken, with an interval that holds for all looks together. */
  crossed: CrossedMean | null;
  /** For all looks so far; null where nothing may be decided yet. */
  rawPs: Ps | null;
  /** Null if no looks were planned. */
  taken: NonNullable<ArmComparison['looks']> | null;
}

/** 5%, on each side of 0. */
const SIDE = 0.025;

/**
 * The pairs of seeds that count: in the order of the plan, up to the last look that both arms have reached. Before the
 * first look, all of them, of which nothing is concluded.
 */
export function seedsOfLook<P extends { seed: number }>(
  looks: PlannedLooks,
  planned: readonly number[],
  done: readonly P[],
): { pairs: P[]; taken: number } {
  const inOrder = planned.map((seed) => done.find((pair) => pair.seed === seed));
  const firstMissing = inOrder.indexOf(undefined);
  const whole = inOrder.slice(0, firstMissing === -1 ? undefined : firstMissing).flatMap((pair) => pair ?? []);
  const taken = looksTaken(looks, whole.length);
  const pairs = taken === 0 ? inOrder.flatMap((pair) => pair ?? []) : whole.slice(0, looks.seeds[taken - 1]);
  return { pairs, taken };
}

/**
 * @param table differences by seed (in the order of the plan) and question
 * @param looks those that were planned, and how many are taken; null if none were planned: then all seeds count
 */
export function seenAtLooks(
  table: readonly (readonly number[])[],
  looks: (PlannedLooks & { taken: number }) | null,
  margin: number,
): Seen {
  if (looks === null) {
    const crossed = crossedMean(table);
    const decidable = crossed !== null && table.length >= SEEDS_TO_DECIDE;
    const rawPs = decidable ? { difference: crossed.p, equivalence: equivalenceP(crossed, margin) } : null;
    return { crossed, rawPs, taken: null };
  }
  const { taken: count } = looks;
  const next = looks.seeds[count] ?? null;
  if (count === 0) return { crossed: crossedMean(table), rawPs: null, taken: { taken: [], next } };
  const levels = levelsOfLooks(looks, SIDE).map((level) => 2 * level);
  const each = looks.seeds.slice(0, count).map((seeds, at) => crossedMean(table.slice(0, seeds), levels[at]));
  const ps = each.map((crossed) => crossed?.p ?? 1);
  const equivalence = each.map((crossed) => (crossed === null ? 1 : equivalenceP(crossed, margin)));
  return {
    crossed: each.at(-1) ?? null,
    rawPs: {
      difference: Math.min(
        1,
        2 *
          sequentialP(
            looks,
            ps.map((p) => p / 2),
          ),
      ),
      equivalence: sequentialP(looks, equivalence),
    },
    taken: { taken: ps.map((p, at) => ({ seeds: looks.seeds[at] ?? 0, p, level: levels[at] ?? 0 })), next },
  };
}
