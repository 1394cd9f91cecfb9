/** @file Schema errors are explained in words that say what to write instead. */
import { expect, it } from 'vitest';
import { z } from 'zod';
import {
  DEFAULT_ADAPTER,
  DEFAULT_GRPO,
  DEFAULT_GRPO_D_SCHEDULE,
  DEFAULT_OPTIMISER,
  DEFAULT_REWARDS,
} from '../../method/defaults.ts';
import { issueWords } from './issue-words.ts';
import { HubName } from '../model/hub.ts';
import { Recipe } from '../model/recipe.ts';

const recipe = Recipe.parse({
  name: 'test',
  modelId: 'm',
  modelSha256: 'a'.repeat(64),
  datasetId: 'd',
  datasetSha256: 'b'.repeat(64),
  method: 'grpo-d',
  promptTemplate: '{question}',
  adapter: DEFAULT_ADAPTER,
  rewards: DEFAULT_REWARDS,
  grpo: DEFAULT_GRPO,
  klSchedule: DEFAULT_GRPO_D_SCHEDULE,
  optimiser: DEFAULT_OPTIMISER,
  steps: 10,
  seed: 7,
  checkpointEvery: 5,
  evalSamples: 0,
});

it.each<[field: string, change: object, wrong: string, remedy: RegExp]>([
  [
    'grpo.numGenerations',
    { grpo: { ...DEFAULT_GRPO, numGenerations: 1 } },
    'must be at least 2',
    /8 is usual.*no advantage/,
  ],
  [
    'grpo.maxCompletionLength',
    { grpo: { ...DEFAULT_GRPO, maxCompletionLength: 1e5 } },
    'must be at most 4096',
    /context/,
  ],
  ['grpo.minP', { grpo: { ...DEFAULT_GRPO, minP: 1.5 } }, 'must be at most 1', /at most 1\.$/],
  ['grpo.topP', { grpo: { ...DEFAULT_GRPO, topP: 0 } }, 'must be above 0', /above 0\.$/],
  ['grpo.temperature', { grpo: { ...DEFAULT_GRPO, temperature: NaN } }, 'must be a number', /Use a number\.$/],
  ['grpo.promptsPerStep', { grpo: { ...DEFAULT_GRPO, promptsPerStep: 2.5 } }, 'must be a whole number', /whole number/],
  [
    'grpo.lossType',
    { grpo: { ...DEFAULT_GRPO, lossType: 'ppo' } },
    'must be one of grpo, bnpo, dapo, dr_grpo',
    /Use one of grpo/,
  ],
  [
    'klSchedule.betaMin',
    { klSchedule: { ...DEFAULT_GRPO_D_SCHEDULE, betaMin: -1 } },
    'must be at least 0',
    /at least 0/,
  ],
  [
    'klSchedule.explorationRatio',
    { klSchedule: { ...DEFAULT_GRPO_D_SCHEDULE, explorationRatio: 1 } },
    'must be below 1',
    /below 1/,
  ],
  [
    'optimiser.learningRate',
    { optimiser: { ...DEFAULT_OPTIMISER, learningRate: 'fast' } },
    'must be a number',
    /Use a number\./,
  ],
  ['steps', { steps: undefined }, 'is missing', /Give it a value\./],
  ['optimiser.learningRate', { optimiser: { ...DEFAULT_OPTIMISER, learningRate: undefined } }, 'is missing', /value/],
  ['rewards.0.weight', { rewards: [{ name: 'accuracy', weight: -1 }] }, 'must be at least 0', /gives less for it/],
  [
    'rewards.0.params',
    { rewards: [{ name: 'accuracy', weight: 1, params: { tolerence: 1 } }] },
    'has a field that is not known: "tolerence"',
    /Correct its name/,
  ],
])('%s', (field, change, wrong, remedy) => {
  const issue = Recipe.safeParse({ ...recipe, ...change }).error?.issues[0];
  const words = issueWords(issue ?? { message: 'This was not refused.' });
  expect(words).toMatchObject({ field, wrong });
  expect(words.remedy).toMatch(remedy);
});

it('ends the message of a schema as a sentence does', () => {
  const issue = HubName.safeParse('bad name').error?.issues[0];
  expect(issueWords(issue ?? { message: '' }).wrong).toBe('cannot be used: a model on the hub is named OWNER/NAME');
});

it('falls back on the message of the schema', () => {
  const issue = z
    .string()
    .refine(() => false, 'it is not "a"')
    .safeParse('b').error?.issues[0];
  const words = issueWords(issue ?? { message: '' });
  expect(words.field).toBe('');
  expect(words.wrong).toMatch(/^cannot be used: .*"a"/);
});
