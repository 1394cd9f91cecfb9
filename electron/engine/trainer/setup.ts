/** @file What is read and decided before a training program is built. */
import type { RecipeJob } from '../../contract/engine/engine.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { noOwnOps } from '../../method/own-ops.ts';
import type { LoraConfig, Recipe } from '../../contract/model/recipe.ts';
import { freshAdapter, loadAdapter, loadModel, type LoadedAdapter, type LoadedModel } from '../policy/loaded-model.ts';
import { checkContext, measureSamples } from '../policy/prepare-samples.ts';
import { takesNf4 } from '../policy/precision.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { roundUp, shapeFor, type PreparedPrompt } from '../training/batch.ts';
import type { PolicyShape } from '../training/policy-program.ts';
import { referenceText } from '../training/sft/sft-step.ts';
import type { AttributionMode } from './attribution.ts';

/** What a job asks of its training program beyond the recipe. */
export interface TrainingPurpose {
  /** How each step is attributed to its groups; null = not at all. */
  attribution: AttributionMode | null;
  /** Whether there are interim evaluations. */
  evaluates: boolean;
  /** Holds image features that do not fit in memory, so that later epochs need not encode them again. */
  featureFolder?: string;
}

export interface TrainingSetup extends TrainingPurpose {
  job: RecipeJob;
  model: LoadedModel;
  /** Null = the language model's own weights are trained. */
  adapter: LoadedAdapter | null;
  /** Names of the trained tensors. */
  trainable: readonly string[];
  prompts: readonly PreparedPrompt[];
  /** The tokens that a supervised job imitates for each sample; empty for the other methods. */
  targets: readonly (readonly number[])[];
  /** Shape of a whole step. */
  shape: PolicyShape;
  /** Into how many lanes batches are divided (runtime/threads.ts). */
  lanes: number;
}

/**
 * Loads the model without its weights and measures all samples. Nothing large is read or allocated.
 * @param stated take the pictures' sizes from the job instead of their files
 * @throws AtelierError naming the file, sample or field
 */
export async function prepareTraining(
  job: RecipeJob,
  purpose: TrainingPurpose,
  { stated = false }: { stated?: boolean } = {},
): Promise<TrainingSetup> {
  const { recipe } = job;
  const model = await loadModel(job.modelPath, recipe);
  const prompts = await measureSamples(model, recipe, job.samples, { stated });
  checkContext(model, prompts, recipe.grpo.maxCompletionLength, 'grpo.maxCompletionLength');
  const first = recipe.adapter.kind === 'lora' ? await firstAdapter(job, recipe.adapter, model) : null;
  const adapter = await onFrozenWeights(recipe, first);
  const targets = await targetsOf(job, model);
  await model.processor.rest();
  const shape = trainingShape(job, prompts, targets);
  const { lanes } = await loadRuntime();
  const trainable = trainableNames(model, adapter);
  return { ...purpose, job, model, adapter, trainable, prompts, targets, shape, lanes };
}

/**
 * The adapter that training begins with.
 * @throws AtelierError BAD_INPUT if the folder's adapter is not of the recipe's rank, alpha and modules
 */
async function firstAdapter(
  { initialAdapter, recipe }: RecipeJob,
  config: LoraConfig,
  model: LoadedModel,
): Promise<LoadedAdapter> {
  const fresh = freshAdapter(config, model, recipe.seed);
  if (initialAdapter === undefined) return fresh;
  const given = await loadAdapter(initialAdapter, model);
  const names = Object.keys(fresh.shapes);
  const alike =
    // The alpha of an adapter with rsLoRA was computed.
    Math.abs(given.scaling / fresh.scaling - 1) < 1e-9 &&
    names.length === Object.keys(given.shapes).length &&
    names.every((name) => String(given.shapes[name]) === String(fresh.shapes[name]));
  if (alike) return { ...fresh, scaling: given.scaling, values: given.values };
  throw new AtelierError(
    'BAD_INPUT',
    `The adapter in ${initialAdapter} does not have the recipe's rank, alpha and layers.`,
    {
      place: { file: initialAdapter, field: 'adapter' },
      remedy: 'Use the adapter settings of the run that it comes from.',
    },
  );
}

/** The adapter with what the recipe makes of the frozen weights, however the base of an adapter that it begins with was kept. */
async function onFrozenWeights(
  { frozenWeights }: Pick<Recipe, 'frozenWeights'>,
  adapter: LoadedAdapter | null,
): Promise<LoadedAdapter | null> {
  if (frozenWeights !== 'nf4' || adapter === null) return adapter;
  if (takesNf4(await loadRuntime())) return { ...adapter, frozenWeights };
  throw noOwnOps();
}

/** Full fine-tuning trains the language model. The vision tower stays frozen, so that image features are computed once. */
function trainableNames(model: LoadedModel, adapter: LoadedAdapter | null): string[] {
  if (adapter !== null) return Object.keys(adapter.shapes);
  return Object.keys(model.shapes).filter((name) => !name.startsWith('visual.'));
}

/** The reference text of each sample and the end token; none unless the job is supervised. */
async function targetsOf({ recipe, samples }: RecipeJob, { processor }: LoadedModel): Promise<number[][]> {
  if (recipe.method !== 'sft') return [];
  const end = processor.eosIds[0] ?? processor.padId;
  const targets: number[][] = [];
  for (const sample of samples) targets.push([...(await processor.tokenizer.encode(referenceText(sample))), end]);
  return targets;
}

function trainingShape(
  { recipe }: RecipeJob,
  prompts: readonly PreparedPrompt[],
  targets: TrainingSetup['targets'],
): PolicyShape {
  const supervised = recipe.method === 'sft';
  const longest = supervised
    ? targets.reduce((most, { length }) => Math.max(most, length), 0)
    : recipe.grpo.maxCompletionLength;
  return {
    ...shapeFor(prompts, recipe.grpo.promptsPerStep),
    groupSize: supervised ? 1 : recipe.grpo.numGenerations,
    completionLength: Math.max(2, supervised ? roundUp(longest, 4) : longest),
  };
}
