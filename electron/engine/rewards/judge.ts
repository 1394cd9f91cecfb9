/** @file Scores completions with all rewards of a recipe: the built-in ones here, custom ones in their sandboxes. */
import type { Recipe } from '../../contract/model/recipe.ts';
import { rewardKey, type JudgeItem, type RewardSpec } from '../../contract/model/rewards.ts';
import { recordedRewards, rewardsByPart } from '../../method/mixture.ts';
import { isBuiltIn, scoreBuiltIn, type Score } from '../../rewards/registry.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';

/** A completion, and the place of its dataset in the recipe's mixture; absent = the first. */
export type MixedItem = JudgeItem & { part?: number | undefined };

export interface Judge {
  /** `[items][rewards]` in the order of the recipe. @throws AtelierError BAD_INPUT if a custom reward fails */
  score(items: readonly MixedItem[]): Score[][];
  close(): void;
}

/** Opens a sandbox for each custom reward. Close the judge when you are done. @throws AtelierError BAD_INPUT */
export async function openJudge(specs: readonly RewardSpec[]): Promise<Judge> {
  const sandboxes = new Map<RewardSpec, Sandbox>();
  const close = (): void => {
    for (const sandbox of sandboxes.values()) sandbox.close();
  };
  try {
    for (const spec of specs) if (!isBuiltIn(spec)) sandboxes.set(spec, await openSandbox(spec.params));
  } catch (error) {
    close();
    throw error;
  }
  return {
    score: (items) => {
      const columns = specs.map((spec) => {
        if (isBuiltIn(spec)) return items.map((item) => scoreBuiltIn(spec, item.completion, item));
        return sandboxes.get(spec)?.score(items) ?? [];
      });
      return items.map((_, row) => columns.map((column) => column[row] ?? null));
    },
    close,
  };
}

/**
 * A judge for a recipe. In a mixture each completion is scored by the rewards of its own dataset, and those of the others
 * have no opinion on it. `[items][recordedRewards]`
 */
export async function openRecipeJudge(recipe: Pick<Recipe, 'rewards' | 'mixture'>): Promise<Judge> {
  if (recipe.mixture === undefined) return await openJudge(recipe.rewards);
  const keys = recordedRewards(recipe).map(rewardKey);
  const parts: { judge: Judge; columns: number[] }[] = [];
  const close = (): void => {
    for (const { judge } of parts) judge.close();
  };
  try {
    for (const rewards of rewardsByPart(recipe))
      parts.push({ judge: await openJudge(rewards), columns: rewards.map((spec) => keys.indexOf(rewardKey(spec))) });
  } catch (error) {
    close();
    throw error;
  }
  return {
    score: (items) => {
      const scores: Score[][] = items.map(() => keys.map(() => null));
      parts.forEach(({ judge, columns }, part) => {
        const rows = items.flatMap((item, row) => ((item.part ?? 0) === part ? [row] : []));
        if (rows.length === 0) return;
        const judged = judge.score(rows.map((row) => items[row] as MixedItem));
        rows.forEach((row, at) => {
          columns.forEach((column, reward) => ((scores[row] as Score[])[column] = judged[at]?.[reward] ?? null));
        });
      });
      return scores;
    },
    close,
  };
}
