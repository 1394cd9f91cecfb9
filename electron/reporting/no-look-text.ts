/** @file What can be answered without looking at a picture, in words. */
import type { NoLook } from '../contract/model/evaluations.ts';
import type { Proportion } from '../contract/model/primitives.ts';
import { percent, pValue } from './figures.ts';

/** The share that the better way of guessing gets right. */
export function bestGuess({ best, constant, questionOnly }: NoLook): Proportion {
  return best === 'question-only' ? (questionOnly ?? constant.accuracy) : constant.accuracy;
}

/** `Without looking, always answering “0” gets 9 of 22 right (40.9%); the words of the question alone get 8 of 22 (36.4%).` */
export function noLookText({ constant, questionOnly }: Pick<NoLook, 'constant' | 'questionOnly'>): string {
  const words =
    questionOnly === null
      ? ''
      : `; the words of the question alone get ${counts(questionOnly)} (${percent(questionOnly.value)})`;
  return `Without looking, always answering “${constant.answer}” gets ${counts(constant.accuracy)} right (${percent(constant.accuracy.value)})${words}.`;
}

/** Whether a model beats that, in a sentence. */
export function guessingSentence({ comparison }: NoLook, model: string): string {
  const p = pValue(comparison.mcnemar.p);
  if (comparison.verdict === 'better') return `${model} is better than guessing without looking (${p}).`;
  return comparison.verdict === 'worse'
    ? `${model} is worse than guessing without looking (${p}).`
    : `${model} is not better than guessing without looking: chance can explain the difference (${p}).`;
}

function counts({ correct, n }: Proportion): string {
  return `${correct} of ${n}`;
}
