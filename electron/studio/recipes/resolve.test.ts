/** @file Recipes: how defaults complete a short request, and which contradictions are refused. */
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_ACCURACY_SCHEDULE,
  DEFAULT_GRPO,
  DEFAULT_GRPO_D_SCHEDULE,
  DEFAULT_OPTIMISER,
  DEFAULT_TARGET_KL_SCHEDULE,
} from '../../method/defaults.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { Recipe } from '../../contract/model/recipe.ts';
import { RunRequest } from '../../contract/model/runs.ts';
import { recipeSha256, resolveRecipe, type RecipeContext } from './resolve.ts';

const context: RecipeContext = {
  modelSha256: 'a'.repeat(64),
  modelPromptTemplate: '{question} Think first.',
  maxPositions: 512,
  datasetName: 'Counting',
  datasetSha256: 'b'.repeat(64),
  trainSamples: 100,
  testSamples: 40,
  pixelLimits: { minPixels: 3136, maxPixels: 12_845_056, pixelsPerToken: 784 },
  datasetDetail: null,
};
const resolve = (request: Record<string, unknown> = {}, known = context): Recipe =>
  resolveRecipe(RunRequest.parse({ modelId: 'nano', datasetId: 'd1', ...request }), known);

function refusal(request: Record<string, unknown>, known = context): AtelierError {
  try {
    resolve(request, known);
  } catch (error) {
    if (error instanceof AtelierError) return error;
  }
  throw new Error('This recipe was not refused.');
}

describe('the detail of a recipe', () => {
  it('is 1,280 image tokens unless the run, or else its dataset, says otherwise', () => {
    expect(resolve().maxPixels).toBe(1280 * 784);
    const low = { ...context, datasetDetail: 'low' as const };
    expect(resolve({}, low).maxPixels).toBe(256 * 784);
    expect(resolve({ detail: 'original' }, low).maxPixels).toBe(12_845_056);
    expect(resolve({ detail: 401_408 }, low).maxPixels).toBe(401_408);
    expect(resolve({ maxPixels: 401_408 }, low).maxPixels).toBe(401_408);
  });

  it('never exceeds what the checkpoint allows, and an exact number that does is refused', () => {
    const small = { ...context, pixelLimits: { minPixels: 3136, maxPixels: 50_176, pixelsPerToken: 784 } };
    for (const detail of ['low', 'high', 'original']) expect(resolve({ detail }, small).maxPixels).toBe(50_176);
    expect(refusal({ detail: 50_177 }, small).place.field).toBe('detail');
    expect(refusal({ maxPixels: 100 }, small).message).toContain('between 3136 and 50176 pixels');
  });

  it('is refused if it is given twice', () => {
    expect(refusal({ detail: 'low', maxPixels: 401_408 }).message).toContain('set twice');
  });
});

describe('a dataset without a training sample', () => {
  const empty = { ...context, trainSamples: 0 };

  it('is refused with how to get one', () => {
    expect(refusal({}, empty)).toMatchObject({
      message: expect.stringContaining('has no training samples'),
      remedy: expect.stringContaining('smaller share'),
    });
  });

  it('because its images wait for a decision names them and how to decide', () => {
    const undecided = refusal({}, { ...empty, leftOut: { optedOut: 1, undecided: 2 } });
    expect(undecided.message).toContain('2 images are left out until you decide about them, because nothing is known');
    expect(undecided.message).toContain('1 image opted out of training');
    expect(undecided.remedy).toContain('--unknown --reason');
    const optedOut = refusal({}, { ...empty, leftOut: { optedOut: 3, undecided: 0 } });
    expect(optedOut.message).toContain('3 images opted out of training');
  });
});

describe('resolveRecipe', () => {
  it('makes a complete recipe of the shortest request', () => {
    const recipe = resolve();
    expect(Recipe.parse(recipe)).toEqual(recipe);
    expect(recipe).toMatchObject({
      name: 'Counting · GRPO-D',
      method: 'grpo-d',
      klSchedule: DEFAULT_GRPO_D_SCHEDULE,
      promptTemplate: context.modelPromptTemplate,
      datasetSha256: context.datasetSha256,
      steps: 100,
    });
  });

  it('gives each method its own schedule', () => {
    expect(resolve({ method: 'grpo' }).klSchedule).toEqual({ kind: 'constant', beta: 0.04 });
    expect(resolve({ method: 'sft' }).klSchedule).toEqual({ kind: 'constant', beta: 0 });
  });

  it('names what older requests leave out', () => {
    const { minP: _minP, gradientAccumulationSteps: _parts, ...grpo } = DEFAULT_GRPO;
    expect(resolve({ grpo })).toMatchObject({
      grpo: { minP: 0, gradientAccumulationSteps: 1 },
      evalEvery: 0,
      evalDuringSamples: 32,
    });
  });

  it('takes the system prompt that was asked for, else what the model recommends; an empty one is none', () => {
    const recommended = { ...context, modelSystemPrompt: 'Be brief.' };
    expect(resolve({ systemPrompt: 'Count.' }, recommended).systemPrompt).toBe('Count.');
    expect(resolve({}, recommended).systemPrompt).toBe('Be brief.');
    expect(resolve({ systemPrompt: '' }, recommended)).not.toHaveProperty('systemPrompt');
    expect(resolve()).not.toHaveProperty('systemPrompt');
  });

  it('keeps what was asked for', () => {
    const recipe = resolve({
      name: 'Mine',
      steps: 3,
      seed: 5,
      rewards: [{ name: 'accuracy', weight: 2 }],
      evalSamples: 40,
    });
    expect(recipe).toMatchObject({
      name: 'Mine',
      steps: 3,
      seed: 5,
      rewards: [{ name: 'accuracy', weight: 2 }],
      evalSamples: 40,
    });
  });

  it('fits its own defaults to short runs and small datasets instead of refusing them', () => {
    const recipe = resolve({ steps: 2 }, { ...context, trainSamples: 6 });
    expect(recipe.optimiser.warmupSteps).toBe(1);
    expect(recipe.grpo.promptsPerStep).toBe(6);
  });
});

describe('contradictions', () => {
  it.each([
    ['klSchedule', { method: 'grpo-d', klSchedule: { kind: 'constant', beta: 0.04 } }],
    ['klSchedule', { method: 'grpo-d', klSchedule: { kind: 'linear', betaStart: 0.1, betaEnd: 0.1 } }],
    ['klSchedule', { method: 'grpo-d', klSchedule: { ...DEFAULT_GRPO_D_SCHEDULE, kind: 'mean-matched' } }],
    ['klSchedule', { method: 'grpo', klSchedule: DEFAULT_GRPO_D_SCHEDULE }],
    ['klSchedule', { method: 'sft', klSchedule: { kind: 'constant', beta: 0.04 } }],
    ['klSchedule.betaMin', { klSchedule: { ...DEFAULT_GRPO_D_SCHEDULE, betaMin: 0.2 } }],
    [
      'rewards',
      {
        rewards: [
          { name: 'accuracy', weight: 0 },
          { name: 'format', weight: 0 },
        ],
      },
    ],
    [
      'rewards',
      {
        rewards: [
          { name: 'accuracy', weight: 1 },
          { name: 'accuracy', weight: 2 },
        ],
      },
    ],
    ['grpo.promptsPerStep', { grpo: { ...DEFAULT_GRPO, promptsPerStep: 101 } }],
    ['grpo.maxCompletionLength', { grpo: { ...DEFAULT_GRPO, maxCompletionLength: 512 } }],
    ['optimiser.warmupSteps', { steps: 10, optimiser: { ...DEFAULT_OPTIMISER, warmupSteps: 10 } }],
    ['evalSamples', { evalSamples: 41 }],
    ['evalEvery', { evalEvery: 101, steps: 100 }],
    ['evalDuringSamples', { evalEvery: 10, evalDuringSamples: 41 }],
    ['grpo.gradientAccumulationSteps', { grpo: { ...DEFAULT_GRPO, gradientAccumulationSteps: 3 } }],
    ['grpo.gradientAccumulationSteps', { grpo: { ...DEFAULT_GRPO, gradientAccumulationSteps: 32 } }],
    ['grpo.minP', { grpo: { ...DEFAULT_GRPO, minP: 1 } }],
    ['klSchedule.betaMin', { klSchedule: { ...DEFAULT_ACCURACY_SCHEDULE, betaMin: 0.5 } }],
    ['klSchedule.betaStart', { klSchedule: { ...DEFAULT_TARGET_KL_SCHEDULE, betaStart: 0.9 } }],
    ['klSchedule', { klSchedule: DEFAULT_ACCURACY_SCHEDULE, rewards: [{ name: 'format', weight: 1 }] }],
    ['klSchedule', { method: 'grpo', klSchedule: DEFAULT_TARGET_KL_SCHEDULE }],
    ['klSchedule', { method: 'sft', klSchedule: DEFAULT_TARGET_KL_SCHEDULE }],
    ['grpo.useBiasCorrectionKl', { method: 'sft', grpo: { ...DEFAULT_GRPO, useBiasCorrectionKl: true } }],
  ])('%s is refused with a remedy: %j', (field, request) => {
    const error = refusal(request);
    expect(error.code).toBe('BAD_INPUT');
    expect(error.place.field).toBe(field);
    expect(error.remedy).toMatch(/\.$/);
  });

  it('refuses looks at held-out samples where there are none', () => {
    expect(refusal({ evalEvery: 5 }, { ...context, testSamples: 0 }).place.field).toBe('evalEvery');
  });

  it('refuses a dataset without training samples', () => {
    expect(refusal({}, { ...context, trainSamples: 0 }).place.field).toBe('datasetId');
  });

  it('refuses a group of one even where no schema stood in the way', () => {
    const request = {
      ...RunRequest.parse({ modelId: 'nano', datasetId: 'd1' }),
      grpo: { ...DEFAULT_GRPO, numGenerations: 1 },
    };
    expect(() => resolveRecipe(request, context)).toThrow(
      expect.objectContaining({
        place: { field: 'grpo.numGenerations' },
        message: expect.stringContaining('must be at least 2'),
        remedy: expect.stringContaining('8 is usual'),
      }),
    );
  });

  it('allows what only looks odd', () => {
    expect(() =>
      resolve({ method: 'grpo', klSchedule: { ...DEFAULT_GRPO_D_SCHEDULE, kind: 'mean-matched' } }),
    ).not.toThrow();
    expect(() => resolve({ method: 'sft', rewards: [{ name: 'accuracy', weight: 0 }] })).not.toThrow();
    expect(() =>
      resolve({ grpo: { ...DEFAULT_GRPO, maxCompletionLength: 4096 } }, { ...context, maxPositions: null as never }),
    ).not.toThrow();
  });
});

describe("the recipe's name in provenance", () => {
  it('does not depend on the order of keys, and changes with every value', () => {
    const recipe = resolve();
    const turned = Object.fromEntries(Object.entries(recipe).reverse()) as Recipe;
    expect(recipeSha256(turned)).toBe(recipeSha256(recipe));
    expect(recipeSha256({ ...recipe, seed: recipe.seed + 1 })).not.toBe(recipeSha256(recipe));
  });
});
