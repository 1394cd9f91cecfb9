/**
 * @file Kinds of answer that can be partly right: when they are right, what their metrics measure, and the partial credit
 * that a reward may give instead of 1 or 0. docs/tasks.md says each formula, its source and its loopholes.
 */
import type { AnswerMetrics, MetricName } from '../contract/model/metrics.ts';
import type { AccuracyParams, AnswerKind } from '../contract/model/rewards.ts';
import { descriptionCredit, measureDescription, readDescriptionReference } from './descriptions.ts';
import { faultyPaths, fieldF1, hasTooManyFields, readFields, readSchema } from './fields.ts';
import { decided, unparsed, type Grade } from './grade.ts';
import { alignedPlaces, kendallTau, readOrder } from './orders.ts';
import { boxF1, meanOverlap, pointHits, readBoxes, readPoints } from './places.ts';
import { isTooMany, readTags, readVocabulary, setF1 } from './tag-sets.ts';
import { DEFAULT_ERROR_UNIT, DEFAULT_NORMALISATION, errorRate, normaliseTranscript } from './transcripts.ts';

export const DEFAULT_IOU_THRESHOLD = 0.5;

type PartialKind = {
  metrics: readonly MetricName[];
  /** Null for an answer that commits to nothing. */
  read: (text: string, reference: string, params: AccuracyParams) => Reading | null;
};
type Reading = { right: boolean; metrics: AnswerMetrics; credit: number };

/** Each kind with its metrics. Raise the version of `accuracy` in the registry where a change gives another score. */
const PARTIAL_KINDS = {
  tags: { metrics: ['tag-f1'], read: gradeTags },
  transcript: { metrics: ['character-match', 'word-match'], read: gradeTranscript },
  fields: { metrics: ['field-f1'], read: gradeFields },
  order: { metrics: ['order-agreement'], read: gradeOrder },
  description: { metrics: ['facts', 'chrf', 'rouge-l'], read: gradeDescription },
  box: { metrics: ['box-overlap', 'box-f1'], read: gradeBoxes },
  point: { metrics: ['point-hits'], read: gradePoints },
} as const satisfies Partial<Record<AnswerKind, PartialKind>>;

export type PartialAnswerKind = keyof typeof PARTIAL_KINDS;

export function isPartlyRight(kind: AnswerKind): kind is PartialAnswerKind {
  return Object.hasOwn(PARTIAL_KINDS, kind);
}

/** The metrics that an evaluation records for answers of this kind; none for kinds that are right or wrong. */
export function metricsOfKind(kind: AnswerKind = 'auto'): readonly MetricName[] {
  return isPartlyRight(kind) ? PARTIAL_KINDS[kind].metrics : [];
}

/** Grades an answer, with its metrics, and with partial credit as the value where `params` asks for it. */
export function gradePartly(kind: PartialAnswerKind, text: string, reference: string, params: AccuracyParams): Grade {
  const reading = PARTIAL_KINDS[kind].read(text, reference, params);
  if (reading === null) return unreadable(kind, text, reference);
  const grade = { ...decided(reading.right, text), metrics: reading.metrics };
  const isPartial = params.partialCredit === true || params.overlapAsReward === true;
  return isPartial ? { ...grade, value: reading.credit } : grade;
}

/** An answer that commits to nothing has nothing right. */
export function unreadable(kind: PartialAnswerKind, text: string | null, reference: string): Grade {
  const resembles = kind !== 'description' || (readDescriptionReference(reference)?.texts.length ?? 0) > 0;
  const names: readonly MetricName[] = resembles ? PARTIAL_KINDS[kind].metrics : ['facts'];
  return { ...unparsed(text), metrics: Object.fromEntries(names.map((name) => [name, 0])) };
}

/** Right when the sets are equal; the credit is F1. */
function gradeTags(text: string, reference: string, params: AccuracyParams): Reading | null {
  const vocabulary = params.vocabulary === undefined ? undefined : (readVocabulary(params.vocabulary) ?? undefined);
  const [found, expected] = [readTags(text, vocabulary), readTags(reference, vocabulary)];
  if (found === null || expected === null || isTooMany(found, expected)) return null;
  const f1 = setF1(found, expected);
  return { right: f1 === 1, metrics: { 'tag-f1': f1 }, credit: f1 };
}

/** Right when the normalised texts are equal; the credit is 1 − the error rate, at least 0. */
function gradeTranscript(text: string, reference: string, params: AccuracyParams): Reading | null {
  const how = params.normalise ?? DEFAULT_NORMALISATION;
  const [found, expected] = [normaliseTranscript(text, how), normaliseTranscript(reference, how)];
  if (found === '' || expected === '') return null;
  const matchOf = (unit: 'characters' | 'words'): number => Math.max(0, 1 - errorRate(found, expected, unit));
  const [characters, words] = [matchOf('characters'), matchOf('words')];
  return {
    right: found === expected,
    metrics: { 'character-match': characters, 'word-match': words },
    credit: (params.errorRate ?? DEFAULT_ERROR_UNIT) === 'characters' ? characters : words,
  };
}

/** Right when every field is right, none is too much and the schema holds; the credit is F1 by field. */
function gradeFields(text: string, reference: string, params: AccuracyParams): Reading | null {
  const [found, expected] = [readFields(text), readFields(reference)];
  if (found === null || expected === null || hasTooManyFields(found.fields, expected.fields)) return null;
  const read = params.schema === undefined || params.schema === '' ? null : readSchema(params.schema);
  const schema = typeof read === 'string' ? null : read;
  const faulty = schema === null ? new Set<string>() : faultyPaths(found.value, schema);
  const f1 = fieldF1(found.fields, expected.fields, faulty, params, schema);
  return { right: f1 === 1 && faulty.size === 0, metrics: { 'field-f1': f1 }, credit: f1 };
}

/** Right when all things are in their places; the credit is Kendall's τ-b, at least 0. */
function gradeOrder(text: string, reference: string): Reading | null {
  const [found, expected] = [readOrder(text), readOrder(reference)];
  if (found === null || expected === null) return null;
  const places = alignedPlaces(found, expected);
  const agreement = places === null ? 0 : Math.max(0, kendallTau(places, expected.places));
  return { right: agreement > 1 - 1e-9, metrics: { 'order-agreement': agreement }, credit: agreement };
}

/** Right when it names all that it must and nothing forbidden, in few enough words. */
function gradeDescription(text: string, reference: string, params: AccuracyParams): Reading | null {
  const expected = readDescriptionReference(reference);
  if (expected === null) return null;
  const measures = measureDescription(text, expected, params);
  const { facts, chrf, rougeL, isComplete } = measures;
  return {
    right: isComplete,
    metrics: { facts, ...(chrf === undefined || rougeL === undefined ? {} : { chrf, 'rouge-l': rougeL }) },
    credit: descriptionCredit(text, measures, params),
  };
}

/** Every box of the reference must have one box of the answer, and none may be left over. */
function gradeBoxes(text: string, reference: string, params: AccuracyParams): Reading | null {
  const [found, expected] = [readBoxes(text), readBoxes(reference)];
  if (found === null || expected === null) return null;
  if (expected.length === 1 && found.length > 1) return null;
  const [f1, mean] = [
    boxF1(found, expected, params.iouThreshold ?? DEFAULT_IOU_THRESHOLD),
    meanOverlap(found, expected),
  ];
  return {
    right: f1 === 1,
    metrics: { 'box-overlap': mean, 'box-f1': f1 },
    credit: params.overlapAsReward === true ? mean : f1,
  };
}

/** Every box of the reference must hold one point of the answer, and none may be left over. */
function gradePoints(text: string, reference: string): Reading | null {
  const [found, boxes] = [readPoints(text), readBoxes(reference)];
  if (found === null || boxes === null) return null;
  if (boxes.length === 1 && found.length > 1) return null;
  const hits = pointHits(found, boxes);
  return { right: hits === 1, metrics: { 'point-hits': hits }, credit: hits };
}
