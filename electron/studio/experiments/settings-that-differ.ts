/** @file In which settings two arms differ. If it is more than one, no difference of results can be put down to either. */
import type { Recipe } from '../../contract/model/recipe.ts';

/** Settings of every method. */
const COMMON = [
  'steps',
  'trainSamples',
  'promptTemplate',
  'systemPrompt',
  'maxPixels',
  'adapter',
  'optimiser',
] as const;

/**
 * The names of the settings, such as `klSchedule` or `grpo.epsilonHigh`. The method of GRPO and GRPO-D is their schedule.
 * SFT against one of them is a single difference: rewards, sampling and KL weight do not exist in SFT.
 */
export function settingsThatDiffer(first: Recipe, second: Recipe): string[] {
  const isOther = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) !== JSON.stringify(b ?? null);
  const common = COMMON.filter((name) => isOther(first[name], second[name]));
  if (first.method === 'sft' || second.method === 'sft') {
    const batch = isOther(first.grpo.promptsPerStep, second.grpo.promptsPerStep) ? ['grpo.promptsPerStep'] : [];
    return [...(first.method === second.method ? [] : ['method']), ...common, ...batch];
  }
  const own = (['klSchedule', 'rewards'] as const).filter((name) => isOther(first[name], second[name]));
  const fields = Object.keys({ ...first.grpo, ...second.grpo }) as (keyof Recipe['grpo'])[];
  const sampling = fields.filter((name) => isOther(first.grpo[name], second.grpo[name]));
  return [...own, ...common, ...sampling.map((name) => `grpo.${name}`)];
}
