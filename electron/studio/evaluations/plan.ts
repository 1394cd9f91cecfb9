/** @file From a request to the exact plan of an evaluation: of a base model, or of a run's newest checkpoint. */
import type { z } from 'zod';
import { DEFAULT_GRPO } from '../../method/defaults.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { EvaluationRequest } from '../../contract/model/evaluations.ts';
import { accuracyParamsOf } from '../../contract/model/rewards.ts';
import type { StudioCore } from '../context.ts';
import type { EvaluationPlan } from './evaluate.ts';
import { mustBeWhole } from '../runs/whole-checkpoint.ts';

export type ParsedEvaluation = z.output<typeof EvaluationRequest>;

/** @throws AtelierError NOT_FOUND, BAD_INPUT where run and model do not belong together, CONFLICT without a checkpoint */
export async function planEvaluation(
  studio: Pick<StudioCore, 'store'>,
  request: ParsedEvaluation,
): Promise<EvaluationPlan> {
  const { store } = studio;
  const model = await store.models.get(request.modelId);
  const { datasetId, split, limit, mode, directTemplate, wordings } = request;
  await store.datasets.get(datasetId);
  const asked = {
    model,
    datasetId,
    split,
    limit,
    mode,
    ...(directTemplate === undefined ? {} : { directTemplate }),
    ...(wordings === undefined ? {} : { wordings }),
  };
  if (request.runId === undefined) {
    return { ...asked, promptTemplate: model.promptTemplate, maxNewTokens: DEFAULT_GRPO.maxCompletionLength };
  }
  const { recipe } = await store.runs.recipeOf(request.runId);
  if (recipe.modelId !== model.id) {
    throw new AtelierError(
      'BAD_INPUT',
      `The run ${request.runId} was trained on the model ${recipe.modelId}, not on ${model.id}.`,
      {
        place: { field: 'modelId' },
        remedy: `Use the model ${recipe.modelId}.`,
      },
    );
  }
  const checkpoint = await store.runs.lastCheckpoint(request.runId);
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
    ...asked,
    tuned: { runId: request.runId, step: checkpoint.step, adapterPath: checkpoint.path, sha256: checkpoint.sha256 },
    promptTemplate: recipe.promptTemplate,
    maxNewTokens: recipe.grpo.maxCompletionLength,
    accuracy: accuracyParamsOf(recipe.rewards),
  };
}
