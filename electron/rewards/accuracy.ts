/** @file The accuracy reward: grades the last answer tag, exactly, and keeps "cannot be read" apart from "wrong". */
import type { Task } from '../contract/primitives.ts';
import { extractAnswer, unwrapReference } from './answer.ts';
import { parseCount, parseQuantity, sameQuantity } from './numbers.ts';
import { gradeText } from './text-answers.ts';

export type Verdict = 'correct' | 'wrong' | 'unparsed';

export type Grade = {
  verdict: Verdict;
  /** The reward: 1 for correct, else 0. */
  value: 0 | 1;
  /** What the verifier took as the answer; null when it found none. */
  read: string | null;
};

export type GradeRequest = {
  completion: string;
  /** The reference answer, plain or in answer tags. */
  answer: string;
  task: Task;
  /** Largest accepted absolute difference of numbers; 0 (default) = exact. */
  tolerance?: number;
};

/**
 * Counting reads whole numbers only; geometry reads exact values with units; other tasks read what the reference
 * is: a value, a choice letter or a text. A reference that is no number is always compared as text.
 */
export function gradeAnswer({ completion, answer, task, tolerance = 0 }: GradeRequest): Grade {
  const given = extractAnswer(completion);
  if (!given.found) return { verdict: 'unparsed', value: 0, read: given.read };

  const reference = unwrapReference(answer);
  const expected = parseQuantity(reference);
  if (expected === null) {
    const { verdict, read } = gradeText(given.text, reference);
    return { verdict, value: verdict === 'correct' ? 1 : 0, read: read ?? given.text };
  }
  const count = task === 'counting' ? parseCount(given.text) : null;
  const found = task === 'counting' ? count && { value: count, unit: null } : parseQuantity(given.text);
  if (found === null) return { verdict: 'unparsed', value: 0, read: given.text };
  const correct = sameQuantity(found, expected, tolerance);
  return { verdict: correct ? 'correct' : 'wrong', value: correct ? 1 : 0, read: given.text };
}
