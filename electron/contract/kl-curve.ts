/**
 * @file How the KL weight (beta) moves over a run: the one place that holds the formulas, so that the
 * curve a person sees before the start is the curve that the engine applies. Eq. 3 of OThink-MR1
 * (arXiv 2503.16081) and its controls; see `KlSchedule` for what each kind means.
 */
import type { KlSchedule } from './recipe.ts';

/**
 * The KL weight of one optimisation step.
 * `step` counts from 1 to `steps`, as the paper's s does: Eq. 3 leaves the middle value with its first step,
 * reaches `betaMin` at s = explorationRatio * steps and `betaMax` exactly at the last step.
 * The monotone kinds hold their start value at step 1 and their end value at the last step.
 * @throws RangeError when `step` lies outside 1…steps.
 */
export function betaAt(schedule: KlSchedule, step: number, steps: number): number {
  if (!(step >= 1 && step <= steps)) {
    throw new RangeError(`Step ${String(step)} lies outside 1…${String(steps)}.`);
  }
  switch (schedule.kind) {
    case 'constant':
      return schedule.beta;
    case 'paper-eq3':
      return eq3(schedule.betaMin, schedule.betaMax, schedule.explorationRatio * steps, step, steps);
    case 'mean-matched': {
      let sum = 0;
      for (let s = 1; s <= steps; s += 1) {
        sum += eq3(schedule.betaMin, schedule.betaMax, schedule.explorationRatio * steps, s, steps);
      }
      return sum / steps;
    }
    case 'paper-text':
      return mix(schedule.betaMin, schedule.betaMax, monotoneProgress(step, steps));
    case 'linear':
      return mix(schedule.betaStart, schedule.betaEnd, monotoneProgress(step, steps));
    case 'cosine':
      return mix(schedule.betaStart, schedule.betaEnd, (1 - Math.cos(Math.PI * monotoneProgress(step, steps))) / 2);
  }
}

/** The KL weight of steps 1…`steps`, in order. */
export function betaCurve(schedule: KlSchedule, steps: number): Float64Array {
  if (schedule.kind === 'mean-matched') return new Float64Array(steps).fill(betaAt(schedule, 1, steps));
  return Float64Array.from({ length: steps }, (_, index) => betaAt(schedule, index + 1, steps));
}

/**
 * Whether a run needs the reference model at all. Decided from the whole schedule, never from the
 * present value: Eq. 3 with betaMin = 0 passes through zero and must not lose its reference there.
 */
export function needsReference(schedule: KlSchedule): boolean {
  switch (schedule.kind) {
    case 'constant':
      return schedule.beta > 0;
    case 'linear':
    case 'cosine':
      return schedule.betaStart > 0 || schedule.betaEnd > 0;
    default:
      return schedule.betaMin > 0 || schedule.betaMax > 0;
  }
}

/** Eq. 3: from the middle down to `betaMin` over `w` exploring steps, then up to `betaMax` at step `t`. */
function eq3(betaMin: number, betaMax: number, w: number, s: number, t: number): number {
  const betaMid = (betaMin + betaMax) / 2;
  if (s <= w) return betaMid - (betaMid - betaMin) * (s / w);
  return betaMin + (betaMax - betaMin) * ((s - w) / (t - w));
}

function monotoneProgress(step: number, steps: number): number {
  return steps === 1 ? 1 : (step - 1) / (steps - 1);
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
