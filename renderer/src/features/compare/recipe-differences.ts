/** @file The settings in which recipes differ: one row per setting, one value per recipe. */
import type { Recipe } from '../../../../electron/contract/api/index.ts';

export type Difference = { path: string; values: (string | undefined)[] };

/** These name a run or follow from other settings; they do not explain why one run is better. */
const silent: ReadonlySet<string> = new Set(['name', 'modelId', 'datasetId']);

/** Settings that differ between the recipes, in recipe order; `alike` counts those that do not. */
export function recipeDifferences(recipes: readonly Recipe[]): { rows: Difference[]; alike: number } {
  const flat = recipes.map((recipe) => flattened(recipe));
  const paths = [...new Set(flat.flatMap((entries) => [...entries.keys()]))];
  const rows = paths.map((path) => ({ path, values: flat.map((entries) => entries.get(path)) }));
  const differing = rows.filter(({ values }) => new Set(values).size > 1);
  return { rows: differing, alike: rows.length - differing.length };
}

function flattened(recipe: Recipe): Map<string, string> {
  const entries = new Map<string, string>();
  for (const [key, value] of Object.entries(recipe)) {
    if (silent.has(key)) continue;
    if (key === 'rewards')
      for (const reward of recipe.rewards) put(entries, `rewards.${rewardName(reward)}`, reward.weight);
    else if (key === 'mixture')
      for (const { name, weight } of recipe.mixture ?? []) put(entries, `mixture.${name}`, weight);
    else put(entries, key, value);
  }
  return entries;
}

function rewardName(reward: Recipe['rewards'][number]): string {
  return reward.name === 'custom' ? `custom:${reward.params.label}` : reward.name;
}

function put(entries: Map<string, string>, path: string, value: unknown): void {
  if (value === undefined || value === null) return;
  if (Array.isArray(value)) entries.set(path, value.join(', '));
  else if (typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) put(entries, `${path}.${key}`, inner);
  } else if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') {
    entries.set(path, path.endsWith('Sha256') ? String(value).slice(0, 12) : String(value));
  }
}
