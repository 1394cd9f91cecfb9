/** @file Scores completions with all rewards of a recipe: the built-in ones here, custom ones in their sandboxes. */
import type { JudgeItem, RewardSpec } from '../../contract/model/rewards.ts';
import { isBuiltIn, scoreBuiltIn, type Score } from '../../rewards/registry.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';

export interface Judge {
  /** `[items][rewards]` in the order of the recipe. @throws AtelierError BAD_INPUT if a custom reward fails */
  score(items: readonly JudgeItem[]): Score[][];
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
