/**
 * @file Answers that copy what is written in a picture, and how far they are from the reference: the character error rate
 * (CER) and the word error rate (WER), as jiwer measures them.
 */
import type { AccuracyParams } from '../contract/model/rewards.ts';
import { withoutInvisible } from './folding.ts';

export type Normalisation = NonNullable<AccuracyParams['normalise']>;
export type ErrorUnit = NonNullable<AccuracyParams['errorRate']>;

export const DEFAULT_NORMALISATION: Normalisation = 'spaces';
export const DEFAULT_ERROR_UNIT: ErrorUnit = 'characters';

/**
 * What is compared, in Unicode's composed form without invisible characters. `none`: the text as written, trimmed;
 * `spaces`: with single spaces; `letters`: also in lower case and without punctuation.
 */
export function normaliseTranscript(text: string, how: Normalisation): string {
  const written = withoutInvisible(text).normalize('NFC').trim();
  if (how === 'none') return written;
  const kept = how === 'letters' ? written.toLowerCase().replace(/\p{P}/gu, '') : written;
  return kept.split(/\s+/).filter(Boolean).join(' ');
}

/**
 * Insertions, deletions and replacements (Levenshtein distance) divided by the length of the reference; 0 = equal, and
 * above 1 where the answer is much longer. Characters are Unicode code points, words what white space separates.
 *
 * @throws RangeError if the reference is empty
 */
export function errorRate(given: string, reference: string, unit: ErrorUnit): number {
  const [a, b] = [partsOf(given, unit), partsOf(reference, unit)];
  if (b.length === 0) throw new RangeError('The reference has nothing to compare with.');
  return distance(a, b) / b.length;
}

function partsOf(text: string, unit: ErrorUnit): string[] {
  return unit === 'characters' ? Array.from(text) : text.split(/\s+/).filter(Boolean);
}

function distance(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  a.forEach((part, index) => {
    const next = [index + 1];
    b.forEach((other, column) => {
      const replaced = (row[column] ?? 0) + (part === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    });
    row = next;
  });
  return row[b.length] ?? 0;
}
