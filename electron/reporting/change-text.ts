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
  const [form, selection, fresh, untold, lost] = PARTS.map(count) as [number, number, number, number, number];
  const gained = form + selection + fresh + untold;
  const losses = `${lost} ${lost === 1 ? 'answer was' : 'answers were'} lost`;
  if (gained === 0 && lost === 0) return `Of ${n} questions, none was gained and none was lost.`;
  if (gained === 0) return `Of ${n} questions, none was gained, and ${losses}.`;
  const reasons = [
    `${form} ${form === 1 ? 'was' : 'were'} right before and lacked the form`,
    ...(samples === null
      ? []
      : [
          `${selection} ${selection === 1 ? 'was' : 'were'} right in some of ${samples.perQuestion} sampled answers`,
          `${fresh} in none of them`,
        ]),
    ...(untold > 0 || samples === null
      ? [`${untold} ${untold === 1 ? 'is' : 'are'} selection or new: take samples of the first model to tell`]
      : []),
  ];
  const list = reasons.length === 1 ? reasons[0] : `${reasons.slice(0, -1).join(', ')}, and ${reasons.at(-1) ?? ''}`;
  return `Of ${n} questions, ${gained} ${gained === 1 ? 'was' : 'were'} gained: ${list ?? ''}; ${losses}.`;
}

const PARTS: readonly ChangePart[] = ['form', 'selection', 'new', 'untold', 'lost'];

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
