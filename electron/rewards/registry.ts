/**
 * @file Every reward function by name. A recipe names them; the engine scores with them; screens show their words.
 * Raise `version` whenever a change could give any completion another score: it is recorded with each run.
 */
import type { RewardSpec } from '../contract/recipe.ts';
import type { Task } from '../contract/primitives.ts';
import { gradeAnswer } from './accuracy.ts';
import { scoreFormat } from './format.ts';

export type RewardName = RewardSpec['name'];
export type RewardSample = { answer: string; task: Task };

export type RewardFunction = {
  name: RewardName;
  version: string;
  label: string;
  /** One or two sentences for people. */
  help: string;
  score: (completion: string, sample: RewardSample) => number;
};

export const rewardFunctions: Record<RewardName, RewardFunction> = {
  accuracy: {
    name: 'accuracy',
    version: '1',
    label: 'Right answer',
    help: 'Gives 1 when the last answer tag holds exactly the reference answer, else 0. Guessing several answers at once counts as none.',
    score: (completion, sample) => gradeAnswer({ completion, ...sample }).value,
  },
  format: {
    name: 'format',
    version: '1',
    label: 'Right form',
    help: 'Gives 1 when the completion is one thought and then one answer, each in its tags and neither empty, else 0.',
    score: (completion) => scoreFormat(completion),
  },
};

/** The scores of one completion, in the order of the recipe's rewards. */
export function scoreCompletion(specs: readonly RewardSpec[], completion: string, sample: RewardSample): number[] {
  return specs.map((spec) => rewardFunctions[spec.name].score(completion, sample));
}

/** R = Σ weight × score (Eq. 1 of OThink-MR1). Null scores count as nothing; only nulls give null. */
export function totalReward(specs: readonly RewardSpec[], scores: readonly (number | null)[]): number | null {
  if (scores.length !== specs.length) {
    throw new RangeError(`There are ${scores.length} scores for ${specs.length} rewards.`);
  }
  if (scores.every((score) => score === null)) return null;
  return specs.reduce((sum, spec, index) => sum + spec.weight * (scores[index] ?? 0), 0);
}
