/**
 * @file The KL weight as the training loop asks for it. The formulas (Eq. 3 of OThink-MR1 and its controls) live in
 * the contract, so that the curve a person saw before the start is the curve that is applied.
 */
import { betaAt, betaCurve } from '../../contract/kl-curve.ts';
import type { KlSchedule } from '../../contract/recipe.ts';

/** The KL weight that applies in `step` (1-based). @throws RangeError outside of `1..totalSteps`. */
export function klWeightAt(schedule: KlSchedule, step: number, totalSteps: number): number {
  return betaAt(schedule, step, totalSteps);
}

/** All of a run's KL weights, `[beta(1), …, beta(totalSteps)]`. */
export function klWeights(schedule: KlSchedule, totalSteps: number): number[] {
  return [...betaCurve(schedule, totalSteps)];
}

/**
 * Whether a run needs the reference model's log-probs at all. Decided from every step of the run: Eq. 3 may pass
 * through exactly 0 at the end of exploration, and that step must not switch the KL term off for later ones.
 */
export function needsReference(schedule: KlSchedule, totalSteps: number): boolean {
  return klWeights(schedule, totalSteps).some((beta) => beta > 0);
}
