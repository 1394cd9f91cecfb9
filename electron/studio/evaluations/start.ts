/** @file An evaluation on request: of a base model, or of a run's newest checkpoint. */
import type { z } from 'zod';
import { DEFAULT_GRPO } from '../../contract/defaults.ts';
import { AtelierError } from '../../contract/errors.ts';
import type { EvaluationEvent, EvaluationRequest } from '../../contract/evaluations.ts';
import type { Progress } from '../../contract/primitives.ts';
import { accuracyParamsOf } from '../../contract/rewards.ts';
import type { StudioContext } from '../context.ts';
import { EventQueue } from '../engine-client/event-queue.ts';
import type { EvaluationPlan } from './evaluate.ts';
import { evaluate } from './evaluate.ts';

/** Streams progress and ends with the stored evaluation. @throws AtelierError CONFLICT while a run trains here */
export async function startEvaluation(
  studio: StudioContext,
  request: z.output<typeof EvaluationRequest>,
  signal?: AbortSignal,
): Promise<AsyncIterableIterator<EvaluationEvent>> {
  const training = studio.runs.activeRun();
  if (training !== null) {
    throw new AtelierError('CONFLICT', `The run ${training} is training, and the engine does one thing at a time.`, {
      remedy: 'Wait until it has ended, or stop it, and evaluate then.',
    });
  }
  const plan = await planFor(studio, request);
  const stop = new AbortController();
  const queue = new EventQueue<EvaluationEvent>(() => stop.abort());
  signal?.addEventListener('abort', () => stop.abort(), { once: true });
  const onProgress = (progress: Progress): void => queue.push({ type: 'progress', progress });
  void evaluate(studio, plan, onProgress, stop.signal).then(
    (evaluation) => {
      queue.push({ type: 'done', evaluation });
      queue.end();
    },
    (error: unknown) => queue.fail(error),
  );
  return queue;
}

async function planFor(studio: StudioContext, request: z.output<typeof EvaluationRequest>): Promise<EvaluationPlan> {
  const { store } = studio;
  const model = await store.models.get(request.modelId);
  const { datasetId, split, limit } = request;
  if (request.runId === undefined) {
    const maxNewTokens = DEFAULT_GRPO.maxCompletionLength;
    return { model, datasetId, split, limit, promptTemplate: model.promptTemplate, maxNewTokens };
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
  return {
    model,
    tuned: { runId: request.runId, step: checkpoint.step, adapterPath: checkpoint.path, sha256: checkpoint.sha256 },
    datasetId,
    split,
    limit,
    promptTemplate: recipe.promptTemplate,
    maxNewTokens: recipe.grpo.maxCompletionLength,
    accuracy: accuracyParamsOf(recipe.rewards),
  };
}
