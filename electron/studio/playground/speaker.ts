/** @file Who answers in the playground: a model as it is, or with the adapter of a run's checkpoint. */
import type { z } from 'zod';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { PlaygroundImage, PlaygroundRequest } from '../../contract/model/playground.ts';
import type { DatasetId, RunId } from '../../contract/model/primitives.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import type { RewardSpec } from '../../contract/model/rewards.ts';
import { readCheckpointSettings } from '../../formats/checkpoint.ts';
import { DEFAULT_REWARDS } from '../../method/defaults.ts';
import { datasetIdsOf, heaviestOf, wayOf } from '../../method/mixture.ts';
import type { StudioCore } from '../context.ts';
import { chosenCheckpoint } from '../runs/chosen-checkpoint.ts';
import { mustBeWhole } from '../runs/whole-checkpoint.ts';

export interface Speaker {
  modelPath: string;
  checkpoint: { path: string; step: number } | null;
  promptTemplate: string;
  systemPrompt: string | null;
  rewards: readonly RewardSpec[];
  /** Absent for a base model that is asked in its own words. */
  recipe?: Recipe;
}

type Asked = Pick<z.output<typeof PlaygroundRequest>, 'modelId' | 'runId' | 'step' | 'datasetId' | 'wordsOf'> & {
  images?: readonly PlaygroundImage[];
};

/**
 * @throws AtelierError NOT_FOUND for an unknown model, run or step; CONFLICT for a run without a checkpoint; BAD_INPUT for a
 *   run of another model, or a dataset that the run did not learn from
 */
export async function speakerOf(
  { store }: Pick<StudioCore, 'store'>,
  { modelId, runId, step, datasetId, wordsOf, images = [] }: Asked,
): Promise<Speaker> {
  const model = await store.models.get(modelId);
  if (runId === undefined) {
    if (datasetId !== undefined) {
      throw new AtelierError(
        'BAD_INPUT',
        `The model ${model.name} is asked in its own words, not in those of a dataset.`,
        { place: { field: 'datasetId' }, remedy: 'Name a run too, or leave the dataset out.' },
      );
    }
    if (wordsOf !== undefined) {
      const { runId: asRun, datasetId: asDataset } = wordsOf;
      const way = await wayOfRun(store, model, asRun, { datasetId: asDataset, images });
      return { modelPath: model.path, checkpoint: null, ...way };
    }
    const { promptTemplate, path } = model;
    const { systemPrompt } = await readCheckpointSettings(path);
    return { modelPath: path, checkpoint: null, promptTemplate, systemPrompt, rewards: DEFAULT_REWARDS };
  }
  if (wordsOf !== undefined) {
    throw new AtelierError('BAD_INPUT', 'A run is asked in its own words, not in those of another.', {
      place: { field: 'wordsOf' },
      remedy: 'Name one of the two.',
    });
  }
  const way = await wayOfRun(store, model, runId, { datasetId, images });
  const checkpoint = await chosenCheckpoint({ runs: store.runs }, runId, step);
  if (checkpoint === null) {
    throw new AtelierError('CONFLICT', `The run ${runId} has no checkpoint yet, so it cannot answer.`, {
      place: { field: 'runId' },
      remedy: 'Wait for its first checkpoint.',
    });
  }
  await mustBeWhole(checkpoint);
  return { modelPath: model.path, checkpoint, ...way };
}

/** How a run of this model asks and scores. @throws AtelierError as `speakerOf` does */
async function wayOfRun(
  store: StudioCore['store'],
  model: { id: string; name: string },
  runId: RunId,
  asked: { datasetId: DatasetId | undefined; images: readonly PlaygroundImage[] },
): Promise<Pick<Speaker, 'promptTemplate' | 'systemPrompt' | 'rewards'> & { recipe: Recipe }> {
  const { recipe } = await store.runs.recipeOf(runId);
  if (recipe.modelId !== model.id) {
    throw new AtelierError('BAD_INPUT', `The run ${runId} was not trained on the model ${model.name}.`, {
      place: { field: 'modelId' },
      remedy: `Ask the model ${recipe.modelId}, on which it was trained.`,
    });
  }
  const { systemPrompt = null } = recipe;
  const { promptTemplate, rewards } = wayOf(recipe, await askedDataset(store, recipe, asked));
  return { promptTemplate, systemPrompt, rewards, recipe };
}

/** A question about a picture of your own belongs to no dataset: of a mixture, it is asked as the heaviest one's. */
async function askedDataset(
  store: StudioCore['store'],
  recipe: Recipe,
  { datasetId, images }: { datasetId: DatasetId | undefined; images: readonly PlaygroundImage[] },
): Promise<DatasetId> {
  const learned = datasetIdsOf(recipe);
  if (datasetId !== undefined) {
    if (learned.includes(datasetId)) return datasetId;
    const nameOf = await datasetNames(store);
    throw new AtelierError('BAD_INPUT', `The run did not learn from the dataset "${nameOf(datasetId)}".`, {
      place: { field: 'datasetId' },
      remedy: `Use one of: ${learned.map(nameOf).join(', ')}.`,
    });
  }
  const [first] = images;
  if (first?.kind !== 'sample' || learned.length === 1) return heaviestOf(recipe);
  const { datasetId: ofPicture } = await store.datasets.sample(first.sampleId);
  return learned.includes(ofPicture) ? ofPicture : heaviestOf(recipe);
}

/** The name of a dataset, with its id where another one has the same name. */
async function datasetNames(store: StudioCore['store']): Promise<(id: DatasetId) => string> {
  const all = await store.datasets.list();
  return (id) => {
    const name = all.find((each) => each.id === id)?.name;
    if (name === undefined) return id;
    return all.filter((each) => each.name === name).length > 1 ? `${name}, ${id}` : name;
  };
}
