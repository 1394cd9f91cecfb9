/** @file The exact plan for evaluating a base model or a run's newest checkpoint. */
import type { z } from 'zod';
import { DEFAULT_DRIFT_SAMPLES, DEFAULT_GRPO, DEFAULT_SAMPLES } from '../../method/defaults.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { EvaluationMode, EvaluationRequest } from '../../contract/model/evaluations.ts';
import type { ModelSummary } from '../../contract/model/models.ts';
import type { DatasetId, RunId, Split } from '../../contract/model/primitives.ts';
import type { MixturePart } from '../../contract/model/recipe.ts';
import { accuracyParamsOf, type AccuracyParams } from '../../contract/model/rewards.ts';
import { readCheckpointSettings } from '../../formats/checkpoint.ts';
import { wayOf } from '../../method/mixture.ts';
import { systemOf } from '../../method/prompt-template.ts';
import type { StudioCore } from '../context.ts';
import { limitFor } from '../models/detail.ts';
import { chosenCheckpoint } from '../runs/chosen-checkpoint.ts';
import { mustBeWhole } from '../runs/whole-checkpoint.ts';

export type ParsedEvaluation = z.output<typeof EvaluationRequest>;

export interface EvaluationPlan {
  model: ModelSummary;
  /** The run and step whose adapter is used; absent = the base model. */
  tuned?: { runId: RunId; step: number; adapterPath: string; sha256: string };
  datasetId: DatasetId;
  /** Further datasets that are asked too; absent = none. */
  otherDatasetIds?: readonly DatasetId[];
  /** Which of these datasets are asked, and read, in a way of their own; absent = none. */
  mixture?: readonly MixturePart[];
  split: Split;
  /** 0 = every sample of the split, otherwise this many of each dataset from the start. */
  limit: number;
  promptTemplate: string;
  /** Absent = none. */
  systemPrompt?: string;
  maxNewTokens: number;
  /** Pixels that the pictures are limited to; absent = the checkpoint's own limit. */
  maxPixels?: number;
  /** Opt-outs decided after this do not count: a run keeps the questions it started with. Absent = now. */
  asOf?: string;
  /** How answers are parsed; absent = according to their task. */
  accuracy?: AccuracyParams;
  /** Absent = `reasoning`. */
  mode?: EvaluationMode;
  /** For the mode `direct`: a template other than the default. */
  directTemplate?: string;
  /** For the mode `sensitivity`: your own wordings. */
  wordings?: readonly string[];
  /** For the modes `samples` and `drift`: answers to each question. */
  samples?: number;
}

/** @throws AtelierError NOT_FOUND, BAD_INPUT if run and model do not belong together, CONFLICT without a checkpoint */
export async function planEvaluation(
  studio: Pick<StudioCore, 'store'>,
  request: ParsedEvaluation,
): Promise<EvaluationPlan> {
  const { store } = studio;
  const model = await store.models.get(request.modelId);
  const { datasetId, otherDatasetIds = [], split, limit, mode, directTemplate, wordings, samples, detail } = request;
  refuseContradictions(request);
  for (const [index, id] of [datasetId, ...otherDatasetIds].entries()) {
    await store.datasets.get(id);
    if (index > 0 && [datasetId, ...otherDatasetIds].indexOf(id) !== index)
      throw new AtelierError('BAD_INPUT', `The dataset ${id} is named twice.`, {
        place: { field: 'otherDatasetIds' },
        remedy: 'Name each dataset once.',
      });
  }
  const asked = {
    model,
    datasetId,
    ...(otherDatasetIds.length === 0 ? {} : { otherDatasetIds }),
    split,
    limit,
    mode,
    ...(directTemplate === undefined ? {} : { directTemplate }),
    ...(wordings === undefined ? {} : { wordings }),
    ...(mode === 'samples' ? { samples: samples ?? DEFAULT_SAMPLES } : {}),
    ...(mode === 'drift' ? { samples: samples ?? DEFAULT_DRIFT_SAMPLES } : {}),
  };
  const run = request.runId ?? request.likeRun;
  if (run === undefined) {
    return {
      ...asked,
      ...(await limitFor(studio, model.path, { detail, datasetId })),
      promptTemplate: model.promptTemplate,
      ...systemOf((await readCheckpointSettings(model.path)).systemPrompt),
      maxNewTokens: DEFAULT_GRPO.maxCompletionLength,
    };
  }
  const { recipe } = await store.runs.recipeOf(run);
  if (recipe.modelId !== model.id) {
    throw new AtelierError(
      'BAD_INPUT',
      `The run ${run} was trained on the model ${recipe.modelId}, not on ${model.id}.`,
      {
        place: { field: 'modelId' },
        remedy: `Use the model ${recipe.modelId}.`,
      },
    );
  }
  // One dataset of a mixture is asked and read as the run did; of several, each in its own way.
  const own = wayOf(recipe, otherDatasetIds.length === 0 ? datasetId : undefined);
  const asTrained = {
    ...asked,
    promptTemplate: own.promptTemplate,
    ...systemOf(recipe.systemPrompt),
    maxNewTokens: recipe.grpo.maxCompletionLength,
    ...(await limitFor(studio, model.path, { detail, recipe })),
    accuracy: accuracyParamsOf(own.rewards),
    ...(recipe.mixture === undefined || otherDatasetIds.length === 0 ? {} : { mixture: recipe.mixture }),
  };
  if (request.runId === undefined) return asTrained;
  if (mode === 'drift' && recipe.adapter.kind !== 'lora') {
    throw new AtelierError(
      'BAD_INPUT',
      `The run ${request.runId} trained all weights, and drift is measured by switching an adapter off.`,
      { place: { field: 'mode' }, remedy: 'Compare its evaluations with those of the base model instead.' },
    );
  }
  const checkpoint = await chosenCheckpoint(store, request.runId, request.step);
  if (checkpoint === null) {
    throw new AtelierError(
      'CONFLICT',
      `The run ${request.runId} has no checkpoint yet, so it has nothing to evaluate.`,
      {
        place: { field: 'runId' },
        remedy: 'Wait for its first checkpoint.',
      },
    );
  }
  await mustBeWhole(checkpoint);
  return {
    ...asTrained,
    tuned: { runId: request.runId, step: checkpoint.step, adapterPath: checkpoint.path, sha256: checkpoint.sha256 },
  };
}

/** @throws AtelierError BAD_INPUT for a request that contradicts itself, whatever its data */
export function refuseContradictions(request: ParsedEvaluation): void {
  const { mode, samples } = request;
  if (samples !== undefined && mode !== 'samples' && mode !== 'drift') {
    throw new AtelierError(
      'BAD_INPUT',
      `In the mode "${mode}", each question is answered greedily, so the number of samples has no effect.`,
      {
        place: { field: 'samples' },
        remedy: 'Leave it out, or choose the mode "samples" or "drift".',
      },
    );
  }
  if (request.runId !== undefined && request.likeRun !== undefined) {
    throw new AtelierError(
      'BAD_INPUT',
      'A run is evaluated as it was trained, so no other run can say how to ask it.',
      {
        place: { field: 'likeRun' },
        remedy: 'Name only one of the two runs.',
      },
    );
  }
  refuseWithoutRun(request);
}

function refuseWithoutRun({ mode, runId, step }: ParsedEvaluation): void {
  if (runId !== undefined) return;
  if (mode === 'drift') {
    throw new AtelierError('BAD_INPUT', 'Drift is how far a run moved its base model, so it needs a run.', {
      place: { field: 'runId' },
      remedy: 'Name a run.',
    });
  }
  if (step !== undefined) {
    throw new AtelierError('BAD_INPUT', 'Only a run has steps.', {
      place: { field: 'step' },
      remedy: 'Name a run, or leave the step out.',
    });
  }
}

/** The plan of a queued request. Those queued by earlier versions say nothing about detail. */
export async function planQueued(
  studio: Pick<StudioCore, 'store'>,
  request: ParsedEvaluation,
): Promise<EvaluationPlan> {
  const silent = request.detail === undefined && request.runId === undefined && request.likeRun === undefined;
  return await planEvaluation(studio, silent ? { ...request, detail: 'original' } : request);
}

/** All datasets that a plan asks, the first one first. */
export function askedDatasets({ datasetId, otherDatasetIds = [] }: EvaluationPlan): DatasetId[] {
  return [datasetId, ...otherDatasetIds];
}
