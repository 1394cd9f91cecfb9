/** @file Why answers were gained and lost between two evaluations of the same questions. */
import type { ChangePart, EvaluationItem, WhatChanged } from '../contract/model/evaluations.ts';
import { questionKey } from './paired-comparison.ts';
import type { SampledRight } from './pass-at-k.ts';
import { wilson } from './statistics.ts';

const PARTS: readonly ChangePart[] = ['form', 'selection', 'new', 'untold', 'lost'];

/** An item whose lenient reading is known. */
export type ReadItem = EvaluationItem & { lenient: boolean };

/** True if the lenient reading of every item is known. */
export function areRead(items: readonly EvaluationItem[]): items is readonly ReadItem[] {
  return items.every(({ lenient }) => lenient !== undefined);
}

/**
 * Sorts every answer that was gained or lost into exactly one part, so that (form + selection + new + untold − lost) / n
 * is the difference of the strict accuracies.
 *
 * @param samples whether each sampled answer of the first model is right, read leniently, by sample id
 * @returns null if the two have no question in common
 */
export function whatChanged(
  first: readonly ReadItem[],
  second: readonly ReadItem[],
  samples: SampledRight = new Map(),
): WhatChanged | null {
  const before = new Map(first.map((item) => [questionKey(item), item]));
  const counts = new Map<ChangePart, number>();
  const right = { strictFirst: 0, strictSecond: 0, lenientFirst: 0, lenientSecond: 0 };
  const sampled: number[] = [];
  let n = 0;
  for (const after of second) {
    const base = before.get(questionKey(after));
    if (base === undefined) continue;
    n += 1;
    right.strictFirst += Number(base.verdict === 'correct');
    right.strictSecond += Number(after.verdict === 'correct');
    right.lenientFirst += Number(base.lenient);
    right.lenientSecond += Number(after.lenient);
    const answers = samples.get(base.sampleId);
    if (answers !== undefined) sampled.push(answers.length);
    const part = partOf(base, after, answers);
    if (part !== null) counts.set(part, (counts.get(part) ?? 0) + 1);
  }
  if (n === 0) return null;
  const perQuestion = Math.min(...sampled);
  return {
    n,
    strict: { first: wilson(right.strictFirst, n), second: wilson(right.strictSecond, n) },
    lenient: { first: wilson(right.lenientFirst, n), second: wilson(right.lenientSecond, n) },
    parts: PARTS.map((part) => ({ part, share: wilson(counts.get(part) ?? 0, n) })),
    samples:
      sampled.length === 0 ? null : { perQuestion, questions: sampled.length, chanceBelow: chanceBelow(perQuestion) },
  };
}

/** The number of answers in a part. */
export function countOf({ parts }: Pick<WhatChanged, 'parts'>, part: ChangePart): number {
  return parts.find((one) => one.part === part)?.share.correct ?? 0;
}

function partOf(base: ReadItem, after: ReadItem, answers: readonly boolean[] | undefined): ChangePart | null {
  const [was, is] = [base.verdict === 'correct', after.verdict === 'correct'];
  if (was === is) return null;
  if (was) return 'lost';
  if (base.lenient) return 'form';
  if (answers === undefined || answers.length === 0) return 'untold';
  return answers.some(Boolean) ? 'selection' : 'new';
}

/** Upper 95% bound (one-sided, Clopper and Pearson 1934) of a probability that showed in none of `n` trials. */
function chanceBelow(n: number): number {
  return 1 - 0.05 ** (1 / n);
}
