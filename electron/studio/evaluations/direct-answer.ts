/** @file Reads an answer that was not requested in tags: the number or text that a completion commits to. */
import type { EngineSample } from '../../contract/engine/engine.ts';
import type { AccuracyParams, AnswerKind } from '../../contract/model/rewards.ts';
import { gradeAnswer } from '../../rewards/accuracy.ts';
import type { Grade } from '../../rewards/grade.ts';
import { isPartlyRight } from '../../rewards/partial-grades.ts';
import { extractAnswer } from '../../rewards/answer.ts';

const NUMBER = /[-−]?\d+(?:[.,]\d+)?/g;
const THOUGHT = /<think>.*?(?:<\/think>|$)/gs;

/**
 * Converts a completion of the direct-answer baseline to the form that verifiers read. A completion with an answer tag
 * is unchanged. Otherwise its last number is the answer ("There are 5 ." → 5), or the whole text if it has no number, or
 * if answers of this kind are more than a value.
 */
export function readDirectAnswer(completion: string, kind: AnswerKind = 'auto'): string {
  if (extractAnswer(completion).found) return completion;
  const text = completion.replace(THOUGHT, '').trim();
  const answer = isPartlyRight(kind) ? text : (text.match(NUMBER)?.at(-1) ?? text);
  return answer === '' ? completion : `<answer> ${answer} </answer>`;
}

/** Grades a completion by what it commits to, with or without tags. */
export function gradeLeniently(
  completion: string,
  { answer, task }: Pick<EngineSample, 'answer' | 'task'>,
  accuracy: AccuracyParams = {},
): Grade {
  return gradeAnswer({ ...accuracy, completion: readDirectAnswer(completion, accuracy.kind), answer, task });
}

/** The number that a completion gives, inside or outside tags; null if there is none. Thoughts do not count. */
export function numberNamed(completion: string): number | null {
  const answer = extractAnswer(completion);
  const text = answer.found ? answer.text : completion.replace(THOUGHT, '');
  const number = text.match(NUMBER)?.at(-1);
  return number === undefined ? null : Number(number.replace('−', '-').replace(',', '.'));
}
