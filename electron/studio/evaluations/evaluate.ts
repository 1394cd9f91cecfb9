/** @file Asks a model every held-out question once, with greedy decoding, and stores its answers item by item. */
import type { EvaluationItem, EvaluationSummary } from '../../contract/model/evaluations.ts';
import type { Sample } from '../../contract/model/datasets.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Progress } from '../../contract/model/primitives.ts';
import { gradeAnswer } from '../../rewards/accuracy.ts';
import type { StudioCore } from '../context.ts';
import { usableSamples } from '../datasets/engine-samples.ts';
import { limitOf } from '../models/detail.ts';
import { memoryLimitOf } from '../system/preferences.ts';
import { readDirectAnswer } from './direct-answer.ts';
import { noLookOf } from './no-look.ts';
import { knownEvaluation, rememberEvaluation } from './known.ts';
import type { EvaluationPlan } from './plan.ts';
import type { Question } from './questions.ts';
import { questionsOf, templateOf } from './questions.ts';
import { summariseItems } from './summarise.ts';

/** What an evaluation needs from the studio. */
export type EvaluationParts = Pick<StudioCore, 'home' | 'resourcesDir' | 'version' | 'store' | 'engine'>;

/**
 * Evaluates and stores the result; an identical earlier evaluation is reused from the store. `onProgress` receives the
 * progress.
 *
 * @throws AtelierError CANCELLED when `signal` fires; nothing is stored then.
 */
export async function evaluate(
  studio: EvaluationParts,
  plan: EvaluationPlan,
  onProgress: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<EvaluationSummary> {
  const known = await knownEvaluation(studio, plan);
  if (known !== null) return known;
  const questions = await questionsOf(studio, plan);
  const promptTemplate = templateOf(plan);
  const items: EvaluationItem[] = [];
  const events = studio.engine.evaluate(
    {
      modelPath: plan.model.path,
      ...(plan.tuned === undefined ? {} : { adapterPath: plan.tuned.adapterPath }),
      promptTemplate,
      samples: questions.map(({ asked }) => asked),
      maxNewTokens: plan.maxNewTokens,
      ...limitOf(plan),
      ...(await memoryLimitOf(studio.home)),
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
  if (items.length !== questions.length) {
    throw new Error(`The engine answered ${items.length} of ${questions.length} questions.`);
  }
  const answered = items.map((item, index) => asStored(item, questions[index], plan));
  const evaluation = await studio.store.evaluations.insert(
    {
      modelId: plan.model.id,
      runId: plan.tuned?.runId ?? null,
      step: plan.tuned?.step ?? null,
      datasetId: plan.datasetId,
      split: plan.split,
      mode: plan.mode ?? 'reasoning',
      promptTemplate,
      maxPixels: plan.maxPixels ?? null,
      ...summariseItems(answered, questions, plan.mode),
      noLook:
        plan.mode === 'hallucination' ? null : noLookOf(answered, questions, await trainingFor(studio, plan), plan),
    },
    answered,
  );
  await rememberEvaluation(studio, plan, evaluation.id);
  return evaluation;
}

/** What the words of a question can be learned from. Questions that were trained on cannot be guessed fairly. */
async function trainingFor(
  { store }: Pick<StudioCore, 'store'>,
  { datasetId, split, asOf }: EvaluationPlan,
): Promise<Sample[]> {
  return split === 'train' ? [] : await usableSamples(store, datasetId, 'train', asOf);
}

/** The engine's item together with its question. A direct answer may lack tags, so it is parsed again. */
function asStored(item: EvaluationItem, question: Question | undefined, plan: EvaluationPlan): EvaluationItem {
  if (question?.asked.id !== item.sampleId) throw new Error('The engine answered in another order than it was asked.');
  const stored = { ...item, ...question.stored };
  if (plan.mode !== 'direct' && plan.mode !== 'hallucination') return stored;
  const { answer, task } = question.asked;
  const { verdict } = gradeAnswer({ ...plan.accuracy, completion: readDirectAnswer(item.text), answer, task });
  return { ...stored, verdict };
}
