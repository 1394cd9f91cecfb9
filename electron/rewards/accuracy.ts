/** @file The accuracy reward: grades the last answer tag, exactly, and keeps "cannot be read" apart from "wrong". */
import type { Task } from '../contract/model/primitives.ts';
import type { AccuracyParams, AnswerKind } from '../contract/model/rewards.ts';
import { extractAnswer, unwrapReference } from './answer.ts';
import { isMultipleOfPi, isRational, isRootOfRational, toNumber } from './exact.ts';
import type { Quantity } from './numbers.ts';
import { parseCount, parseQuantity, sameQuantity } from './numbers.ts';
import { contains, overlap, readBox, readPoint } from './places.ts';
import { gradeChoice, gradeText, gradeWords, isChoice, readYesNo } from './text-answers.ts';

export type Verdict = 'correct' | 'wrong' | 'unparsed';

export type Grade = {
  verdict: Verdict;
  /** The reward: 1 for correct, else 0; the overlap where that is asked for. */
  value: number;
  /** What the verifier took as the answer; null when it found none. */
  read: string | null;
};

/** The kind of answer and its options may be given beside the completion; absent, the task decides. */
export type GradeRequest = AccuracyParams & {
  completion: string;
  /** The reference answer, plain or in answer tags. */
  answer: string;
  task: Task;
};

export const DEFAULT_IOU_THRESHOLD = 0.5;

/**
 * Counting reads whole numbers only; geometry reads exact values with units; other tasks read what the reference
 * is: a value, a choice letter or a text. A reference that is no number is always compared as text. A `kind`
 * other than `auto` reads the answer as that kind whatever the task is.
 */
export function gradeAnswer(request: GradeRequest): Grade {
  const given = extractAnswer(request.completion);
  if (!given.found) return { verdict: 'unparsed', value: 0, read: given.read };
  const reference = unwrapReference(request.answer);
  const kind = request.kind ?? 'auto';
  switch (kind) {
    case 'auto':
      return gradeByTask(given.text, reference, request);
    case 'choice':
      return graded(given.text, gradeChoice(given.text, reference));
    case 'text':
      return graded(given.text, gradeWords(given.text, reference, request.caseSensitive));
    case 'yes-no': {
      const said = readYesNo(given.text);
      if (said === null) return { verdict: 'unparsed', value: 0, read: given.text };
      return decided(said === readYesNo(reference), given.text);
    }
    case 'box':
      return gradeBox(given.text, reference, request);
    case 'point': {
      const point = readPoint(given.text);
      if (point === null) return { verdict: 'unparsed', value: 0, read: given.text };
      const box = readBox(reference);
      return decided(box !== null && contains(box, point), given.text);
    }
    case 'count':
    case 'number':
    case 'fraction':
    case 'radical':
    case 'pi':
    case 'degrees':
      return gradeValue(kind, given.text, reference, request);
  }
}

/** Whether a reference answer can be graded as this kind at all. `auto` takes every reference but an empty one. */
export function referenceFits(kind: AnswerKind, answer: string): boolean {
  const reference = unwrapReference(answer);
  const quantity = parseQuantity(reference);
  switch (kind) {
    case 'auto':
    case 'text':
      return reference !== '';
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
    case 'box':
    case 'point':
      return readBox(reference) !== null;
  }
}

function gradeByTask(text: string, reference: string, request: GradeRequest): Grade {
  const expected = parseQuantity(reference);
  if (expected === null) return graded(text, gradeText(text, reference));
  return compareValues(request.task === 'counting' ? asCount(text) : parseQuantity(text), expected, text, request);
}

function gradeValue(
  kind: 'count' | 'number' | 'fraction' | 'radical' | 'pi' | 'degrees',
  text: string,
  reference: string,
  request: GradeRequest,
): Grade {
  const expected = parseQuantity(reference);
  const found = kind === 'count' ? asCount(text) : parseQuantity(text);
  if (found === null || expected === null) return { verdict: 'unparsed', value: 0, read: text };
  if (kind === 'degrees' && !isAngle(found)) return decided(false, text);
  if (request.requireUnit === true && expected.unit !== null && found.unit === null && kind !== 'count') {
    return decided(false, text);
  }
  // A fraction, a root or a multiple of π is asked for because it is exact: 3.14 is not π.
  const exact = kind !== 'number' && kind !== 'degrees';
  return compareValues(found, expected, text, exact ? {} : request);
}

function compareValues(found: Quantity | null, expected: Quantity, text: string, params: AccuracyParams): Grade {
  if (found === null) return { verdict: 'unparsed', value: 0, read: text };
  const relative = (params.relativeTolerance ?? 0) * Math.abs(toNumber(expected.value));
  return decided(sameQuantity(found, expected, Math.max(params.tolerance ?? 0, relative)), text);
}

function gradeBox(text: string, reference: string, params: AccuracyParams): Grade {
  const [found, expected] = [readBox(text), readBox(reference)];
  if (found === null || expected === null) return { verdict: 'unparsed', value: 0, read: text };
  const iou = overlap(found, expected);
  const grade = decided(iou >= (params.iouThreshold ?? DEFAULT_IOU_THRESHOLD), text);
  return params.overlapAsReward === true ? { ...grade, value: iou } : grade;
}

function asCount(text: string): Quantity | null {
  const value = parseCount(text);
  return value === null ? null : { value, unit: null };
}

function isAngle({ unit }: Quantity): boolean {
  return unit === null || unit === '°';
}

function decided(correct: boolean, read: string): Grade {
  return { verdict: correct ? 'correct' : 'wrong', value: correct ? 1 : 0, read };
}

function graded(text: string, { verdict, read }: { verdict: Verdict; read: string | null }): Grade {
  return { verdict, value: verdict === 'correct' ? 1 : 0, read: read ?? text };
}
