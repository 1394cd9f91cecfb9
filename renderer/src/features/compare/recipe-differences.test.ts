/** @file Only differences are listed, and equal settings are counted. */
import { describe, expect, it } from 'vitest';
import { type Recipe } from '../../../../electron/contract/api/index.ts';
import {
  DEFAULT_ADAPTER,
  DEFAULT_GRPO,
  DEFAULT_GRPO_D_SCHEDULE,
  DEFAULT_GRPO_SCHEDULE,
  DEFAULT_OPTIMISER,
  DEFAULT_REWARDS,
} from '../../../../electron/method/defaults.ts';
import { recipeDifferences } from './recipe-differences.ts';

const recipe = {
  name: 'One',
  method: 'grpo-d',
  modelSha256: 'a'.repeat(64),
  adapter: DEFAULT_ADAPTER,
  rewards: DEFAULT_REWARDS,
  grpo: DEFAULT_GRPO,
  klSchedule: DEFAULT_GRPO_D_SCHEDULE,
  optimiser: DEFAULT_OPTIMISER,
  steps: 100,
} as Recipe;

describe('recipeDifferences', () => {
  it('tells nothing about recipes that differ in name only', () => {
    const { rows, alike } = recipeDifferences([recipe, { ...recipe, name: 'Two' }]);
    expect(rows).toEqual([]);
    expect(alike).toBeGreaterThan(20);
  });

  it('names each setting once, with what is not set left open', () => {
    const other: Recipe = {
      ...recipe,
      method: 'grpo',
      klSchedule: DEFAULT_GRPO_SCHEDULE,
      rewards: [{ name: 'accuracy', weight: 2 }],
    };
    const { rows } = recipeDifferences([recipe, other]);
    expect(rows).toContainEqual({ path: 'method', values: ['grpo-d', 'grpo'] });
    expect(rows).toContainEqual({ path: 'rewards.accuracy', values: ['1', '2'] });
    expect(rows).toContainEqual({ path: 'rewards.format', values: ['1', undefined] });
    expect(rows).toContainEqual({ path: 'klSchedule.betaMax', values: ['0.1', undefined] });
    expect(rows.some(({ path }) => path.startsWith('grpo.'))).toBe(false);
  });
});
