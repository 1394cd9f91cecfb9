/**
 * @file What can go wrong in a run, as pure rules over its steps. Each rule says in words what it sees and what to do.
 * The thresholds are our own; those that depend on the run are derived from its first steps.
 */
import { needsReference } from '../../../method/kl-curve.ts';
import type { Recipe } from '../../../contract/model/recipe.ts';
import type { RunWarning } from '../../../contract/model/runs.ts';
import { percent } from '../../../reporting/figures.ts';
import { correlation, meanOf, medianOf, rewardMean, type History } from './series.ts';

/**
 * A finding without its step. The code identifies it for programs and is raised once per run. `info` needs no action;
 * `problem` means that continuing unchanged makes little sense.
 */
export type Finding = { code: string; message: string; severity: NonNullable<RunWarning['severity']> };

/** Checks all steps so far (newest last); null or an empty result = all well. */
export type Rule = (history: History, recipe: Recipe) => Finding | readonly Finding[] | null;

export const THRESHOLDS = {
  /** Steps without any signal. */
  noSignalSteps: 5,
  /** Share of groups without signal, over `window` steps. */
  littleSignal: 0.8,
  window: 10,
  /** Number of steps with non-finite values within the window. */
  notFiniteSteps: 3,
  /**
   * A KL this many times the preceding median, and at least `klFloor`, is a spike. KL begins at 0, so early steps do
   * not count.
   */
  /** The KL term's share of the gradient below which it does nothing, and above which it outweighs the rewards. */
  klShareIdle: 0.01,
  klShareHolds: 0.5,
  /** The last so many measurements of that share. */
  klShareSteps: 3,
  klSpikeFactor: 5,
  klFloor: 0.5,
  klSettledSteps: 10,
  /** Mean KL per token beyond which answers retain little of the reference model. */
  klBand: 1,
  boundSteps: 15,
  lengthCollapse: 0.4,
  lengthRunaway: 2.5,
  truncated: 0.5,
  saturated: 0.95,
  saturatedStd: 0.1,
  saturatedSteps: 20,
  opposed: -0.6,
  opposedWindow: 30,
  entropy: 0.02,
  thinkingBefore: 0.5,
  thinkingAfter: 0.25,
  accuracyGain: 0.05,
} as const;

const T = THRESHOLDS;

export const rules: readonly Rule[] = [
  noSignal,
  littleSignal,
  notFinite,
  klNotMeasured,
  klEffect,
  klSpike,
  klBand,
  betaAtBound,
  lengthCollapse,
  lengthRunaway,
  truncated,
  saturated,
  opposed,
  entropyGone,
  reasoningCollapse,
];

export function noSignal(history: History): Finding | null {
  const last = history.slice(-T.noSignalSteps);
  const silent = last.every(({ fracRewardZeroStd, rewardStd }) => fracRewardZeroStd === 1 || rewardStd === 0);
  if (last.length < T.noSignalSteps || !silent) return null;
  const reward = meanOf(last, (step) => step.reward);
  if (reward === null) {
    return {
      code: 'REWARD_STD_ZERO',
      severity: 'problem',
      message: `For ${last.length} steps no reward had an opinion on any answer, so the model learned nothing from them. Stop the run, and choose rewards that judge answers of this kind.`,
    };
  }
  return {
    code: 'REWARD_STD_ZERO',
    severity: 'problem',
    message: `For ${last.length} steps all answers to each question earned the same reward (${reward.toFixed(2)} on average), so the model learned nothing from them. If nearly all are right, the task is done: stop, or choose harder samples. If nearly all are wrong, choose easier samples, raise the temperature or the group size, or begin with SFT.`,
  };
}

export function littleSignal(history: History): Finding | null {
  const last = history.slice(-T.window);
  const share = meanOf(last, (step) => step.fracRewardZeroStd);
  if (last.length < T.window || share === null || share < T.littleSignal || noSignal(history) !== null) return null;
  return {
    code: 'GROUPS_WITHOUT_SIGNAL',
    severity: 'warning',
    message: `In the last ${last.length} steps ${percent(share, 0)} of the groups had no signal: all their answers earned the same. Most of the work is in vain. Use samples of more varied difficulty, a larger group or a higher temperature.`,
  };
}

/** The engine itself reports a single such step with this code; you need to act only if it persists. */
export function notFinite(history: History): Finding | readonly Finding[] | null {
  // The store returns non-finite values as null.
  const broken = ({ loss, gradNorm, kl, reward, entropy }: History[number]): boolean =>
    !Number.isFinite(loss) || !Number.isFinite(gradNorm) || [kl, reward, entropy].some((value) => Number.isNaN(value));
  const newest = history.at(-1);
  if (newest === undefined || !broken(newest)) return null;
  const count = history.slice(-T.window).filter(broken).length;
  const first: Finding = {
    code: 'NOT_FINITE',
    severity: 'warning',
    message: `Step ${newest.step} gave a number that is not finite; it changed nothing. If this repeats, lower the learning rate.`,
  };
  if (count < T.notFiniteSteps) return first;
  return [
    first,
    {
      code: 'NOT_FINITE_REPEATED',
      severity: 'problem',
      message: `${count} of the last ${Math.min(history.length, T.window)} steps gave numbers that are not finite, so the run stands still. Stop it, lower the learning rate (to a third, say) or raise the KL weight, and start again; the checkpoints from before are good.`,
    },
  ];
}

/** Known before the first step and reported with it: without a reference, the KL chart stays empty. */
export function klNotMeasured(history: History, recipe: Recipe): Finding | null {
  if (recipe.method === 'sft' || needsReference(recipe.klSchedule) || history.length === 0) return null;
  return {
    code: 'KL_NOT_MEASURED',
    severity: 'info',
    message:
      'The KL weight (beta) is 0 for the whole run, so there is no reference model and the KL divergence is not measured. Nothing holds the model to what it was: watch the held-out answers, and choose a KL weight above 0 if they get worse.',
  };
}

/** What the KL weight does, from its share of the gradient in the second half of the run: an early KL is still near 0. */
export function klEffect(history: History, recipe: Recipe): Finding | null {
  const now = history.at(-1);
  if (now === undefined || history.length < T.klSettledSteps) return null;
  if (now.step * 2 < recipe.steps || !isNumber(now.klGradientShare)) return null;
  // In a step whose rewards made no gradient, the share is 1 whatever the KL weight.
  const measured = history.filter(
    ({ klGradientShare: share, beta }) => isNumber(share) && share < 1 && (beta ?? 0) > 0,
  );
  const last = measured.slice(-T.klShareSteps);
  const share = meanOf(last, (step) => step.klGradientShare);
  const weights = last.map(({ beta }) => beta ?? 0);
  if (share === null) return null;
  const [low, high] = [Math.min(...weights), Math.max(...weights)].map((weight) => Number(weight.toPrecision(2)));
  const weight = low === high ? `a KL weight of ${low}` : `a KL weight between ${low} and ${high}`;
  if (share < T.klShareIdle) {
    return {
      code: 'KL_WITHOUT_EFFECT',
      severity: 'info',
      message: `With this model and these samples, ${weight} makes ${share < 0.001 ? 'less than 0.1%' : percent(share, 1)} of the gradient: it changes almost nothing, and the run learns as it would without one. If you want it to hold the model to what it was, try about ${Number((10 * (high ?? 0)).toPrecision(1))}.`,
    };
  }
  if (share > T.klShareHolds) {
    return {
      code: 'KL_HOLDS',
      severity: 'warning',
      message: `With this model and these samples, ${weight} makes ${percent(share, 0)} of the gradient: it holds the model back more than the rewards move it. If the reward hardly rises, try about ${Number(((low ?? 0) / 10).toPrecision(1))}.`,
    };
  }
  return null;
}

function isNumber(value: number | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

export function klSpike(history: History): Finding | null {
  const now = history.at(-1)?.kl ?? null;
  const before = history.slice(-21, -1);
  const usual = medianOf(before, (step) => step.kl);
  if (now === null || usual === null || before.length < T.klSettledSteps) return null;
  if (!(now > T.klFloor && now > T.klSpikeFactor * usual)) return null;
  return {
    code: 'KL_SPIKE',
    severity: 'warning',
    message: `The KL divergence jumped to ${now.toFixed(3)} from about ${usual.toFixed(3)}: one update moved the model far from where it was. If the reward falls after this, resume from an earlier checkpoint with a lower learning rate or a higher KL weight.`,
  };
}

export function klBand(history: History): Finding | null {
  const last = history.slice(-5);
  const kl = meanOf(last, (step) => step.kl);
  if (last.length < 5 || kl === null || kl < T.klBand) return null;
  const reward = change(history, (step) => step.reward);
  const falls = reward !== null && reward < -0.02;
  const sense =
    reward === null
      ? ''
      : reward > 0.02
        ? ' The reward still rises: read some answers to see that it is earned honestly.'
        : falls
          ? ' The reward falls at the same time: the run gets worse, go back to an earlier checkpoint.'
          : ' The reward does not rise any more: the run has probably had its best.';
  return {
    code: 'KL_TOO_FAR',
    severity: falls ? 'problem' : 'warning',
    message: `The KL divergence is ${kl.toFixed(2)} per token: the model has drifted far from the one it began as, and may have lost other skills.${sense} A higher KL weight (beta) or a lower learning rate holds it closer.`,
  };
}

/** The `target-kl` controller has gone as far as its bounds allow. */
export function betaAtBound(history: History, recipe: Recipe): Finding | null {
  const { klSchedule } = recipe;
  const last = history.slice(-T.boundSteps);
  if (klSchedule.kind !== 'target-kl' || last.length < T.boundSteps) return null;
  const { betaMin, betaMax, targetKl } = klSchedule;
  const kl = meanOf(last, (step) => step.kl);
  if (kl === null) return null;
  if (last.every(({ beta }) => beta === betaMax) && kl > 1.5 * targetKl) {
    return {
      code: 'BETA_AT_MAXIMUM',
      severity: 'warning',
      message: `The KL weight has stood at its upper bound (${betaMax}) for ${last.length} steps, but the KL divergence is ${kl.toFixed(3)}, above the target of ${targetKl}: the schedule can do no more. Raise betaMax, aim at a larger KL, or lower the learning rate.`,
    };
  }
  if (last.every(({ beta }) => beta === betaMin) && kl < targetKl / 1.5) {
    return {
      code: 'BETA_AT_MINIMUM',
      severity: 'info',
      message: `The KL weight has stood at its lower bound (${betaMin}) for ${last.length} steps, and the KL divergence is ${kl.toFixed(3)}, below the target of ${targetKl}: the model stays nearer to where it began than you allow. That is fine while the reward rises; if it does not, raise the learning rate or lower betaMin.`,
    };
  }
  return null;
}

export function lengthCollapse(history: History): Finding | null {
  const [before, now] = ends(history, (step) => step.completionLengthMean);
  if (before === null || now === null || before < 8 || now > T.lengthCollapse * before) return null;
  return {
    code: 'LENGTH_COLLAPSE',
    severity: 'warning',
    message: `Answers have shrunk from ${before.toFixed(0)} to ${now.toFixed(0)} tokens. Read some: if the thinking is gone, add the reward "reasoning" or the loss dr_grpo, which does not favour short answers.`,
  };
}

export function lengthRunaway(history: History, recipe: Recipe): Finding | null {
  const [before, now] = ends(history, (step) => step.completionLengthMean);
  if (before === null || now === null) return null;
  const nearLimit = now >= 0.9 * recipe.grpo.maxCompletionLength && now > 1.3 * before;
  if (now < T.lengthRunaway * Math.max(before, 8) && !nearLimit) return null;
  return {
    code: 'LENGTH_RUNAWAY',
    severity: 'warning',
    message: `Answers have grown from ${before.toFixed(0)} to ${now.toFixed(0)} tokens (the limit is ${recipe.grpo.maxCompletionLength}). Read some: rambling earns nothing. The reward "repetition" or "length" with a small weight, or a higher KL weight, keeps them in bounds.`,
  };
}

export function truncated(history: History, recipe: Recipe): Finding | null {
  const last = history.slice(-3);
  const share = meanOf(last, (step) => step.truncatedRatio);
  if (last.length < 3 || share === null || share <= T.truncated) return null;
  return {
    code: 'TRUNCATED',
    severity: 'problem',
    message: `${percent(share, 0)} of the answers are cut off at ${recipe.grpo.maxCompletionLength} tokens before they end, so they cannot be right. Allow longer completions (grpo.maxCompletionLength), or ask for shorter thinking in the prompt template.`,
  };
}

export function saturated(history: History, recipe: Recipe): readonly Finding[] {
  const last = history.slice(-T.saturatedSteps);
  if (last.length < T.saturatedSteps || recipe.method === 'sft') return [];
  return (last.at(-1)?.rewards ?? []).flatMap(({ name, weight }) => {
    const mean = meanOf(last, rewardMean(name));
    const std = meanOf(last, (step) => step.rewards.find((reward) => reward.name === name)?.std);
    if (weight === 0 || mean === null || mean < T.saturated || (std ?? 0) > T.saturatedStd) return [];
    const advice =
      name === 'accuracy'
        ? 'The training samples are solved: look at the held-out answers, then stop or choose harder samples.'
        : 'It guards what is there and teaches nothing new; that is fine as long as another reward still moves.';
    return [
      {
        code: `REWARD_SATURATED:${name}`,
        severity: name === 'accuracy' ? 'warning' : 'info',
        message: `The reward ${name} is earned by nearly every answer (${mean.toFixed(2)} over the last ${last.length} steps). ${advice}`,
      },
    ];
  });
}

export function opposed(history: History): readonly Finding[] {
  const last = history.slice(-T.opposedWindow);
  const rewards = (last.at(-1)?.rewards ?? []).filter(({ weight }) => weight > 0);
  if (last.length < T.opposedWindow) return [];
  return rewards.flatMap(({ name: a }, index) =>
    rewards.slice(index + 1).flatMap(({ name: b }) => {
      const r = correlation(last, rewardMean(a), rewardMean(b), 0.1);
      if (r === null || r > T.opposed) return [];
      return [
        {
          code: `REWARDS_OPPOSED:${a},${b}`,
          severity: 'warning',
          message: `The rewards ${a} and ${b} pull against each other: over the last ${last.length} steps one fell when the other rose (correlation ${r.toFixed(2)}). Lower the weight of the less important one, or change what it asks for.`,
        },
      ];
    }),
  );
}

export function entropyGone(history: History): Finding | null {
  const last = history.slice(-5);
  const entropy = meanOf(last, (step) => step.entropy);
  if (last.length < 5 || entropy === null || entropy >= T.entropy) return null;
  return {
    code: 'ENTROPY_NEAR_ZERO',
    severity: 'warning',
    message: `The entropy is ${entropy.toFixed(3)}: the model writes the same words every time and no longer tries anything else, so there is nothing left to compare. Raise the temperature or the KL weight, or resume from an earlier checkpoint.`,
  };
}

export function reasoningCollapse(history: History): Finding | null {
  const [thoughtBefore, thoughtNow] = ends(history, (step) => step.thinkRate);
  const [rightBefore, rightNow] = ends(history, rewardMean('accuracy'));
  if (thoughtBefore === null || thoughtNow === null || rightBefore === null || rightNow === null) return null;
  if (thoughtBefore < T.thinkingBefore || thoughtNow > T.thinkingAfter || rightNow < rightBefore + T.accuracyGain)
    return null;
  return {
    code: 'REASONING_COLLAPSE',
    severity: 'problem',
    message: `More answers are right (${percent(rightBefore, 0)} → ${percent(rightNow, 0)}), but the thinking is gone: ${percent(thoughtBefore, 0)} of the answers held a thought at first, now ${percent(thoughtNow, 0)}. The model has found that it can do without. If you want reasoning, give "format" or "reasoning" more weight, or raise the KL weight, and go back to an earlier checkpoint.`,
  };
}

/** Means of the first and the newest steps; null until the two windows are far enough apart. */
function ends(history: History, quantity: Parameters<typeof meanOf>[1]): [number | null, number | null] {
  const size = 5;
  if (history.length < 3 * size) return [null, null];
  return [meanOf(history.slice(0, size), quantity), meanOf(history.slice(-size), quantity)];
}

/** How much the mean of the last ten steps differs from the ten before. */
function change(history: History, quantity: Parameters<typeof meanOf>[1]): number | null {
  const now = meanOf(history.slice(-10), quantity);
  const before = meanOf(history.slice(-20, -10), quantity);
  return now === null || before === null ? null : now - before;
}
