/**
 * @file Which KL weights are worth trying with a model and its samples, from what a few short runs measured. The weights
 * that matter depend on the model, the samples and the learning rate, and span decades, so everything here is on a
 * logarithmic axis.
 */
import type { KlRange } from '../contract/model/experiments.ts';

/** What runs with one constant KL weight measured at their end, means over runs. */
export interface KlPoint {
  /** The KL weight, above 0. */
  beta: number;
  /** The KL term's share of the gradient, 0…1. */
  share: number;
  /** Mean KL from the base model, per token. */
  kl: number;
}

/**
 * A sweep that finds the range: five decades, with so few steps that it takes minutes. Its accuracies say little; what
 * it measures is how hard each weight pulls once the policy has begun to move.
 */
export const PILOT = { values: [0.001, 0.01, 0.1, 1, 10], steps: 24, klShareEvery: 6, evalSamples: 50 } as const;

/** Below this share, a KL weight changes nothing that could be noticed. */
export const IDLE_SHARE = 0.01;
const GENTLE_SHARE = 0.05;
const STRONG_SHARE = 1 / 3;
/** The part of its free distance below which a policy hardly moves. */
const HELD = 0.1;
const SWEEP_POINTS = 5;
/** Fewer weights than this do not show where anything begins or ends. */
export const LEAST_POINTS = 3;

/**
 * A level that lies outside what was measured is put at the nearer end of the range.
 * @returns null with fewer than three usable points, or if even the largest share is idle and no policy was held.
 */
export function proposeKlRange(points: readonly KlPoint[]): KlRange | null {
  const usable = points
    // Where the rewards made no gradient, the KL term makes all of it whatever its weight.
    .filter(({ beta, share, kl }) => beta > 0 && share > 0 && share < 1 && kl > 0)
    .sort((a, b) => a.beta - b.beta);
  const [first, last] = [usable[0], usable.at(-1)];
  if (first === undefined || last === undefined || usable.length < LEAST_POINTS) return null;
  const low = crossing(usable, ({ share }) => share, IDLE_SHARE);
  const high = crossing(usable, ({ kl }) => kl, HELD * first.kl);
  const noEffect = low ?? first.beta;
  const hardlyMoves = high ?? last.beta;
  if (noEffect >= hardlyMoves) return null;
  const weightOf = (share: number): number => {
    const beyond = first.share > share ? noEffect : hardlyMoves;
    return rounded(Math.min(crossing(usable, (point) => point.share, share) ?? beyond, hardlyMoves));
  };
  const [betaMin, betaMax] = [weightOf(GENTLE_SHARE), weightOf(STRONG_SHARE)].sort((a, b) => a - b) as [number, number];
  const ratio = (hardlyMoves / noEffect) ** (1 / (SWEEP_POINTS - 1));
  const values = Array.from({ length: SWEEP_POINTS }, (_, index) => rounded(noEffect * ratio ** index));
  return {
    noEffect: rounded(noEffect),
    hardlyMoves: rounded(hardlyMoves),
    reached: { low: low !== null, high: high !== null },
    values: [...new Set([0, ...values])],
    betaMin,
    betaMax,
  };
}

/**
 * The weight at which a quantity passes a level for the first time, interpolated between two points on logarithmic axes.
 * Null if all points lie on one side.
 */
function crossing(points: readonly KlPoint[], quantity: (point: KlPoint) => number, level: number): number | null {
  for (const [index, point] of points.entries()) {
    const next = points[index + 1];
    if (next === undefined) break;
    const [from, to] = [Math.log(quantity(point)), Math.log(quantity(next))];
    const wanted = Math.log(level);
    if ((from - wanted) * (to - wanted) > 0 || from === to) continue;
    const share = (wanted - from) / (to - from);
    return Math.exp(Math.log(point.beta) + share * (Math.log(next.beta) - Math.log(point.beta)));
  }
  return null;
}

/** Two significant digits: nobody can tell weights apart that differ by less. */
function rounded(value: number): number {
  return Number(value.toPrecision(2));
}
