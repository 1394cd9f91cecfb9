/** @file Asks a model every held-out question once, greedily, and stores what it answered, item by item. */
import type { EvaluationItem, EvaluationSummary } from '../../contract/evaluations.ts';
import { AtelierError } from '../../contract/errors.ts';
import type { ModelSummary } from '../../contract/models.ts';
import type { DatasetId, Progress, RunId, Split } from '../../contract/primitives.ts';
import type { AccuracyParams } from '../../contract/rewards.ts';
import type { StudioCore } from '../context.ts';
import { engineSamples } from '../datasets/engine-samples.ts';
import { knownEvaluation, rememberEvaluation } from './known.ts';
import { summariseItems } from './summarise.ts';

export interface EvaluationPlan {
  model: ModelSummary;
  /** The run whose adapter is on, at a step; absent = the base model. */
  tuned?: { runId: RunId; step: number; adapterPath: string; sha256: string };
  datasetId: DatasetId;
  split: Split;
  /** 0 = every sample of the split, else the first ones. */
  limit: number;
  promptTemplate: string;
  maxNewTokens: number;
  /** Overrides of opt-outs that were decided later do not count; a run asks as it began. Absent = now. */
  asOf?: string;
  /** How answers are read; absent = by their task. */
  accuracy?: AccuracyParams;
}

/**
 * Evaluates and stores; what was asked before in exactly the same way comes from the store. `onProgress` hears how far it is.
 * @throws AtelierError CANCELLED when `signal` fires; nothing is stored then.
 */
export async function evaluate(
  studio: StudioCore,
  plan: EvaluationPlan,
  onProgress: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<EvaluationSummary> {
  const known = await knownEvaluation(studio, plan);
  if (known !== null) return known;
  const samples = await engineSamples(studio.store, plan.datasetId, plan.split, plan.limit, plan.asOf);
  if (samples.length === 0) {
    throw new AtelierError(
      'BAD_INPUT',
      `The dataset has no samples in its ${plan.split} split, so nothing can be evaluated.`,
      {
        place: { field: 'split' },
        remedy: 'Import it again with a share of test samples, or evaluate the other split.',
      },
    );
  }
  const items: EvaluationItem[] = [];
  const events = studio.engine.evaluate(
    {
      modelPath: plan.model.path,
      ...(plan.tuned === undefined ? {} : { adapterPath: plan.tuned.adapterPath }),
      promptTemplate: plan.promptTemplate,
      samples,
      maxNewTokens: plan.maxNewTokens,
      ...(plan.accuracy === undefined ? {} : { accuracy: plan.accuracy }),
    },
    signal,
  );
  try {
    for await (const event of events) {
      if (signal?.aborted === true) break;
      if (event.type === 'progress') onProgress(event.progress);
      else items.push(...event.items);
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
  if (signal?.aborted === true)
    throw new AtelierError('CANCELLED', 'The evaluation was stopped; nothing of it was stored.');
  if (items.length !== samples.length) {
    throw new Error(`The engine answered ${items.length} of ${samples.length} questions.`);
  }
  const evaluation = await studio.store.evaluations.insert(
    {
      modelId: plan.model.id,
      runId: plan.tuned?.runId ?? null,
      step: plan.tuned?.step ?? null,
      datasetId: plan.datasetId,
      split: plan.split,
      ...summariseItems(items, new Map(samples.map((sample) => [sample.id, sample.task]))),
    },
    items,
  );
  await rememberEvaluation(studio, plan, evaluation.id);
  return evaluation;
}
