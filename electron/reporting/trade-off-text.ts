/** @file What a trade-off says about forgetting, in words. */
import type { TradeOff } from '../contract/model/evaluations.ts';

/** Correlations from here on let the KL stand in for a measurement of what was forgotten. */
const STRONG = 0.7;
/** Fewer points can be in order by chance. */
const ENOUGH = 6;

/** Whether the KL on the trained task tells what was forgotten; null if it cannot be said yet. */
export function klPredictsText({ klPredicts }: Pick<TradeOff, 'klPredicts'>): string | null {
  if (klPredicts === null) return null;
  const { correlation, points } = klPredicts;
  const found = `rank correlation ${correlation.toFixed(2)} over ${points} checkpoints`;
  if (points < ENOUGH) return `Too few checkpoints to say whether the KL predicts what is forgotten (${found}).`;
  return correlation >= STRONG
    ? `The further a checkpoint is from the base on its own task, the more it forgot elsewhere (${found}), as "RL's Razor" says.`
    : `The distance from the base on the task it was trained on does not predict what a checkpoint forgot elsewhere (${found}), against what "RL's Razor" says.`;
}
