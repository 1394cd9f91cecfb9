/**
 * @file Refuses requests that no dataset could mend. A command that names a folder of pictures checks its request here
 * before it imports them, so that a refusal leaves nothing behind.
 */
import type { z } from 'zod';
import { EvaluationRequest } from '../contract/model/evaluations.ts';
import { ExperimentRequest } from '../contract/model/experiments.ts';
import type { DatasetId, ModelId } from '../contract/model/primitives.ts';
import { RewardBenchRequest } from '../contract/model/rewards.ts';
import type { AdapterRequest } from '../contract/model/recipe.ts';
import { RunRequest } from '../contract/model/runs.ts';
import { readAdapter } from '../formats/peft.ts';
import { inputError } from './contract-errors.ts';
import { refuseContradictions } from './evaluations/plan.ts';
import { refuseLooks } from './experiments/manage.ts';
import { childSpecs } from './experiments/plan.ts';
import { resolveRecipe, type ParsedRunRequest, type RecipeContext } from './recipes/resolve.ts';

/** Stands for data that are not imported yet. */
export function dataToCome(place = 0): DatasetId {
  return `data-${place + 1}` as DatasetId;
}

/** A model and data that are not added yet. */
export const TO_COME = { modelId: 'model-1' as ModelId, datasetId: dataToCome() };

const NO_HASH = '0'.repeat(64);
const MANY = 1_000_000_000;

/** Data with enough of everything, and a model that takes everything: only the recipe itself can be at fault. */
const ANY_DATA: RecipeContext = {
  modelSha256: NO_HASH,
  modelPromptTemplate: '{question}',
  maxPositions: null,
  datasetName: 'data',
  datasetSha256: NO_HASH,
  trainSamples: MANY,
  testSamples: MANY,
  pixelLimits: { minPixels: 1, maxPixels: MANY, pixelsPerToken: 1 },
  datasetDetail: null,
};

/** @throws AtelierError BAD_INPUT */
export function checkRunEarly(request: z.input<typeof RunRequest>): void {
  checkRecipeEarly(parsed(RunRequest, request));
}

/** Reads an adapter made elsewhere, whatever the model is. @throws AtelierError NOT_FOUND or BAD_INPUT */
export async function checkAdapterEarly({ path }: AdapterRequest): Promise<void> {
  if (path !== undefined) await readAdapter(path);
}

/** @throws AtelierError BAD_INPUT */
export function checkEvaluationEarly(request: z.input<typeof EvaluationRequest>): void {
  refuseContradictions(parsed(EvaluationRequest, request));
}

/** @throws AtelierError BAD_INPUT */
export function checkBenchEarly(request: z.input<typeof RewardBenchRequest>): void {
  parsed(RewardBenchRequest, request);
}

/** @throws AtelierError BAD_INPUT */
export function checkExperimentEarly(request: z.input<typeof ExperimentRequest>): void {
  const experiment = parsed(ExperimentRequest, request);
  refuseLooks(experiment);
  for (const { request: run } of childSpecs(experiment)) if (run !== null) checkRecipeEarly(run);
}

function checkRecipeEarly(request: ParsedRunRequest): void {
  const { mixture, startFrom, startAdapter, ...recipe } = request;
  // What an earlier adapter brings along is not known here.
  if (startFrom !== undefined || startAdapter !== undefined) return;
  const parts = mixture?.map((part) => ({ ...part, name: 'data', datasetSha256: NO_HASH }));
  resolveRecipe(recipe, { ...ANY_DATA, ...(parts === undefined ? {} : { mixture: parts }) });
}

function parsed<Schema extends z.ZodType>(schema: Schema, request: z.input<Schema>): z.output<Schema> {
  const read = schema.safeParse(request);
  if (!read.success) throw inputError(read.error.issues);
  return read.data;
}
