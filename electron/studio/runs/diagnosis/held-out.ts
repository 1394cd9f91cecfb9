/** @file Compares training rewards with held-out answers: rewards up but answers worse means memorising. Pure. */
import { percent } from '../../../reporting/figures.ts';
import type { PairedVerdict } from '../../../contract/model/paired-comparison.ts';
import type { Proportion } from '../../../contract/model/primitives.ts';
import type { Finding } from './rules.ts';
import { meanOf, rewardMean, type History } from './series.ts';

/** Held-out accuracy after `step` steps; 0 = the base model. */
export type HeldOut = { step: number; accuracy: Proportion };

const REWARD_GAIN = 0.05;
const ACCURACY_LOSS = 0.02;
const EDGE = 10;

/**
 * Raised at the end of a run if training accuracy has risen while held-out accuracy is below that of the base model. A
 * `problem` if the run's comparison says that it got worse.
 */
export function heldOutFalls(history: History, base: HeldOut, tuned: HeldOut, verdict: PairedVerdict): Finding | null {
  if (history.length < 2 * EDGE) return null;
  const [before, now] = [trainedOf(history.slice(0, EDGE)), trainedOf(history.slice(-EDGE))];
  if (before === null || now === null || now < before + REWARD_GAIN) return null;
  if (tuned.accuracy.value > base.accuracy.value - ACCURACY_LOSS) return null;
  const isSure = verdict === 'worse';
  return {
    code: 'HELD_OUT_FALLS',
    severity: isSure ? 'problem' : 'warning',
    message: `The model got better on its training samples (${before.toFixed(2)} → ${now.toFixed(2)}) but worse on held-out ones: ${share(tuned.accuracy)} after step ${tuned.step}, ${share(base.accuracy)} for the base model. It is memorising the samples. ${isSure ? 'Chance does not explain the loss.' : 'The loss may still be chance: evaluate more samples.'} Use an earlier checkpoint, more or more varied samples, or a higher KL weight.`,
  };
}

/**
 * Raised during a run if training accuracy has risen, but the last two interim evaluations are both below the best one
 * before them by more than its standard error. (Two, because the best of many is partly luck.)
 */
export function interimFalls(history: History, looks: readonly HeldOut[]): Finding | null {
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
    message: `Training and held-out answers diverge: the model got better on its training samples (${before.toFixed(2)} → ${now.toFixed(2)}), but only ${share(newest.accuracy)} of the held-out answers are right now, after ${share(best.accuracy)} at step ${best.step}. It is starting to memorise the samples. ${sure ? 'The intervals do not overlap, so chance is unlikely.' : 'Interim evaluations use few samples, so this may still be chance.'} Keep the checkpoint from around step ${best.step}. More varied samples, fewer steps or a higher KL weight help.`,
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
