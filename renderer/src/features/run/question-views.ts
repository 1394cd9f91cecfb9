/** @file The questions of a step in a chosen order, and how one question was answered over the run. */
import type { Completion, CompletionGroup } from '../../../../electron/contract/api/index.ts';

/** Which questions of a step come first; `cut-off` keeps only those with an answer that reached the length limit. */
export type QuestionOrder = 'drawn' | 'best' | 'worst' | 'disputed' | 'cut-off';

/** The groups in the chosen order; ties keep the order in which they were drawn. */
export function arranged(groups: readonly CompletionGroup[], order: QuestionOrder): CompletionGroup[] {
  const by = (value: (group: CompletionGroup) => number): CompletionGroup[] =>
    [...groups].sort((a, b) => value(b) - value(a));
  switch (order) {
    case 'drawn':
      return [...groups];
    case 'best':
      return by((group) => meanReward(group) ?? -Infinity);
    case 'worst':
      return by((group) => -(meanReward(group) ?? Infinity));
    case 'disputed':
      return by(rewardVariance);
    case 'cut-off':
      return groups.filter((group) => group.completions.some((completion) => completion.truncated));
  }
}

export type Asking = { step: number; correct: number; answers: number };

/** How one question was answered in every step that drew it, oldest first. */
export function askings(completions: readonly Completion[]): Asking[] {
  const steps = new Map<number, Asking>();
  for (const { step, verdict } of completions) {
    const asking = steps.get(step) ?? { step, correct: 0, answers: 0 };
    asking.answers += 1;
    if (verdict === 'correct') asking.correct += 1;
    steps.set(step, asking);
  }
  return [...steps.values()].sort((a, b) => a.step - b.step);
}

/** At most `most` of them, evenly spaced, always including the first and the last. */
export function fewAskings(all: readonly Asking[], most = 12): Asking[] {
  if (all.length <= most) return [...all];
  return Array.from({ length: most }, (_, index) => all[Math.round((index * (all.length - 1)) / (most - 1))]).filter(
    (asking) => asking !== undefined,
  );
}

/** Mean over the answers that a reward scored; null if there are none. Such questions come last in every order. */
function meanReward(group: CompletionGroup): number | null {
  const rewards = scored(group);
  return rewards.length === 0 ? null : rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
}

function rewardVariance(group: CompletionGroup): number {
  const mean = meanReward(group);
  return mean === null ? -Infinity : scored(group).reduce((sum, reward) => sum + (reward - mean) ** 2, 0);
}

function scored({ completions }: CompletionGroup): number[] {
  return completions.map(({ reward }) => reward).filter((reward) => reward !== null);
}
