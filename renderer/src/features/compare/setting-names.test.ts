/** @file Every setting that can differ has the name of the screens. */
import { expect, it } from 'vitest';
import { type Recipe } from '../../../../electron/contract/api/index.ts';
import {
  DEFAULT_ADAPTER,
  DEFAULT_GRPO,
  DEFAULT_GRPO_D_SCHEDULE,
  DEFAULT_OPTIMISER,
  DEFAULT_REWARDS,
} from '../../../../electron/method/defaults.ts';
import { recipeDifferences } from './recipe-differences.ts';
import { settingName, settingValue } from './setting-names.ts';

/** Settings that no screen offers. */
const UNNAMED = new Set([
  'adapter.targetModules',
  'optimiser.adamBeta1',
  'optimiser.adamBeta2',
  'optimiser.adamEpsilon',
]);

const recipe: Partial<Recipe> = {
  method: 'grpo-d',
  modelSha256: 'a'.repeat(64),
  datasetSha256: 'b'.repeat(64),
  promptTemplate: '{question}',
  systemPrompt: 'Look.',
  adapter: { ...DEFAULT_ADAPTER, layers: ['language', 'merger'] } as Recipe['adapter'],
  frozenWeights: 'nf4',
  rewards: DEFAULT_REWARDS,
  grpo: { ...DEFAULT_GRPO, useBiasCorrectionKl: true },
  klSchedule: DEFAULT_GRPO_D_SCHEDULE,
  optimiser: DEFAULT_OPTIMISER,
  steps: 100,
  seed: 7,
  trainSamples: 9,
  maxPixels: 4000,
  checkpointEvery: 5,
  klShareEvery: 5,
  evalSamples: 4,
  evalEvery: 5,
  evalDuringSamples: 4,
  earlyStoppingPatience: 2,
  loadBestModelAtEnd: true,
};

it('names what differs as the screens do', () => {
  const { rows } = recipeDifferences([{} as Recipe, recipe as Recipe]);
  expect(rows.length).toBeGreaterThan(30);
  const bare = rows.map(({ path }) => path).filter((path) => settingName(path) === undefined);
  expect(bare.filter((path) => !UNNAMED.has(path))).toEqual([]);
});

it('writes values in words where they have some', () => {
  expect(settingValue('klSchedule.kind', 'constant')).toBe('Constant');
  expect(settingValue('adapter.layers', 'language, merger')).toBe('Language model, Merger');
  expect(settingValue('grpo.numGenerations', '8')).toBe('8');
});
