/**
 * @file How far two engines' losses of one step may differ. In the first update of a batch the ratio is 1, and the advantages
 * of a group sum to 0: the terms −A of the loss cancel. What is left, the KL, can be a thousandth of them, and then even
 * float32's rounding of the terms is a ten-thousandth of the loss. The size of its terms is what its error is held against.
 */

/** Rounding stays about a hundred times below this share of the terms; a KL weight that is a hundredth off does not. */
const LOSS_TOLERANCE = 1e-5;

/** The rows of a step, [R, C] and [R], as `policyLoss` takes them. */
export interface StepRows {
  mask: ArrayLike<number>;
  rowWeights: ArrayLike<number>;
  advantages: ArrayLike<number>;
  oldLogprobs: ArrayLike<number>;
  refLogprobs: ArrayLike<number>;
}

/** Σ w·(|A| + β·k3) over the counted tokens, where the ratio is 1. */
export function lossTerms({ mask, rowWeights, advantages, oldLogprobs, refLogprobs }: StepRows, beta: number): number {
  const length = mask.length / rowWeights.length;
  return Array.from(mask).reduce((sum, isCounted, at) => {
    if (isCounted === 0) return sum;
    const row = Math.floor(at / length);
    const distance = (refLogprobs[at] ?? NaN) - (oldLogprobs[at] ?? NaN);
    const k3 = Math.exp(distance) - distance - 1;
    return sum + (rowWeights[row] ?? NaN) * (Math.abs(advantages[row] ?? NaN) + beta * k3);
  }, 0);
}

/** The share of the terms by which the losses differ, and whether that can be rounding. */
export function compareLosses(ours: number, theirs: number, terms: number): { share: number; holds: boolean } {
  const share = Math.abs(ours - theirs) / terms;
  return { share, holds: share <= LOSS_TOLERANCE };
}
