/** @file The accuracy reward: grades the last answer tag exactly, and keeps "cannot be read" apart from "wrong". */
import type { Task } from '../contract/model/primitives.ts';
import type { AccuracyParams } from '../contract/model/rewards.ts';
import { extractAnswer, unwrapReference } from './answer.ts';
import { isRational, toNumber } from './exact.ts';
import type { Quantity } from './numbers.ts';
import {
  isAngle,
  isCode,
  isLowestTerms,
  parseCount,
  parseQuantity,
  sameQuantity,
  type QuantityOptions,
} from './numbers.ts';
import { decided, unparsed, type Grade } from './grade.ts';
import { gradePartly, isPartlyRight, unreadable } from './partial-grades.ts';
import { readSequence, sameSequence } from './sequences.ts';
import { gradeChoice, gradeWords, isChoice, readYesNo, type TextVerdict } from './text-answers.ts';

/** The kind of answer and its options may be given beside the completion; without them, the task decides. */
export type GradeRequest = AccuracyParams & {
  completion: string;
  /** The reference answer, plain or in answer tags. */
  answer: string;
  task: Task;
};

/** Characters. An answer that is so much longer than the reference is not it, and reading it would only take time. */
const LONGEST_ANSWER = 2000;

/** In other tasks `3,5` may be two numbers, so a reference is only read as a decimal where a kind or geometry asks for it. */
const AS_WRITTEN: QuantityOptions = { decimalComma: false };

/**
 * Counting reads whole numbers only; geometry reads exact values with units; other tasks read what the reference is: a
 * value, a choice, a date or another form of several numbers, or a text. A `kind` other than `auto` reads the answer as
 * that kind whatever the task is.
 */
export function gradeAnswer(request: GradeRequest): Grade {
  const given = extractAnswer(request.completion);
  const reference = unwrapReference(request.answer);
  const kind = request.kind ?? 'auto';
  const isReadable = given.found && given.text.length <= LONGEST_ANSWER + 4 * reference.length;
  if (isPartlyRight(kind)) {
    return isReadable
      ? gradePartly(kind, given.text, reference, request)
      : unreadable(kind, given.found ? given.text : given.read, reference);
  }
  if (!isReadable) return unparsed(given.found ? given.text : given.read);
  const { text } = given;
  switch (kind) {
    case 'auto':
      return gradeByTask(text, reference, request);
    case 'choice':
      return graded(text, gradeChoice(text, reference));
    case 'text':
      return graded(text, gradeWords(text, reference, request.caseSensitive));
    case 'yes-no': {
      const said = readYesNo(text);
      return said === null ? unparsed(text) : decided(said === readYesNo(reference), text);
    }
    case 'count': {
      const [found, expected] = [parseCount(text), parseCount(reference)];
      if (found === null || expected === null) return unparsed(text);
      return decided(toNumber(found) === toNumber(expected), text);
    }
    case 'number':
    case 'fraction':
    case 'radical':
    case 'pi':
    case 'degrees':
      return gradeValue(kind, text, reference, request);
  }
}

/** Where a task's own reading cannot read the reference, the reference decides, as in other tasks. */
function gradeByTask(text: string, reference: string, params: GradeRequest): Grade {
  if (params.task === 'counting') {
    const expected = parseCount(reference);
    if (expected !== null) return compare(countOf(text), quantityOf(expected), text, params);
  }
  if (params.task === 'geometry') {
    const expected = parseQuantity(reference);
    if (expected !== null && expected.unit?.known !== false) {
      return compare(measureOf(text), expected, text, params);
    }
  }
  return gradeByReference(text, reference, params);
}

/** Reads the answer as what the reference is: a choice, a value, several numbers in a form, or a text. */
function gradeByReference(text: string, reference: string, params: AccuracyParams): Grade {
  if (isChoice(reference)) return graded(text, gradeChoice(text, reference));
  const expected = isCode(reference) ? null : parseQuantity(reference, AS_WRITTEN);
  if (expected !== null && !isRatio(expected)) {
    if (expected.unit?.known !== false) return compareAsWritten(text, expected, params);
    return gradeSpelledUnit(text, reference, expected);
  }
  const form = readSequence(reference);
  if (form === null) return graded(text, gradeWords(text, reference));
  // `3,500` is a number in English: only brackets or a space make two numbers of it.
  const found = expected === null && parseQuantity(text, AS_WRITTEN) !== null ? null : readSequence(text);
  if (found !== null) return decided(sameSequence(found, form), text);
  const { verdict } = gradeWords(text, reference);
  return verdict === 'correct' ? decided(true, text) : unparsed(text);
}

/** A value that the reference decides: a code such as `007` is not 7, and 120/80 equals 3/2 only where that is a fraction. */
function compareAsWritten(text: string, expected: Quantity, params: AccuracyParams): Grade {
  const found = measureOf(text);
  if (found === null) return unparsed(text);
  if (isCode(text)) return decided(false, text);
  if (isRatio(found) && !expected.fraction) return decided(false, text);
  return compare(found, expected, text, params);
}

/** `5 bottles`: right in the same words, or with the same value and a unit that is spelled alike. */
function gradeSpelledUnit(text: string, reference: string, expected: Quantity): Grade {
  const words = gradeWords(text, reference);
  const found = words.verdict === 'correct' || isCode(text) ? null : parseQuantity(text, AS_WRITTEN);
  if (found === null || found.unit === null) return graded(text, words);
  return decided(sameQuantity(found, expected), text);
}

function gradeValue(
  kind: 'number' | 'fraction' | 'radical' | 'pi' | 'degrees',
  text: string,
  reference: string,
  params: AccuracyParams,
): Grade {
  const expected = parseQuantity(reference);
  const found = expected?.unit?.known === false ? parseQuantity(text) : measureOf(text);
  if (found === null || expected === null) return unparsed(text);
  if (kind === 'degrees' && !isAngle(found)) return decided(false, text);
  if (params.requireUnit === true && expected.unit !== null && found.unit === null) return decided(false, text);
  // A fraction, a root or a multiple of π is asked for because it is exact: 3.14 is not π.
  const exact = kind !== 'number' && kind !== 'degrees';
  const unitLeftOut = found.unit === null && expected.unit?.known === false;
  return compare(unitLeftOut ? { ...found, unit: expected.unit } : found, expected, text, exact ? {} : params);
}

function compare(found: Quantity | null, expected: Quantity, text: string, params: AccuracyParams): Grade {
  if (found === null) return unparsed(text);
  const relative = (params.relativeTolerance ?? 0) * Math.abs(toNumber(expected.value));
  return decided(sameQuantity(found, expected, Math.max(params.tolerance ?? 0, relative)), text);
}

/** `120/80`, `4/2`: two numbers that are no fraction in lowest terms, and so may be a reading or a score. */
function isRatio({ slash, value }: Quantity): boolean {
  return slash !== null && isRational(value) && !isLowestTerms(slash);
}

/** A value whose unit, where it has one, is a known one: `7 apples` is not read as 7. */
function measureOf(text: string): Quantity | null {
  const found = parseQuantity(text);
  return found?.unit?.known === false ? null : found;
}

function countOf(text: string): Quantity | null {
  const value = parseCount(text);
  return value === null ? null : quantityOf(value);
}

function quantityOf(value: Quantity['value']): Quantity {
  return { value, unit: null, slash: null, fraction: false };
}

function graded(text: string, { verdict, read }: TextVerdict): Grade {
  return { verdict, value: verdict === 'correct' ? 1 : 0, read: read ?? text };
}
