/** @file Training reward against held-out answers: rising here and falling there is learning by heart. Pure. */
import { percent } from '../../../reporting/percent.ts';
import type { Proportion } from '../../../contract/model/primitives.ts';
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
  const best = bestOf(ordered.slice(0, -1));
  if (newest === undefined || best === null || history.length < 2 * EDGE) return null;
  const [before, now] = [trainedOf(history.slice(0, EDGE)), trainedOf(history.slice(-EDGE))];
  if (before === null || now === null || now < before + REWARD_GAIN) return null;
  if (newest.accuracy.value > best.accuracy.value - ACCURACY_LOSS) return null;
  const sure = newest.accuracy.high < best.accuracy.low;
  const where = best.step === 0 ? 'the base model' : `step ${best.step}`;
  return {
    code: 'HELD_OUT_FALLS',
    severity: sure ? 'problem' : 'warning',
    message: `On its training samples the model got better (${before.toFixed(2)} → ${now.toFixed(2)}), but on held-out ones worse: ${share(newest.accuracy)} after step ${newest.step}, ${share(best.accuracy)} for ${where}. It learns the samples by heart. ${sure ? 'The intervals do not overlap: this is no accident.' : 'The intervals overlap, so it may still be chance: evaluate more samples.'} Use an earlier checkpoint, more or more varied samples, or a higher KL weight.`,
  };
}

/**
 * Raised while the run goes on: accuracy in training has risen, but the last two looks at the same held-out samples
 * both lie below the best look before them, by more than that one's standard error. (Two, because the best of many
 * looks is partly luck.)
 */
export function looksFall(history: History, looks: readonly HeldOut[]): Finding | null {
  const ordered = [...looks].sort((a, b) => a.step - b.step);
  const [newest, second] = [ordered.at(-1), ordered.at(-2)];
  const best = bestOf(ordered.slice(0, -2));
  if (newest === undefined || second === undefined || best === null || history.length < 2 * EDGE) return null;
  const [before, now] = [trainedOf(history.slice(0, EDGE)), trainedOf(history.slice(-EDGE))];
  if (before === null || now === null || now < before + REWARD_GAIN) return null;
  const { value, n } = best.accuracy;
  const noise = Math.max(ACCURACY_LOSS, Math.sqrt((value * (1 - value)) / Math.max(1, n)));
  if (newest.accuracy.value > value - noise || second.accuracy.value > value - noise) return null;
  const sure = newest.accuracy.high < best.accuracy.low;
  return {
    code: 'HELD_OUT_DIVERGES',
    severity: sure ? 'problem' : 'warning',
    message: `Training and held-out answers part ways: on its training samples the model got better (${before.toFixed(2)} → ${now.toFixed(2)}), but of the held-out ones it now has ${share(newest.accuracy)} right, after ${share(best.accuracy)} at step ${best.step}. It begins to learn the samples by heart. ${sure ? 'The intervals do not overlap: this is no accident.' : 'Few samples were looked at, so it may still turn.'} Keep the checkpoint from around step ${best.step}; more varied samples, fewer steps or a higher KL weight help.`,
  };
}

function bestOf(evaluations: readonly HeldOut[]): HeldOut | null {
  return evaluations.reduce<HeldOut | null>(
    (top, each) => (top === null || each.accuracy.value > top.accuracy.value ? each : top),
    null,
  );
}

function trainedOf(steps: History): number | null {
  return (
    meanOf(steps, (step) => step.accuracy) ??
    meanOf(steps, rewardMean('accuracy')) ??
    meanOf(steps, (step) => step.reward)
  );
}

function share({ value, correct, n }: Proportion): string {
  return `${percent(value)} (${correct}/${n})`;
}
