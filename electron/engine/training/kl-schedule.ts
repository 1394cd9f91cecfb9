/**
 * @file KL schedules: how the KL weight (beta) moves over the steps of a run.
 * `paper-eq3` is Eq. 3 of OThink-MR1 (arXiv 2503.16081 v2, section 3).
 */
import type { KlSchedule } from '../../contract/recipe.ts';

type PaperNumbers = { betaMin: number; betaMax: number; explorationRatio: number };

/**
 * The KL weight that applies in one optimisation step.
 *
 * @param step 1-based, `1..totalSteps`.
 * @throws RangeError when `step` lies outside of the run: a wrong step must not become a silent extrapolation.
 */
export function klWeightAt(schedule: KlSchedule, step: number, totalSteps: number): number {
  if (!Number.isInteger(totalSteps) || totalSteps < 1) {
    throw new RangeError(`totalSteps must be a whole number of at least 1, not ${totalSteps}.`);
  }
  if (!Number.isInteger(step) || step < 1 || step > totalSteps) {
    throw new RangeError(`step must be a whole number from 1 to ${totalSteps}, not ${step}.`);
  }
  switch (schedule.kind) {
    case 'constant':
      return schedule.beta;
    case 'paper-eq3':
      return paperEq3(schedule, step, totalSteps);
    case 'paper-text':
      return between(schedule.betaMin, schedule.betaMax, progress(step, totalSteps));
    case 'mean-matched':
      return meanOfPaperEq3(schedule, totalSteps);
    case 'linear':
      return between(schedule.betaStart, schedule.betaEnd, progress(step, totalSteps));
    case 'cosine':
      return between(schedule.betaStart, schedule.betaEnd, (1 - Math.cos(Math.PI * progress(step, totalSteps))) / 2);
  }
}

/** The schedule as it will be applied: `[beta(1), …, beta(totalSteps)]`. */
export function klWeights(schedule: KlSchedule, totalSteps: number): number[] {
  if (schedule.kind === 'mean-matched') {
    // One mean for all steps; asking step by step would cost the square of the length.
    return new Array<number>(totalSteps).fill(klWeightAt(schedule, 1, totalSteps));
  }
  return Array.from({ length: totalSteps }, (_, index) => klWeightAt(schedule, index + 1, totalSteps));
}

/**
 * Whether a run needs the reference model's log-probs at all. Decided from the whole schedule: Eq. 3 may pass
 * through exactly 0 at the end of exploration, and that step must not switch the KL term off for later ones.
 */
export function needsReference(schedule: KlSchedule, totalSteps: number): boolean {
  return klWeights(schedule, totalSteps).some((beta) => beta > 0);
}

/** Whether beta differs anywhere between two steps of the run (what makes GRPO a GRPO-D). */
export function scheduleMoves(schedule: KlSchedule, totalSteps: number): boolean {
  const betas = klWeights(schedule, totalSteps);
  return betas.some((beta) => beta !== betas[0]);
}

/**
 * Last step w of the exploration leg: `round(ratio * t)`, at least 1, and before the last step whenever there is
 * more than one, so that the schedule always ends at betaMax.
 */
export function explorationSteps(explorationRatio: number, totalSteps: number): number {
  return Math.min(Math.max(1, Math.round(explorationRatio * totalSteps)), Math.max(1, totalSteps - 1));
}

function paperEq3({ betaMin, betaMax, explorationRatio }: PaperNumbers, step: number, totalSteps: number): number {
  const exploration = explorationSteps(explorationRatio, totalSteps);
  if (step <= exploration) {
    return between((betaMin + betaMax) / 2, betaMin, step / exploration);
  }
  return between(betaMin, betaMax, (step - exploration) / (totalSteps - exploration));
}

/** Mean of Eq. 3 over steps 1..t, in closed form (both legs are arithmetic series). */
function meanOfPaperEq3({ betaMin, betaMax, explorationRatio }: PaperNumbers, totalSteps: number): number {
  const w = explorationSteps(explorationRatio, totalSteps);
  const rest = totalSteps - w;
  const middle = (betaMin + betaMax) / 2;
  const down = w * middle - ((middle - betaMin) * (w + 1)) / 2;
  const up = rest * betaMin + ((betaMax - betaMin) * (rest + 1) * (rest > 0 ? 1 : 0)) / 2;
  return (down + up) / totalSteps;
}

/** 0 at the first step, 1 at the last. */
function progress(step: number, totalSteps: number): number {
  return totalSteps === 1 ? 0 : (step - 1) / (totalSteps - 1);
}

/** Exact at both ends, so that the logged beta meets the configured number without a rounding tail. */
function between(from: number, to: number, share: number): number {
  if (share <= 0) return from;
  if (share >= 1) return to;
  return from + (to - from) * share;
}
