/** @file Why answers were gained and lost between two evaluations, with the sampled answers that the store has. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type {
  EvaluationExplanation,
  EvaluationItem,
  EvaluationMode,
  EvaluationSummary,
} from '../../contract/model/evaluations.ts';
import type { EvaluationId } from '../../contract/model/primitives.ts';
import { accuracyParamsOf } from '../../contract/model/rewards.ts';
import { comparePasses, type SampledRight } from '../../method/pass-at-k.ts';
import { wayOf } from '../../method/mixture.ts';
import { areRead, whatChanged, type ReadItem } from '../../method/what-changed.ts';
import { changeSentences } from '../../reporting/change-text.ts';
import type { StudioCore } from '../context.ts';
import { gradeLeniently } from './direct-answer.ts';
import type { ParsedEvaluation } from './plan.ts';

type Studio = Pick<StudioCore, 'store'>;

/** Modes with one greedy answer to each question of the dataset, so that sampled answers belong to the same questions. */
const EXPLAINED: readonly EvaluationMode[] = ['reasoning', 'direct'];

/**
 * Explains the difference from `a` to `b`.
 * @throws AtelierError BAD_INPUT if they have no question in common, or are of a mode that cannot be explained
 */
export async function explainChange(
  studio: Studio,
  { a, b }: { a: EvaluationId; b: EvaluationId },
): Promise<EvaluationExplanation> {
  const { store } = studio;
  const [first, second] = [await store.evaluations.get(a), await store.evaluations.get(b)];
  for (const [field, { id, mode }] of [
    ['a', first],
    ['b', second],
  ] as const) {
    if (EXPLAINED.includes(mode)) continue;
    throw new AtelierError(
      'BAD_INPUT',
      `The evaluation ${id} was made in the mode "${mode}", whose answers are not explained.`,
      {
        place: { field },
        remedy: `Choose one in the mode ${EXPLAINED.map((each) => `"${each}"`).join(' or ')}.`,
      },
    );
  }
  const sampled = [await samplesOf(studio, first), await samplesOf(studio, second)];
  const [firstRight, secondRight] = [await rightOf(studio, sampled[0]), await rightOf(studio, sampled[1])];
  const change = whatChanged(await readItems(studio, first), await readItems(studio, second), firstRight);
  if (change === null) {
    throw new AtelierError('BAD_INPUT', `The evaluations ${a} and ${b} have no question in common.`, {
      place: { field: 'b' },
      remedy: 'Choose two evaluations of the same dataset, split and mode.',
    });
  }
  const passAtK = comparePasses(firstRight, secondRight);
  const missing = [
    ...(sampled[0] === null ? [requestFor(first, second)] : []),
    ...(sampled[1] === null ? [requestFor(second, first)] : []),
  ];
  return { first, second, change, passAtK, sentences: changeSentences(change, passAtK), missing };
}

/** The sampled answers of the weights that `summary` measured, to the same questions; the most of them, then the newest. */
export async function samplesOf({ store }: Studio, summary: EvaluationSummary): Promise<EvaluationSummary | null> {
  const { modelId, datasetId } = summary;
  const found = (await store.evaluations.list({ modelId, datasetId, mode: 'samples' })).filter(
    (candidate) =>
      candidate.runId === summary.runId &&
      candidate.step === summary.step &&
      candidate.split === summary.split &&
      candidate.maxPixels === summary.maxPixels &&
      (summary.mode !== 'reasoning' ||
        (candidate.promptTemplate === summary.promptTemplate && candidate.systemPrompt === summary.systemPrompt)),
  );
  const count = ({ samples }: EvaluationSummary): number => (samples?.perQuestion ?? 0) * (samples?.questions ?? 0);
  return found.sort((x, y) => count(y) - count(x))[0] ?? null;
}

/** Whether each sampled answer is right, read leniently, by sample id; empty without samples. */
export async function rightOf({ store }: Studio, samples: EvaluationSummary | null | undefined): Promise<SampledRight> {
  const right = new Map<string, boolean[]>();
  if (samples === null || samples === undefined) return right;
  for (const { sampleId, verdict, lenient } of await store.evaluations.items(samples.id)) {
    const answers = right.get(sampleId) ?? [];
    answers.push(lenient ?? verdict === 'correct');
    right.set(sampleId, answers);
  }
  return right;
}

/** The items with their lenient reading, which records from earlier versions lack. */
export async function readItems({ store }: Studio, summary: EvaluationSummary): Promise<readonly ReadItem[]> {
  const items = await store.evaluations.items(summary.id);
  if (areRead(items)) return items;
  // Evaluations of several datasets are younger than the lenient reading.
  const samples = await store.datasets.allSamples(summary.datasetId, summary.split);
  const byId = new Map(samples.map((sample) => [sample.id, sample]));
  const accuracy =
    summary.runId === null
      ? {}
      : accuracyParamsOf(wayOf((await store.runs.recipeOf(summary.runId)).recipe, summary.datasetId).rewards);
  const isRight = (item: EvaluationItem): boolean => {
    const sample = byId.get(item.sampleId);
    if (item.verdict === 'correct' || sample === undefined) return item.verdict === 'correct';
    return (
      gradeLeniently(item.text, { ...sample, answer: item.answer ?? sample.answer }, accuracy).verdict === 'correct'
    );
  };
  return items.map((item) => ({ ...item, lenient: item.lenient ?? isRight(item) }));
}

/** What samples the answers of the weights that `summary` measured. */
function requestFor(summary: EvaluationSummary, other: EvaluationSummary): ParsedEvaluation {
  const { modelId, datasetId, split, runId, maxPixels, accuracy, byDataset = [] } = summary;
  const others = byDataset.flatMap((each) => (each.datasetId === datasetId ? [] : [each.datasetId]));
  return {
    modelId,
    datasetId,
    ...(others.length === 0 ? {} : { otherDatasetIds: others }),
    split,
    mode: 'samples',
    limit: accuracy.n,
    // The base model is asked as the run asked it.
    ...(runId !== null ? { runId } : other.runId !== null && other.modelId === modelId ? { likeRun: other.runId } : {}),
    ...(maxPixels === null ? {} : { detail: maxPixels }),
  };
}
