/**
 * @file Answers that describe a picture. The reference says what must and must not be named, and may hold texts to
 * resemble: `A heron stands in shallow water. || must: heron, water = sea || not: people`.
 */
import type { AccuracyParams } from '../contract/model/rewards.ts';
import { visibleText } from './folding.ts';
import { chrF, rougeL, wordsOf } from './text-similarity.ts';

/** A fact in all its wordings, each as words. */
type Fact = readonly (readonly string[])[];
export type DescriptionReference = { texts: readonly string[]; must: readonly Fact[]; not: readonly Fact[] };
export type DescriptionMeasures = { facts: number; chrf?: number; rougeL?: number; isComplete: boolean };

export const DEFAULT_LONGEST_DESCRIPTION = 60;
export const DEFAULT_RESEMBLANCE = 'chrf';

const PART = /\s*\|\|\s*/;
const LABEL = /^(must|not)\s*:\s*/i;
/** A description that repeats more than the rest of this says the same again. */
const LEAST_NEW = 0.7;
/** `no heron`, `not a heron`, `without any heron`: a fact right after these is denied, not told. */
const DENIALS = new Set(['no', 'not', 'without', 'neither', 'nor', 'never', 'isn', 'aren', 'kein', 'keine', 'ohne']);
const BETWEEN = new Set(['a', 'an', 'the', 'any', 't', 'ein', 'eine', 'einen', 'der', 'die', 'das']);

/** Null without a fact that must be named, and for an empty fact. */
export function readDescriptionReference(answer: string): DescriptionReference | null {
  const texts: string[] = [];
  const facts: Record<'must' | 'not', Fact[]> = { must: [], not: [] };
  for (const part of answer.trim().split(PART)) {
    const label = LABEL.exec(part)?.[1]?.toLowerCase();
    if (label !== 'must' && label !== 'not') {
      if (part !== '') texts.push(part);
      continue;
    }
    for (const fact of part.replace(LABEL, '').split(/[,;]/)) {
      const wordings = fact.split('=').map(wordsOf);
      if (wordings.some((words) => words.length === 0)) return null;
      facts[label].push(wordings);
    }
  }
  return facts.must.length === 0 ? null : { texts, ...facts };
}

/** The text that a model should imitate: a reference with facts holds more than that. */
export function descriptionText(answer: string): string {
  if (readDescriptionReference(answer) === null) return answer;
  const parts = answer.trim().split(PART);
  const text = parts.find((part) => part !== '' && !LABEL.test(part));
  return text ?? namedFacts(parts);
}

/** Facts: the share of those that must be named, times the share of the forbidden ones that are not. */
export function measureDescription(
  text: string,
  { texts, must, not }: DescriptionReference,
  params: Pick<AccuracyParams, 'longest'>,
): DescriptionMeasures {
  const shown = visibleText(text);
  const words = wordsOf(shown);
  const named = must.filter((fact) => tells(words, fact)).length;
  const forbidden = not.filter((fact) => tells(words, fact)).length;
  const longest = params.longest ?? DEFAULT_LONGEST_DESCRIPTION;
  const best = (measure: (given: string, reference: string) => number): number =>
    Math.max(...texts.map((reference) => measure(shown, reference)));
  return {
    facts: (named / must.length) * (not.length === 0 ? 1 : 1 - forbidden / not.length),
    ...(texts.length === 0 ? {} : { chrf: best(chrF), rougeL: best(rougeL) }),
    isComplete: named === must.length && forbidden === 0 && words.length <= longest && newShare(words) > LEAST_NEW,
  };
}

/**
 * The partial credit: the mean of facts and resemblance (facts alone without a text), less for what it repeats
 * and for every word above the longest length, and nothing at twice that.
 */
export function descriptionCredit(
  text: string,
  measures: DescriptionMeasures,
  params: Pick<AccuracyParams, 'longest' | 'resemblance'>,
): number {
  const longest = params.longest ?? DEFAULT_LONGEST_DESCRIPTION;
  const words = wordsOf(visibleText(text));
  const kept = newShare(words) * Math.max(0, 1 - Math.max(0, words.length - longest) / longest);
  const alike = (params.resemblance ?? DEFAULT_RESEMBLANCE) === 'chrf' ? measures.chrf : measures.rougeL;
  return kept * (alike === undefined ? measures.facts : (measures.facts + alike) / 2);
}

/** The share of word triples that come for the first time. */
function newShare(words: readonly string[]): number {
  const triples = words.slice(2).map((word, at) => [words[at], words[at + 1], word].join(' '));
  return triples.length === 0 ? 1 : new Set(triples).size / triples.length;
}

function namedFacts(parts: readonly string[]): string {
  const must = parts.filter((part) => /^must/i.test(part)).join(', ');
  return must
    .split(/[,;]/)
    .map((fact) => (fact.replace(LABEL, '').split('=')[0] ?? '').trim())
    .join(', ');
}

function tells(words: readonly string[], fact: Fact): boolean {
  return fact.some((wording) =>
    words.some((_, at) => wording.every((word, offset) => words[at + offset] === word) && !isDenied(words, at)),
  );
}

function isDenied(words: readonly string[], at: number): boolean {
  let before = at - 1;
  while (before >= 0 && BETWEEN.has(words[before] ?? '')) before -= 1;
  return DENIALS.has(words[before] ?? '');
}
