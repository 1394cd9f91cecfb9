/**
 * @file Asks a model every held-out question, once with greedy decoding or several times with sampling, and stores its
 * answers item by item.
 */
import type { EvaluationItem, EvaluationSummary } from '../../contract/model/evaluations.ts';
import type { Sample } from '../../contract/model/datasets.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Progress } from '../../contract/model/primitives.ts';
import type { SampledGroup } from '../../contract/engine/engine.ts';
import { systemOf } from '../../method/prompt-template.ts';
import { gradeAnswer } from '../../rewards/accuracy.ts';
import { hasFormat } from '../../rewards/format.ts';
import { wilson } from '../../method/statistics.ts';
import type { StudioCore } from '../context.ts';
import { usableSamples } from '../datasets/engine-samples.ts';
import { limitOf } from '../models/detail.ts';
import { memoryLimitOf } from '../system/preferences.ts';
import { gradeLeniently } from './direct-answer.ts';
import { metricFigures } from './metrics.ts';
import { noLookOf } from './no-look.ts';
import { knownEvaluation, rememberEvaluation } from './known.ts';
import { askedDatasets, type EvaluationPlan } from './plan.ts';
import type { Question } from './questions.ts';
import { questionsOf, templateOf } from './questions.ts';
import { driftFigures, sampledFigures, summariseItems, type LogRatios } from './summarise.ts';

/** How answers are sampled: the model's own distribution, drawn from one seed for every model. */
const SAMPLING = { temperature: 1, topP: 1, minP: 0, seed: 1 } as const;

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
  const job = {
    modelPath: plan.model.path,
    ...(plan.tuned === undefined ? {} : { adapterPath: plan.tuned.adapterPath }),
    promptTemplate,
    ...systemOf(plan.systemPrompt),
    samples: questions.map(({ asked }) => asked),
    maxNewTokens: plan.maxNewTokens,
    ...limitOf(plan),
    ...(await memoryLimitOf(studio.home)),
  };
  const repeats = plan.samples ?? 1;
  const ratios: LogRatios = { tuned: [], base: [] };
  const byBase: EvaluationItem[] = [];
  try {
    if (plan.mode === 'drift' && job.adapterPath !== undefined) {
      const moved = { ...job, adapterPath: job.adapterPath, seed: SAMPLING.seed, numGenerations: repeats };
      for await (const event of studio.engine.drift(moved, signal)) {
        if (signal?.aborted === true) break;
        if (event.type === 'progress') onProgress(event.progress);
        else {
          const answered = event.of === 'tuned' ? items : byBase;
          for (const group of event.groups) {
            answered.push(...sampledItems(group, questions[answered.length / repeats], plan));
            ratios[event.of].push(...group.completions.map(({ logRatio, tokens }) => ({ logRatio, tokens })));
          }
        }
      }
    } else if (plan.mode === 'samples') {
      for await (const event of studio.engine.sample({ ...job, ...SAMPLING, numGenerations: repeats }, signal)) {
        if (signal?.aborted === true) break;
        if (event.type === 'progress') onProgress(event.progress);
        else
          for (const group of event.groups) items.push(...sampledItems(group, questions[items.length / repeats], plan));
      }
    } else {
      const accuracy = plan.accuracy === undefined ? {} : { accuracy: plan.accuracy };
      for await (const event of studio.engine.evaluate({ ...job, ...accuracy }, signal)) {
        if (signal?.aborted === true) break;
        if (event.type === 'progress') onProgress(event.progress);
        else items.push(...event.items);
      }
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
  if (signal?.aborted === true)
    throw new AtelierError('CANCELLED', 'The evaluation was stopped; nothing of it was stored.');
  if (items.length !== questions.length * repeats) {
    throw new Error(`The engine answered ${items.length / repeats} of ${questions.length} questions.`);
  }
  const askedFor = (index: number): Question | undefined => questions[Math.floor(index / repeats)];
  const answered = items.map((item, index) => asStored(item, askedFor(index), plan));
  const answeredByBase = byBase.map((item, index) => asStored(item, askedFor(index), plan));
  const evaluation = await studio.store.evaluations.insert(
    {
      modelId: plan.model.id,
      runId: plan.tuned?.runId ?? null,
      step: plan.tuned?.step ?? null,
      datasetId: plan.datasetId,
      split: plan.split,
      mode: plan.mode ?? 'reasoning',
      promptTemplate,
      systemPrompt: plan.systemPrompt ?? null,
      maxPixels: plan.maxPixels ?? null,
      ...summariseItems(
        answered,
        answered.flatMap((_, index) => askedFor(index) ?? []),
        plan.mode,
      ),
      ...(plan.mode === 'samples' ? sampledFigures(answered, repeats, SAMPLING) : {}),
      ...(plan.mode === 'drift' ? driftFigures(answered, answeredByBase, ratios, repeats, SAMPLING) : {}),
      noLook:
        plan.mode === 'hallucination' || plan.mode === 'samples' || plan.mode === 'drift'
          ? null
          : noLookOf(answered, questions, await trainingFor(studio, plan), plan),
      ...metricFigures(answered, questions, plan),
      ...(await byDatasetOf(studio, plan, answered)),
    },
    answered,
  );
  await rememberEvaluation(studio, plan, evaluation.id);
  return evaluation;
}

/** What the words of a question can be learned from. Questions that were trained on cannot be guessed fairly. */
async function trainingFor({ store }: Pick<StudioCore, 'store'>, plan: EvaluationPlan): Promise<Sample[]> {
  const samples: Sample[] = [];
  if (plan.split === 'train') return samples;
  for (const id of askedDatasets(plan))
    for (const sample of await usableSamples(store, id, 'train', plan.asOf)) samples.push(sample);
  return samples;
}

/** The share of right answers of each dataset, if several were asked; those without questions are left out. */
async function byDatasetOf(
  { store }: Pick<StudioCore, 'store'>,
  plan: EvaluationPlan,
  items: readonly EvaluationItem[],
): Promise<Pick<EvaluationSummary, 'byDataset'>> {
  const ids = askedDatasets(plan);
  if (ids.length === 1) return {};
  const byDataset: NonNullable<EvaluationSummary['byDataset']> = [];
  for (const datasetId of ids) {
    const own = new Set((await store.datasets.allSamples(datasetId, plan.split)).map(({ id }) => id));
    const answers = items.filter(({ sampleId }) => own.has(sampleId));
    if (answers.length === 0) continue;
    const accuracy = wilson(answers.filter(({ verdict }) => verdict === 'correct').length, answers.length);
    byDataset.push({ datasetId, name: (await store.datasets.get(datasetId)).name, accuracy });
  }
  return { byDataset };
}

/** One group of sampled answers, graded. */
function sampledItems(
  { completions }: SampledGroup,
  question: Question | undefined,
  plan: EvaluationPlan,
): EvaluationItem[] {
  if (question === undefined) throw new Error('The engine sampled more questions than it was asked.');
  const { id, answer, task, accuracy = plan.accuracy } = question.asked;
  return completions.map(({ text, tokens }, variant) => ({
    sampleId: id,
    text,
    verdict: gradeAnswer({ ...accuracy, completion: text, answer, task }).verdict,
    formatOk: hasFormat(text),
    tokens,
    variant,
  }));
}

/** The engine's item together with its question. A direct answer may lack tags, so it is parsed again. */
function asStored(item: EvaluationItem, question: Question | undefined, plan: EvaluationPlan): EvaluationItem {
  if (question?.asked.id !== item.sampleId) throw new Error('The engine answered in another order than it was asked.');
  const stored = { ...item, ...question.stored };
  const { answer, task, accuracy = plan.accuracy } = question.asked;
  const leniently = gradeLeniently(item.text, question.asked, accuracy);
  const lenient = item.verdict === 'correct' || leniently.verdict === 'correct';
  const isTagless = plan.mode === 'direct' || plan.mode === 'hallucination';
  const { metrics } = isTagless ? leniently : gradeAnswer({ ...accuracy, completion: item.text, answer, task });
  return {
    ...stored,
    lenient,
    ...(metrics === undefined ? {} : { metrics }),
    ...(isTagless ? { verdict: leniently.verdict } : {}),
  };
}
