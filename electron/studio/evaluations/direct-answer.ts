/** @file Reads an answer that was not requested in tags: the number or text that a completion commits to. */
import { extractAnswer } from '../../rewards/answer.ts';

const NUMBER = /[-−]?\d+(?:[.,]\d+)?/g;
const THOUGHT = /<think>.*?(?:<\/think>|$)/gs;

/**
 * Converts a completion of the direct-answer baseline to the form that verifiers read. A completion with an answer tag
 * is unchanged. Otherwise its last number is the answer ("There are 5 ." → 5), or the whole text if it has no number.
 */
export function readDirectAnswer(completion: string): string {
  if (extractAnswer(completion).found) return completion;
  const text = completion.replace(THOUGHT, '').trim();
  const answer = text.match(NUMBER)?.at(-1) ?? text;
  return answer === '' ? completion : `<answer> ${answer} </answer>`;
}

/** The number that a completion gives, inside or outside tags; null if there is none. Thoughts do not count. */
export function numberNamed(completion: string): number | null {
  const answer = extractAnswer(completion);
  const text = answer.found ? answer.text : completion.replace(THOUGHT, '');
  const number = text.match(NUMBER)?.at(-1);
  return number === undefined ? null : Number(number.replace('−', '-').replace(',', '.'));
}
