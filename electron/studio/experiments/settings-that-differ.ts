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

type Setting = 'method' | 'klSchedule' | 'rewards' | (typeof COMMON)[number] | `grpo.${keyof Recipe['grpo']}`;

/** As the screens call them, without commas: they stand in a list. */
export const SETTING_NAMES: Readonly<Record<Setting, string>> = {
  method: 'training method',
  klSchedule: 'KL weight over the run',
  rewards: 'choice of rewards',
  steps: 'number of steps',
  trainSamples: 'pictures to learn from',
  promptTemplate: 'prompt template',
  systemPrompt: 'system prompt',
  maxPixels: 'detail of the pictures',
  adapter: 'what is trained',
  optimiser: 'learning rate and optimiser',
  'grpo.promptsPerStep': 'questions per step',
  'grpo.numGenerations': 'answers per question',
  'grpo.maxCompletionLength': 'longest answer',
  'grpo.temperature': 'sampling temperature',
  'grpo.topP': 'limit top-p',
  'grpo.minP': 'limit min-p',
  'grpo.lossType': 'what the loss averages over',
  'grpo.scaleRewards': 'what rewards are scaled by',
  'grpo.epsilon': 'lower clip',
  'grpo.epsilonHigh': 'upper clip',
  'grpo.numIterations': 'updates per step',
  'grpo.maskTruncatedCompletions': 'use of cut-off answers',
  'grpo.useBiasCorrectionKl': 'weighting of the KL term',
  'grpo.gradientAccumulationSteps': 'micro-batches per update',
};

/**
 * The names of the settings in which two recipes differ. The method of GRPO and GRPO-D is their schedule.
 * SFT against one of them is a single difference: rewards, sampling and KL weight do not exist in SFT.
 */
export function settingsThatDiffer(first: Recipe, second: Recipe): string[] {
  return differing(first, second).map((setting) => SETTING_NAMES[setting]);
}

function differing(first: Recipe, second: Recipe): Setting[] {
  const isOther = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) !== JSON.stringify(b ?? null);
  const common = COMMON.filter((name) => isOther(first[name], second[name]));
  if (first.method === 'sft' || second.method === 'sft') {
    const batch = isOther(first.grpo.promptsPerStep, second.grpo.promptsPerStep)
      ? (['grpo.promptsPerStep'] as const)
      : [];
    return [...(first.method === second.method ? [] : (['method'] as const)), ...common, ...batch];
  }
  const own = (['klSchedule', 'rewards'] as const).filter((name) => isOther(first[name], second[name]));
  const fields = Object.keys({ ...first.grpo, ...second.grpo }) as (keyof Recipe['grpo'])[];
  const sampling = fields.filter((name) => isOther(first.grpo[name], second.grpo[name]));
  return [...own, ...common, ...sampling.map((name) => `grpo.${name}` as const)];
}
