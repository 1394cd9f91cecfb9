/** @file What training changed, in words. */
import type { ChangePart, PassComparison, WhatChanged } from '../contract/model/evaluations.ts';
import { comparisonText } from './comparison-text.ts';
import { percent, points } from './figures.ts';

/** The parts' names, also as headings of a table. */
export const PART_NAMES: Record<ChangePart, string> = {
  form: 'form',
  selection: 'selection',
  new: 'new',
  untold: 'selection or new',
  lost: 'lost',
};

/** What each part means. */
export const PART_MEANINGS: Record<ChangePart, string> = {
  form: 'right before in content, but not in the required form',
  selection: 'right before in some of the sampled answers',
  new: 'right before in none of the sampled answers',
  untold: 'wrong before; take samples of the first model to tell which',
  lost: 'right before, and not any more',
};

type Side = { accuracy: { value: number }; lenient: { value: number } | null };

/** `38.5% → 73% strict, 52.5% → 74% lenient`: how accuracies stand in a headline. */
export function strictAndLenient(first: Side, second: Side): string {
  const strict = `${percent(first.accuracy.value)} → ${percent(second.accuracy.value)} strict`;
  return `${strict}, ${percent(first.lenient?.value)} → ${percent(second.lenient?.value)} lenient`;
}

/** What the two ways of reading mean. */
export const READINGS =
  'Strict counts only an answer in its tags; lenient also reads an answer without tags (“There are 2.” is 2).';

/** A part in points of accuracy, with its interval: `+14.5 points (10.3 to 20.1)`. */
export function partPoints(
  part: ChangePart,
  { value, low, high }: { value: number; low: number; high: number },
): string {
  const sign = part === 'lost' ? -1 : 1;
  const [from, to] = sign < 0 ? [-high, -low] : [low, high];
  return `${points(sign * value)} points (${points(from)} to ${points(to)})`;
}

/** What changed and, if both models were sampled, whether training narrowed or widened what the model can do. */
export function changeSentences(change: WhatChanged, passAtK: PassComparison | null): string[] {
  return [partsSentence(change), ...(passAtK === null ? [] : [passSentence(passAtK)])];
}

/** How sure it is that an answer is new. */
export function unseenText({ perQuestion, chanceBelow }: NonNullable<WhatChanged['samples']>): string {
  return `New means that none of ${perQuestion} sampled answers was right; then the first model's chance of a right answer is below ${percent(chanceBelow)} (95% confidence).`;
}

/** Where the gained answers come from, in a sentence. */
export function partsSentence({ parts, n, samples }: WhatChanged): string {
  const count = (part: ChangePart): number => parts.find((one) => one.part === part)?.share.correct ?? 0;
  const lost = count('lost');
  const gained = GAINED.map(count).reduce((total, one) => total + one, 0);
  const losses = lost === 1 ? '1 answer was lost' : `${lost} answers were lost`;
  if (gained === 0 && lost === 0) return `Of ${n} questions, none was gained and none was lost.`;
  if (gained === 0) return `Of ${n} questions, none was gained, and ${losses}.`;
  const reasons = reasonsText(count, samples);
  return gained === 1
    ? `Of ${n} questions, 1 was gained: ${reasons}; ${losses}.`
    : `Of ${n} questions, ${gained} were gained: ${reasons}; ${losses}.`;
}

const GAINED: readonly ChangePart[] = ['form', 'selection', 'new', 'untold'];

function reasonsText(count: (part: ChangePart) => number, samples: WhatChanged['samples']): string {
  const [form, selection, untold] = [count('form'), count('selection'), count('untold')];
  const lacked =
    form === 1 ? '1 was right before and lacked the form' : `${form} were right before and lacked the form`;
  const open =
    untold === 1
      ? '1 is selection or new: take samples of the first model to tell'
      : `${untold} are selection or new: take samples of the first model to tell`;
  if (samples === null) return `${lacked}, and ${open}`;
  const { perQuestion } = samples;
  const some =
    selection === 1
      ? `1 was right in some of ${perQuestion} sampled answers`
      : `${selection} were right in some of ${perQuestion} sampled answers`;
  return untold === 0
    ? `${lacked}, ${some}, and ${count('new')} in none of them`
    : `${lacked}, ${some}, ${count('new')} in none of them, and ${open}`;
}

/** Whether training narrowed or widened what the model can do. */
export function passSentence({ perQuestion, comparison, verdict }: PassComparison): string {
  const by = comparisonText(comparison);
  const what = `questions that are right in at least one of ${perQuestion} sampled answers`;
  switch (verdict) {
    case 'widened':
      return `Training widened what the model can do: more ${what}, by ${by}.`;
    case 'narrowed':
      return `Training narrowed what the model can do: fewer ${what}, by ${by}.`;
    case 'undecided':
      return `These samples cannot tell whether training narrowed or widened what the model can do: ${what}, ${by}.`;
  }
}
