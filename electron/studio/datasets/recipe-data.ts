/** @file The samples of all datasets that a recipe draws from. */
import type { EngineSample } from '../../contract/engine/engine.ts';
import type { DatasetSummary, Sample } from '../../contract/model/datasets.ts';
import type { Split } from '../../contract/model/primitives.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import { datasetIdsOf, mixtureName, ownWay, type MixedRecipe } from '../../method/mixture.ts';
import type { Store } from '../../store/connection/open.ts';
import { engineSamples } from './engine-samples.ts';

/** All samples of a recipe's datasets, those that opted out included, in the order of the mixture. */
export async function recipeSamples(
  store: Pick<Store, 'datasets'>,
  recipe: MixedRecipe,
  split?: Split,
  asOf?: string,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  // One after another: a dataset may have 50,000 samples, and a call so many arguments.
  for (const id of datasetIdsOf(recipe))
    for (const sample of await store.datasets.allSamples(id, split, asOf)) samples.push(sample);
  return samples;
}

export async function recipeDatasets(store: Pick<Store, 'datasets'>, recipe: MixedRecipe): Promise<DatasetSummary[]> {
  const datasets: DatasetSummary[] = [];
  for (const id of datasetIdsOf(recipe)) datasets.push(await store.datasets.get(id));
  return datasets;
}

/** A recipe's data as one dataset, for papers that state one: the name names all, and it is as old as the youngest. */
export async function recipeDataset(store: Pick<Store, 'datasets'>, recipe: MixedRecipe): Promise<DatasetSummary> {
  const datasets = await recipeDatasets(store, recipe);
  const [first] = datasets;
  if (first === undefined) throw new Error('A recipe has a dataset.');
  if (datasets.length === 1) return first;
  return {
    ...first,
    name: mixtureName(datasets.map(({ name }) => name)),
    createdAt: datasets.map(({ createdAt }) => createdAt).reduce((last, at) => (at > last ? at : last)),
    unknownUse: datasets.some(({ unknownUse }) => unknownUse === 'use') ? 'use' : first.unknownUse,
  };
}

/**
 * The training samples of a recipe as the engine expects them, each with its dataset's own way.
 * @param asOf ignores overrides decided after this time (ISO 8601)
 * @throws AtelierError NOT_FOUND if an image is missing
 */
export async function trainingSamples(
  store: Pick<Store, 'datasets' | 'blobs'>,
  recipe: Pick<Recipe, 'datasetId' | 'mixture' | 'trainSamples'>,
  asOf?: string,
): Promise<EngineSample[]> {
  const { mixture, datasetId, trainSamples = 0 } = recipe;
  if (mixture === undefined) return await engineSamples(store, datasetId, 'train', trainSamples, asOf);
  return (await ofParts(store, recipe, 'train', 0, asOf)).flat();
}

/** The first samples of a split, taken from the datasets in turn, as many as asked for; 0 = all. */
export async function firstSamples(
  store: Pick<Store, 'datasets' | 'blobs'>,
  recipe: MixedRecipe,
  split: Split,
  limit: number,
  asOf?: string,
): Promise<EngineSample[]> {
  if (recipe.mixture === undefined) return await engineSamples(store, recipe.datasetId, split, limit, asOf);
  const parts = await ofParts(store, recipe, split, limit, asOf);
  const inTurn = Array.from({ length: Math.max(...parts.map(({ length }) => length)) }, (_, place) =>
    parts.flatMap((samples) => samples[place] ?? []),
  ).flat();
  return limit === 0 ? inTurn : inTurn.slice(0, limit);
}

/** So many samples of each dataset. */
async function ofParts(
  store: Pick<Store, 'datasets' | 'blobs'>,
  { mixture = [] }: MixedRecipe,
  split: Split,
  limit: number,
  asOf: string | undefined,
): Promise<EngineSample[][]> {
  const parts: EngineSample[][] = [];
  for (const [part, own] of mixture.entries()) {
    const samples = await engineSamples(store, own.datasetId, split, limit, asOf);
    parts.push(samples.map((sample) => ({ ...sample, part, ...ownWay(own) })));
  }
  return parts;
}
