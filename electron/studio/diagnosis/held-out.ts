/** @file Training reward against held-out answers: rising here and falling there is learning by heart. Pure. */
import type { Proportion } from '../../contract/primitives.ts';
import type { Finding } from './rules.ts';
import { meanOf, rewardMean, type History } from './series.ts';

/** Held-out accuracy after `step` steps; 0 = the base model. */
export type HeldOut = { step: number; accuracy: Proportion };

const REWARD_GAIN = 0.05;
const ACCURACY_LOSS = 0.02;
const EDGE = 10;

/**
 * Raised when accuracy in training has risen while the newest evaluation is below the best one before it. Says
 * whether the difference is more than chance, by the intervals.
 */
export function heldOutFalls(history: History, evaluations: readonly HeldOut[]): Finding | null {
  const ordered = [...evaluations].sort((a, b) => a.step - b.step);
  const newest = ordered.at(-1);
  const best = ordered
    .slice(0, -1)
    .reduce<HeldOut | null>(
      (top, each) => (top === null || each.accuracy.value > top.accuracy.value ? each : top),
      null,
    );
  if (newest === undefined || best === null || history.length < 2 * EDGE) return null;
  const trained = (steps: History): number | null =>
    meanOf(steps, rewardMean('accuracy')) ?? meanOf(steps, (step) => step.reward);
  const [before, now] = [trained(history.slice(0, EDGE)), trained(history.slice(-EDGE))];
  if (before === null || now === null || now < before + REWARD_GAIN) return null;
  if (newest.accuracy.value > best.accuracy.value - ACCURACY_LOSS) return null;
  const sure = newest.accuracy.high < best.accuracy.low;
  const where = best.step === 0 ? 'the base model' : `step ${best.step}`;
  return {
    code: 'HELD_OUT_FALLS',
    message: `On its training samples the model got better (${before.toFixed(2)} → ${now.toFixed(2)}), but on held-out ones worse: ${share(newest.accuracy)} after step ${newest.step}, ${share(best.accuracy)} for ${where}. It learns the samples by heart. ${sure ? 'The intervals do not overlap: this is no accident.' : 'The intervals overlap, so it may still be chance: evaluate more samples.'} Use an earlier checkpoint, more or more varied samples, or a higher KL weight.`,
  };
}

function share({ value, correct, n }: Proportion): string {
  return `${(value * 100).toFixed(1)} % (${correct}/${n})`;
}
