/**
 * @file How the KL weight (beta) moves over a run. All formulas are here, so that the curve you see before the start is
 * the one the engine applies. Eq. 3 of OThink-MR1 (arXiv 2503.16081) and its controls; see `KlSchedule` for what each
 * kind means.
 */
import type { KlSchedule } from '../contract/model/recipe.ts';

/**
 * The KL weight of one optimisation step. `step` counts from 1 to `steps`, as the paper's s does: Eq. 3 leaves the
 * middle value with its first step, reaches `betaMin` at the last exploring step (`explorationSteps`) and `betaMax`
 * exactly at the last step. The monotone kinds hold their start value at step 1 and their end value at the last step.
 * For kinds that respond to measurements, this is the weight while the KL is on target, or half of the answers are
 * right; `klBeforeUpdate` gives what a run actually applies.
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
    case 'eq3-reversed':
      return betaAt({ ...schedule, kind: 'paper-eq3' }, steps + 1 - step, steps);
    case 'mean-matched':
      return meanOfEq3(schedule.betaMin, schedule.betaMax, explorationSteps(schedule.explorationRatio, steps), steps);
    case 'paper-text':
      return mix(schedule.betaMin, schedule.betaMax, monotoneProgress(step, steps));
    case 'linear':
      return mix(schedule.betaStart, schedule.betaEnd, monotoneProgress(step, steps));
    case 'cosine':
      return mix(schedule.betaStart, schedule.betaEnd, (1 - Math.cos(Math.PI * monotoneProgress(step, steps))) / 2);
    case 'target-kl':
      return clamp(schedule.betaStart, schedule.betaMin, schedule.betaMax);
    case 'accuracy-conditioned':
      return mix(schedule.betaMin, schedule.betaMax, 0.5);
  }
}

/**
 * State that a measurement-driven schedule keeps from step to step; plain numbers, so that a checkpoint can store it.
 */
export interface KlState {
  /** The KL weight of the step to come (`target-kl`). */
  beta: number;
  /** The running share of right answers (`accuracy-conditioned`); null before the first step. */
  accuracy: number | null;
}

/** Whether the KL weight depends on measurements from the run rather than on the step alone. */
export function hasFeedback(schedule: KlSchedule): boolean {
  return schedule.kind === 'target-kl' || schedule.kind === 'accuracy-conditioned';
}

/** The state before the first step. */
export function initialKlState(schedule: KlSchedule): KlState {
  return { beta: betaAt(schedule, 1, 1), accuracy: null };
}

/**
 * The KL weight a step applies, and the state including this step's answers. A step's answers are judged before its
 * update, so their accuracy counts for the step itself; null = nothing was judged.
 */
export function klBeforeUpdate(
  schedule: KlSchedule,
  progress: { step: number; steps: number },
  state: KlState,
  seen: { accuracy: number | null },
): { beta: number; state: KlState } {
  if (schedule.kind === 'target-kl') return { beta: state.beta, state };
  if (schedule.kind !== 'accuracy-conditioned') return { beta: betaAt(schedule, progress.step, progress.steps), state };
  const { smoothing, betaMin, betaMax } = schedule;
  const before = state.accuracy ?? seen.accuracy;
  if (before === null) return { beta: betaAt(schedule, progress.step, progress.steps), state };
  const accuracy = smoothing * before + (1 - smoothing) * (seen.accuracy ?? before);
  return { beta: mix(betaMin, betaMax, accuracy), state: { ...state, accuracy } };
}

/** Clamp on the KL controller's error in one step, as in Ziegler et al. */
const LARGEST_KL_ERROR = 0.2;

/**
 * The state after the update of a step, whose mean KL per token was `kl`; a value that is not a finite number changes
 * nothing.
 */
export function klAfterUpdate(schedule: KlSchedule, state: KlState, kl: number | null): KlState {
  if (schedule.kind !== 'target-kl' || kl === null || !Number.isFinite(kl)) return state;
  const error = clamp(kl / schedule.targetKl - 1, -LARGEST_KL_ERROR, LARGEST_KL_ERROR);
  return { ...state, beta: clamp(state.beta * Math.exp(schedule.gain * error), schedule.betaMin, schedule.betaMax) };
}

/**
 * The smallest and largest KL weight possible at each of the steps 1…`steps`: for `target-kl` what the controller can
 * reach by then, for `accuracy-conditioned` its whole range; for the other kinds both are the curve itself.
 */
export function betaBand(schedule: KlSchedule, steps: number): { low: Float64Array; high: Float64Array } {
  if (!hasFeedback(schedule)) {
    const curve = betaCurve(schedule, steps);
    return { low: curve, high: curve };
  }
  const reach = (direction: 1 | -1, index: number): number => {
    if (schedule.kind === 'accuracy-conditioned') return direction === 1 ? schedule.betaMax : schedule.betaMin;
    if (schedule.kind !== 'target-kl') return NaN;
    const factor = Math.exp(direction * index * schedule.gain * LARGEST_KL_ERROR);
    return clamp(betaAt(schedule, 1, 1) * factor, schedule.betaMin, schedule.betaMax);
  };
  return {
    low: Float64Array.from({ length: steps }, (_, index) => reach(-1, index)),
    high: Float64Array.from({ length: steps }, (_, index) => reach(1, index)),
  };
}

/** Whether the KL weight can be 0 in some step; only then can an update skip groups without signal. */
export function canBeZero(schedule: KlSchedule, steps: number): boolean {
  if (schedule.kind === 'constant') return schedule.beta === 0;
  return betaBand(schedule, steps).low.some((beta) => beta === 0);
}

/** The KL weight of steps 1…`steps`, in order. */
export function betaCurve(schedule: KlSchedule, steps: number): Float64Array {
  if (schedule.kind === 'mean-matched') return new Float64Array(steps).fill(betaAt(schedule, 1, steps));
  return Float64Array.from({ length: steps }, (_, index) => betaAt(schedule, index + 1, steps));
}

/**
 * Whether a run needs the reference model at all. Decided from the whole schedule, never from the current value: Eq. 3
 * with betaMin = 0 passes through zero and must not lose its reference there.
 */
export function needsReference(schedule: KlSchedule): boolean {
  switch (schedule.kind) {
    case 'constant':
      return schedule.beta > 0;
    case 'linear':
    case 'cosine':
      return schedule.betaStart > 0 || schedule.betaEnd > 0;
    case 'target-kl':
      return true;
    default:
      return schedule.betaMin > 0 || schedule.betaMax > 0;
  }
}

/**
 * The last exploring step w of Eq. 3: `round(ratio * steps)`, at least 1, and before the last step so that the run
 * always ends at `betaMax`. (0 for a run of one step, which only has an end.)
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

/** Exact at both ends, so that beta reaches the configured value without rounding error. */
function mix(from: number, to: number, share: number): number {
  if (share >= 1) return to;
  return from + (to - from) * share;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
