/** @file A short training job on the tiny random checkpoint, for tests: each names only what it is about. */
import { join } from 'node:path';
import {
  DEFAULT_ADAPTER,
  DEFAULT_GRPO,
  DEFAULT_GRPO_D_SCHEDULE,
  DEFAULT_OPTIMISER,
  DEFAULT_REWARDS,
} from '../../method/defaults.ts';
import { TrainJob, type EngineSample } from '../../contract/engine/engine.ts';
import type { SampleId } from '../../contract/model/primitives.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import { fixture } from './tiny.ts';

const IMAGES = ['rgb_70x70.png', 'tall_42x98.png', 'grey_37x53.png', 'palette_20x20.png'];

export type RecipeChanges = Partial<Omit<Recipe, 'grpo'>> & { grpo?: Partial<Recipe['grpo']> };

/** One sample per image of the fixture. */
export function tinySamples(prompt: string, answerOf: (index: number) => number): EngineSample[] {
  return IMAGES.map((name, index) => ({
    id: `s-${String(index)}` as SampleId,
    imagePath: join(fixture, 'images', name),
    prompt,
    answer: String(answerOf(index)),
    task: 'counting',
  }));
}

export function tinyJob(
  checkpointRoot: string,
  { grpo, ...recipe }: RecipeChanges = {},
  extra: Partial<TrainJob> = {},
): TrainJob {
  return TrainJob.parse({
    runId: 'run-1',
    modelPath: join(fixture, 'model'),
    checkpointRoot,
    samples: tinySamples('How many things are there?', (index) => index + 1),
    ...extra,
    recipe: {
      name: 'test',
      modelId: 'm',
      modelSha256: 'a'.repeat(64),
      datasetId: 'd',
      datasetSha256: 'b'.repeat(64),
      method: 'grpo-d',
      promptTemplate: '{question}',
      adapter: { ...DEFAULT_ADAPTER, r: 4, loraAlpha: 8 },
      rewards: DEFAULT_REWARDS,
      klSchedule: DEFAULT_GRPO_D_SCHEDULE,
      optimiser: { ...DEFAULT_OPTIMISER, warmupSteps: 0 },
      steps: 4,
      seed: 3,
      checkpointEvery: 2,
      evalSamples: 0,
      ...recipe,
      grpo: { ...DEFAULT_GRPO, promptsPerStep: 2, numGenerations: 4, maxCompletionLength: 8, ...grpo },
    },
  });
}
