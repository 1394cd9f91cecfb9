/**
 * @file How the KL weight (beta) moves over a run: the one place that holds the formulas, so that the
 * curve a person sees before the start is the curve that the engine applies. Eq. 3 of OThink-MR1
 * (arXiv 2503.16081) and its controls; see `KlSchedule` for what each kind means.
 */
import type { KlSchedule } from './recipe.ts';

/**
 * The KL weight of one optimisation step.
 * `step` counts from 1 to `steps`, as the paper's s does: Eq. 3 leaves the middle value with its first step,
 * reaches `betaMin` at the last exploring step (`explorationSteps`) and `betaMax` exactly at the last step.
 * The monotone kinds hold their start value at step 1 and their end value at the last step.
 * @throws RangeError when `step` lies outside 1…steps.
 */
export function betaAt(schedule: KlSchedule, step: number, steps: number): number {
  if (!(Number.isInteger(step) && step >= 1 && step <= steps)) {
    throw new RangeError(`Step ${String(step)} lies outside 1…${String(steps)}.`);
  }
  switch (schedule.kind) {
    case 'constant':
      return schedule.beta;
    case 'paper-eq3':
      return eq3(schedule.betaMin, schedule.betaMax, explorationSteps(schedule.explorationRatio, steps), step, steps);
    case 'mean-matched':
      return meanOfEq3(schedule.betaMin, schedule.betaMax, explorationSteps(schedule.explorationRatio, steps), steps);
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

/**
 * The last exploring step w of Eq. 3: `round(ratio * steps)`, at least 1, and before the last step so that the run
 * always ends at `betaMax`. (0 for a run of one step, which has nothing but an end.)
 */
export function explorationSteps(explorationRatio: number, steps: number): number {
  return Math.min(Math.max(1, Math.round(explorationRatio * steps)), steps - 1);
}

/** Eq. 3: from the middle down to `betaMin` over `w` exploring steps, then up to `betaMax` at step `t`. */
function eq3(betaMin: number, betaMax: number, w: number, s: number, t: number): number {
  const betaMid = (betaMin + betaMax) / 2;
  return s <= w ? mix(betaMid, betaMin, s / w) : mix(betaMin, betaMax, (s - w) / (t - w));
}

/** The exact mean of Eq. 3 over steps 1…t: both legs are arithmetic series. */
function meanOfEq3(betaMin: number, betaMax: number, w: number, t: number): number {
  const betaMid = (betaMin + betaMax) / 2;
  const down = w * betaMid - ((betaMid - betaMin) * (w + 1)) / 2;
  const up = (t - w) * betaMin + ((betaMax - betaMin) * (t - w + 1)) / 2;
  return ((w === 0 ? 0 : down) + up) / t;
}

function monotoneProgress(step: number, steps: number): number {
  return steps === 1 ? 1 : (step - 1) / (steps - 1);
}

/** Exact at both ends, so that an applied beta meets the configured number without a rounding tail. */
function mix(from: number, to: number, share: number): number {
  if (share >= 1) return to;
  return from + (to - from) * share;
}
