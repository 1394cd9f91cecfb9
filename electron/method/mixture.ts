/** @file The datasets that a run draws from: one, or several mixed by weight. */
import type { DatasetId } from '../contract/model/primitives.ts';
import type { MixturePart, MixtureRequest, Recipe, WrittenPart } from '../contract/model/recipe.ts';
import { accuracyParamsOf, rewardKey, type AccuracyParams, type RewardSpec } from '../contract/model/rewards.ts';

/** What says which datasets a run draws from. */
export type MixedRecipe = Pick<Recipe, 'datasetId' | 'mixture'>;

/** The datasets of a recipe, the first one first. */
export function datasetIdsOf({ datasetId, mixture }: MixedRecipe): DatasetId[] {
  return mixture === undefined ? [datasetId] : mixture.map((part) => part.datasetId);
}

/** The datasets after the first, ready to be spread into an evaluation. */
export function othersOf(recipe: MixedRecipe): { otherDatasetIds?: DatasetId[] } {
  const [, ...others] = datasetIdsOf(recipe);
  return others.length === 0 ? {} : { otherDatasetIds: others };
}

/** The hash of each dataset of a recipe. */
export function snapshotsOf({ datasetSha256, mixture }: Pick<Recipe, 'datasetSha256' | 'mixture'>): string[] {
  return mixture === undefined ? [datasetSha256] : mixture.map((part) => part.datasetSha256);
}

/** The rewards of each dataset, in the order of the mixture. */
export function rewardsByPart({ rewards, mixture }: Pick<Recipe, 'rewards' | 'mixture'>): (readonly RewardSpec[])[] {
  return mixture === undefined ? [rewards] : mixture.map((part) => part.rewards ?? rewards);
}

/** One reward for each name that occurs, which is how they are recorded: a dataset has no opinion on the others'. */
export function recordedRewards(recipe: Pick<Recipe, 'rewards' | 'mixture'>): RewardSpec[] {
  const named = new Map<string, RewardSpec>();
  for (const spec of rewardsByPart(recipe).flat()) {
    if (!named.has(rewardKey(spec))) named.set(rewardKey(spec), spec);
  }
  return [...named.values()];
}

/** The weights with which each dataset counts `recordedRewards`, in the order of the mixture: 0 for those of the others. */
export function recordedWeights(recipe: Pick<Recipe, 'rewards' | 'mixture'>): number[][] {
  const recorded = recordedRewards(recipe);
  return rewardsByPart(recipe).map((rewards) => {
    const own = new Map(rewards.map((spec) => [rewardKey(spec), spec.weight]));
    return recorded.map((spec) => own.get(rewardKey(spec)) ?? 0);
  });
}

/** What a dataset of a mixture does in its own way, ready to be spread into a sample; nothing if it is like the rest. */
export function ownWay(part: Pick<MixturePart, 'rewards' | 'promptTemplate'> | undefined): {
  promptTemplate?: string;
  accuracy?: AccuracyParams;
} {
  return {
    ...(part?.promptTemplate === undefined ? {} : { promptTemplate: part.promptTemplate }),
    ...(part?.rewards === undefined ? {} : { accuracy: accuracyParamsOf(part.rewards) }),
  };
}

/** What a run did with one of its datasets: its words and its rewards, or else the recipe's. */
export function wayOf(
  { promptTemplate, rewards, mixture }: Pick<Recipe, 'promptTemplate' | 'rewards' | 'mixture'>,
  datasetId: DatasetId | undefined,
): Pick<Recipe, 'promptTemplate' | 'rewards'> {
  const part = mixture?.find((each) => each.datasetId === datasetId);
  return { promptTemplate: part?.promptTemplate ?? promptTemplate, rewards: part?.rewards ?? rewards };
}

/** The dataset that a run draws from most often; of several, the first. */
export function heaviestOf({ datasetId, mixture }: MixedRecipe): DatasetId {
  return byWeight(mixture ?? [])[0]?.datasetId ?? datasetId;
}

/** In which words a run asked. */
export interface AskedAs {
  /** Where all datasets are asked alike, or there is one: the words. Otherwise those of the heaviest dataset. */
  promptTemplate: string;
  /** Only where datasets are asked differently: the name of each with its words, the heaviest first; names are told apart. */
  each: readonly { name: string; promptTemplate: string }[];
}

export function askedAs(recipe: Pick<Recipe, 'promptTemplate' | 'mixture'>): AskedAs {
  const counts = new Map<string, number>();
  const each = byWeight(recipe.mixture ?? []).map(({ name, promptTemplate = recipe.promptTemplate }) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return { name: count === 1 ? name : `${name} (${count})`, promptTemplate };
  });
  const { promptTemplate } = each[0] ?? recipe;
  return { promptTemplate, each: each.every((way) => way.promptTemplate === promptTemplate) ? [] : each };
}

function byWeight(mixture: readonly MixturePart[]): MixturePart[] {
  return [...mixture].sort((a, b) => b.weight - a.weight);
}

/** Names in one line, such as `counting + geometry`, as the name of the whole. */
export function mixtureName(names: readonly string[]): string {
  return names.join(' + ');
}

/** Each dataset with its share of the draws, such as `counting (67%) and geometry (33%)`. */
export function sharesText(mixture: readonly { name: string; weight: number }[]): string {
  const sum = mixture.reduce((total, { weight }) => total + weight, 0);
  const parts = mixture.map(({ name, weight }) => `${name} (${shareText(weight / sum)})`);
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

function shareText(share: number): string {
  const percent = 100 * share;
  return `${percent < 10 ? Number(percent.toFixed(1)) : Math.round(percent)}%`;
}

/** A mixture as a file has it, ready to be spread over a request; nothing if there is one dataset. */
export function writtenMixture({ mixture }: { mixture?: MixtureRequest | undefined }): { mixture?: WrittenPart[] } {
  if (mixture === undefined) return {};
  return {
    mixture: mixture.map(({ datasetId, name, weight, rewards, promptTemplate }) => ({
      ...(name === undefined ? {} : { dataset: name }),
      datasetId,
      weight,
      ...(rewards === undefined ? {} : { rewards }),
      ...(promptTemplate === undefined ? {} : { promptTemplate }),
    })),
  };
}
