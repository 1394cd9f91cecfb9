/** @file Whether a reference answer can be read at all as the kind or the task that grades it. */
import type { Task } from '../contract/model/primitives.ts';
import type { AnswerKind } from '../contract/model/rewards.ts';
import { unwrapReference } from './answer.ts';
import { isMultipleOfPi, isRational, isRootOfRational } from './exact.ts';
import { readDescriptionReference } from './descriptions.ts';
import { readFields } from './fields.ts';
import { isBlank } from './folding.ts';
import { isAngle, parseCount, parseQuantity } from './numbers.ts';
import { readOrder } from './orders.ts';
import { readBoxes } from './places.ts';
import { readSequence } from './sequences.ts';
import { readTags } from './tag-sets.ts';
import { isChoice, readYesNo } from './text-answers.ts';

/** Whether a reference answer can be graded as this kind at all. `auto` takes every reference that shows something. */
export function referenceFits(kind: AnswerKind, answer: string): boolean {
  const reference = unwrapReference(answer);
  const quantity = parseQuantity(reference);
  switch (kind) {
    case 'auto':
    case 'text':
    case 'transcript':
      return !isBlank(reference);
    case 'count':
      return parseCount(reference) !== null;
    case 'number':
      return quantity !== null;
    case 'fraction':
      return quantity !== null && isRational(quantity.value);
    case 'radical':
      return quantity !== null && isRootOfRational(quantity.value);
    case 'pi':
      return quantity !== null && isMultipleOfPi(quantity.value);
    case 'degrees':
      return quantity !== null && isAngle(quantity);
    case 'choice':
      return isChoice(reference);
    case 'yes-no':
      return readYesNo(reference) !== null;
    case 'tags':
      return readTags(reference) !== null;
    case 'fields':
      return (readFields(reference)?.fields.size ?? 0) > 0;
    case 'order':
      return readOrder(reference) !== null;
    case 'description':
      return readDescriptionReference(reference) !== null;
    case 'box':
    case 'point':
      return readBoxes(reference) !== null;
  }
}

/** What each kind reads, in words. */
export const KIND_READS: Record<Exclude<AnswerKind, 'auto'>, string> = {
  count: 'whole numbers',
  number: 'numbers',
  fraction: 'fractions',
  radical: 'values with square roots',
  pi: 'multiples of π',
  degrees: 'angles',
  choice: 'choice letters',
  'yes-no': 'yes or no',
  text: 'texts',
  tags: 'tags separated by commas',
  transcript: 'texts to copy',
  fields: 'fields as JSON',
  order: 'things in order, such as A > B > C',
  description: 'descriptions with facts, such as "A bird on a post. || must: bird"',
  box: 'boxes (left, top, right, bottom)',
  point: 'boxes (left, top, right, bottom) that a point must be in',
};

/**
 * What the grader reads instead of this reference, in words such as `whole numbers`; null where it can read it. Such a
 * reference can be matched only as a text, or not at all.
 */
export function referenceProblem(answer: string, task: Task, kind: AnswerKind = 'auto'): string | null {
  if (kind !== 'auto') return referenceFits(kind, answer) ? null : KIND_READS[kind];
  const reference = unwrapReference(answer);
  if (isBlank(reference)) return 'answers that show something';
  if (task === 'counting') return referenceFits('count', answer) ? null : KIND_READS.count;
  if (task === 'other' || isChoice(reference)) return null;
  // Geometry also asks for names and ratios; a number among words that are not its unit is neither.
  const quantity = parseQuantity(reference);
  if (quantity !== null) return quantity.unit?.known === false ? 'values with known units' : null;
  return /\d/.test(reference) && readSequence(reference) === null ? 'exact values' : null;
}
