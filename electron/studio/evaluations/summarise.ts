/** @file Summarises an evaluation's items as shares with counts and intervals. */
import type {
  Drift,
  EvaluationItem,
  EvaluationMode,
  Hallucination,
  SampledFigures,
  Sensitivity,
} from '../../contract/model/evaluations.ts';
import { Task as TaskSchema, type Proportion } from '../../contract/model/primitives.ts';
import { hasThought } from '../../rewards/thinking.ts';
import type { NewEvaluation } from '../../store/evaluations/evaluations.ts';
import { numberNamed } from './direct-answer.ts';
import type { Question } from './questions.ts';
import { passCurve } from '../../method/pass-at-k.ts';
import { meanInterval, wilson } from '../../method/statistics.ts';

export type EvaluationFigures = Pick<
  NewEvaluation,
  | 'accuracy'
  | 'lenient'
  | 'format'
  | 'unparsed'
  | 'thinkRate'
  | 'meanTokens'
  | 'byTask'
  | 'sensitivity'
  | 'hallucination'
>;

/** @param questions the question behind each item, in the same order */
export function summariseItems(
  items: readonly EvaluationItem[],
  questions: readonly Pick<Question, 'asked' | 'wording'>[],
  mode: EvaluationMode = 'reasoning',
): EvaluationFigures {
  const count = (test: (item: EvaluationItem) => boolean, among = items): number => among.filter(test).length;
  const byTask = TaskSchema.options.flatMap((task) => {
    const ofTask = items.filter((_, index) => questions[index]?.asked.task === task);
    return ofTask.length === 0 ? [] : [{ task, accuracy: wilson(count(isCorrect, ofTask), ofTask.length) }];
  });
  const n = items.length;
  return {
    accuracy: wilson(count(isCorrect), n),
    lenient: wilson(
      count((item) => item.lenient ?? isCorrect(item)),
      n,
    ),
    format: wilson(
      count((item) => item.formatOk),
      n,
    ),
    unparsed: count((item) => item.verdict === 'unparsed'),
    thinkRate: n === 0 ? 0 : count((item) => hasThought(item.text)) / n,
    meanTokens: n === 0 ? 0 : items.reduce((sum, item) => sum + item.tokens, 0) / n,
    byTask,
    sensitivity: mode === 'sensitivity' ? sensitivityOf(items, questions) : null,
    hallucination: mode === 'hallucination' ? hallucinationOf(items) : null,
  };
}

/**
 * What several answers to each question show. Answers to one question resemble each other, so the intervals are over
 * questions.
 *
 * @param perQuestion consecutive items that answer the same question
 */
export function sampledFigures(
  items: readonly EvaluationItem[],
  perQuestion: number,
  { temperature, seed }: { temperature: number; seed: number },
): Pick<EvaluationFigures, 'accuracy' | 'lenient' | 'format'> & { samples: SampledFigures } {
  const questions = items.length / perQuestion;
  const perQuestionOf = (test: (item: EvaluationItem) => boolean): number[] =>
    Array.from(
      { length: questions },
      (_, at) => items.slice(at * perQuestion, (at + 1) * perQuestion).filter(test).length,
    );
  const share = (counts: readonly number[]): Proportion => {
    const correct = counts.reduce((sum, count) => sum + count, 0);
    const { mean, low, high } = meanInterval(counts.map((count) => count / perQuestion));
    return {
      correct,
      n: items.length,
      value: mean,
      low: Math.max(0, low ?? 0),
      high: Math.min(1, high ?? 1),
    };
  };
  const lenient = perQuestionOf((item) => item.lenient ?? isCorrect(item));
  return {
    accuracy: share(perQuestionOf(isCorrect)),
    lenient: share(lenient),
    format: share(perQuestionOf((item) => item.formatOk)),
    samples: { perQuestion, questions, temperature, seed, passAtK: passCurve(lenient, perQuestion) },
  };
}

/** Of each answer, by who gave it: Σ log p(who answered) − log p(the other), and its tokens. */
export type LogRatios = Record<'tuned' | 'base', { logRatio: number; tokens: number }[]>;

/**
 * How far the tuned model is from its base, from the answers of both. The KL estimates are means of log-ratios, which
 * have no bias; a single one may come out below 0 by chance.
 *
 * @param tuned the tuned model's answers, `perQuestion` for each question @param base the base's, to the same questions
 */
export function driftFigures(
  tuned: readonly EvaluationItem[],
  base: readonly EvaluationItem[],
  ratios: LogRatios,
  perQuestion: number,
  sampling: { temperature: number; seed: number },
): Pick<EvaluationFigures, 'accuracy' | 'lenient' | 'format'> & { drift: Drift } {
  const { accuracy, lenient, format } = sampledFigures(tuned, perQuestion, sampling);
  const kl = (of: LogRatios['tuned']): Drift['forward'] => {
    const sums = Array.from({ length: of.length / perQuestion }, (_, at) =>
      of.slice(at * perQuestion, (at + 1) * perQuestion).reduce((sum, { logRatio }) => sum + logRatio, 0),
    );
    const { mean, low, high } = meanInterval(sums.map((sum) => sum / perQuestion));
    const tokens = of.reduce((sum, answer) => sum + answer.tokens, 0);
    return {
      perAnswer: { mean, low: low ?? mean, high: high ?? mean },
      perToken: (mean * of.length) / Math.max(1, tokens),
    };
  };
  const drift: Drift = {
    perQuestion,
    questions: tuned.length / perQuestion,
    seed: sampling.seed,
    reverse: kl(ratios.tuned),
    forward: kl(ratios.base),
    base: sampledFigures(base, perQuestion, sampling).lenient ?? accuracy,
    tuned: lenient ?? accuracy,
  };
  return { accuracy, lenient, format, drift };
}

function isCorrect(item: EvaluationItem): boolean {
  return item.verdict === 'correct';
}

/** Accuracy by wording. The spread counts each wording once, however many samples used it. */
function sensitivityOf(
  items: readonly EvaluationItem[],
  questions: readonly Pick<Question, 'wording'>[],
): Sensitivity | null {
  const byWording = new Map<string, boolean[]>();
  const bySample = new Map<string, boolean[]>();
  for (const [index, item] of items.entries()) {
    push(byWording, questions[index]?.wording ?? '', isCorrect(item));
    push(bySample, item.sampleId, isCorrect(item));
  }
  const variants = [...byWording].map(([wording, right]) => ({
    wording,
    accuracy: wilson(right.filter(Boolean).length, right.length),
  }));
  if (variants.length === 0) return null;
  const values = variants.map(({ accuracy }) => accuracy.value);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const samples = [...bySample.values()];
  return {
    variants,
    mean,
    min: Math.min(...values),
    max: Math.max(...values),
    sd: values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1)),
    always: wilson(samples.filter((right) => right.every(Boolean)).length, samples.length),
    never: wilson(samples.filter((right) => !right.some(Boolean)).length, samples.length),
  };
}

function push(map: Map<string, boolean[]>, key: string, value: boolean): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function hallucinationOf(items: readonly EvaluationItem[]): Hallucination {
  const named = items.map((item) => numberNamed(item.text));
  const counts = new Map<number, number>();
  for (const number of named) if (number !== null && number !== 0) counts.set(number, (counts.get(number) ?? 0) + 1);
  const zero = named.filter((number) => number === 0).length;
  const without = named.filter((number) => number === null).length;
  return {
    named: wilson(items.length - zero - without, items.length),
    denied: wilson(zero, items.length),
    without,
    numbers: [...counts]
      .map(([number, count]) => ({ number, count }))
      .sort((a, b) => b.count - a.count || a.number - b.number),
  };
}
