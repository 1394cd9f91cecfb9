/** @file The metrics of an evaluation, beside what always the same answer would score without a look at a picture. */
import type { EvaluationItem } from '../../contract/model/evaluations.ts';
import type { MetricFigure, MetricName } from '../../contract/model/metrics.ts';
import type { AccuracyParams } from '../../contract/model/rewards.ts';
import { differenceOf, metricMeans } from '../../method/metric-comparison.ts';
import { gradeAnswer } from '../../rewards/accuracy.ts';
import { unwrapReference } from '../../rewards/answer.ts';
import { rightAnswer } from '../../rewards/hack-probes.ts';
import { isPartlyRight } from '../../rewards/partial-grades.ts';
import { readBoxes } from '../../rewards/places.ts';
import { readTags } from '../../rewards/tag-sets.ts';
import type { EvaluationPlan } from './plan.ts';
import type { Question } from './questions.ts';

type Asked = { asked: Pick<Question['asked'], 'answer' | 'task' | 'accuracy'> };

/** Answers that are tried, and questions they are tried on: trying all on all would take minutes with long texts. */
const MOST_CANDIDATES = 16;
const MOST_TRIED = 120;
/** Sets of the most common tags, from one tag to this many. */
const MOST_TAGS = 6;

/** Nothing for kinds of answer that are right or wrong, and for modes with several answers to a question. */
export function metricFigures(
  items: readonly EvaluationItem[],
  questions: readonly Asked[],
  { accuracy, mode = 'reasoning' }: Pick<EvaluationPlan, 'accuracy' | 'mode'>,
): { metrics?: MetricFigure[] } {
  // Means over datasets that read answers differently would mean nothing.
  if (questions.some(({ asked }) => asked.accuracy !== undefined)) return {};
  if (accuracy === undefined || (mode !== 'reasoning' && mode !== 'direct')) return {};
  const means = metricMeans(items);
  if (means.size === 0) return {};
  const candidates = constantAnswers(questions, accuracy);
  return {
    metrics: [...means].map(([name, mean]) => ({
      name,
      ...mean,
      noLook: noLookOf(name, items, questions, candidates, accuracy),
    })),
  };
}

function noLookOf(
  name: MetricName,
  items: readonly EvaluationItem[],
  questions: readonly Asked[],
  candidates: readonly string[],
  accuracy: AccuracyParams,
): MetricFigure['noLook'] {
  const scoreOf = (given: string, { asked }: Asked): number =>
    gradeAnswer({ ...accuracy, completion: `<answer>${given}</answer>`, ...asked }).metrics?.[name] ?? 0;
  const stride = Math.max(1, Math.floor(questions.length / MOST_TRIED));
  const tried = questions.filter((_, at) => at % stride === 0);
  const [best] = candidates
    .map((answer) => ({ answer, sum: tried.reduce((sum, question) => sum + scoreOf(answer, question), 0) }))
    .sort((a, b) => b.sum - a.sum);
  if (best === undefined) return null;
  const pairs = items.flatMap((item, at) => {
    const [question, measured] = [questions[at], item.metrics?.[name]];
    return question === undefined || measured === undefined
      ? []
      : [{ guess: scoreOf(best.answer, question), measured }];
  });
  if (pairs.length === 0) return null;
  const guesses = pairs.map(({ guess }) => guess);
  return {
    answer: best.answer,
    mean: guesses.reduce((sum, guess) => sum + guess, 0) / guesses.length,
    difference: differenceOf(
      guesses,
      pairs.map(({ measured }) => measured),
    ),
  };
}

/** Answers that may do well on many questions: frequent references, sets of common tags, the mean box. */
function constantAnswers(questions: readonly Asked[], { kind = 'auto' }: AccuracyParams): string[] {
  if (!isPartlyRight(kind)) return [];
  const references = questions.map(({ asked }) => unwrapReference(asked.answer));
  const made =
    kind === 'tags' ? commonTags(references) : kind === 'box' || kind === 'point' ? meanBoxes(references) : [];
  const frequent = byFrequency(references);
  return [...new Set([...made, ...frequent])].map((answer) => rightAnswer(answer, kind)).slice(0, MOST_CANDIDATES);
}

/** The most common tag, the two most common, and so on. */
function commonTags(references: readonly string[]): string[] {
  const tags = byFrequency(references.flatMap((reference) => [...(readTags(reference) ?? [])]));
  return Array.from({ length: Math.min(MOST_TAGS, tags.length) }, (_, at) => tags.slice(0, at + 1).join(', '));
}

/** The box with the mean of each coordinate. */
function meanBoxes(references: readonly string[]): string[] {
  const boxes = references.flatMap((reference) => readBoxes(reference)?.map(({ place }) => place) ?? []);
  if (boxes.length === 0) return [];
  const mean = ([0, 1, 2, 3] as const).map((at) =>
    Math.round(boxes.reduce((sum, box) => sum + box[at], 0) / boxes.length),
  );
  return [`[${mean.join(', ')}]`];
}

/** Each text once, the most frequent first; of several, the first in order. */
function byFrequency(texts: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([text]) => text);
}
