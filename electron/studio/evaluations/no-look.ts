/** @file What can be answered without looking at the pictures, beside what the model answered. */
import type { EvaluationItem, NoLook } from '../../contract/model/evaluations.ts';
import { blindAnswers, type Question as Worded } from '../../method/blind-baseline.ts';
import { comparePaired } from '../../method/paired-comparison.ts';
import { wilson } from '../../method/statistics.ts';
import { gradeAnswer } from '../../rewards/accuracy.ts';
import type { EvaluationPlan } from './plan.ts';
import type { Question } from './questions.ts';

type Asked = { asked: Pick<Question['asked'], 'prompt' | 'answer' | 'task' | 'accuracy'> };

/**
 * Grades a constant answer and an answer from the question's words by the same verifier as the model's, and compares the
 * model with the better of the two. Null if nothing was asked.
 *
 * @param questions the question behind each item, in the same order
 * @param training questions and answers that the words can be learned from; none = no such baseline
 */
export function noLookOf(
  items: readonly Pick<EvaluationItem, 'verdict'>[],
  questions: readonly Asked[],
  training: readonly Worded[],
  { accuracy }: Pick<EvaluationPlan, 'accuracy'> = {},
): NoLook | null {
  const answer = mostFrequent(questions);
  if (answer === null) return null;
  const isRight = (given: string | undefined, { asked }: Asked): boolean =>
    gradeAnswer({
      ...(asked.accuracy ?? accuracy),
      completion: `<answer>${given ?? ''}</answer>`,
      answer: asked.answer,
      task: asked.task,
    }).verdict === 'correct';
  const constant = questions.map((question) => isRight(answer, question));
  const worded = blindAnswers(
    training,
    questions.map(({ asked }) => asked.prompt),
  );
  const questionOnly = worded === null ? null : questions.map((question, at) => isRight(worded[at], question));
  const best = count(questionOnly ?? []) > count(constant) ? 'question-only' : 'constant';
  const guessed = best === 'constant' ? constant : (questionOnly ?? []);
  const pairs = { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 };
  for (const [at, { verdict }] of items.entries()) {
    const answered = verdict === 'correct';
    pairs[guessed[at] === true ? (answered ? 'both' : 'onlyFirst') : answered ? 'onlySecond' : 'neither'] += 1;
  }
  const comparison = comparePaired(pairs);
  if (comparison === null) return null;
  return {
    constant: { answer, accuracy: wilson(count(constant), constant.length) },
    questionOnly: questionOnly === null ? null : wilson(count(questionOnly), questionOnly.length),
    best,
    comparison,
  };
}

/** The answer that is asked for most often; of several, the first in order. */
function mostFrequent(questions: readonly Asked[]): string | null {
  const counts = new Map<string, number>();
  for (const { asked } of questions) counts.set(asked.answer.trim(), (counts.get(asked.answer.trim()) ?? 0) + 1);
  const [first] = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return first?.[0] ?? null;
}

function count(right: readonly boolean[]): number {
  return right.filter(Boolean).length;
}
