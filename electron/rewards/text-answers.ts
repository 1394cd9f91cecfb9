/** @file Grading of answers that are words: a choice letter, yes or no, or a short text. */

export type TextVerdict = { verdict: 'correct' | 'wrong' | 'unparsed'; read: string | null };

const SEPARATORS = /\s+or\s+|\s+and\s+|\s*[,;/|\n]\s*/i;
const CHOICE = /^(?:(?:option|choice|answer)[\s:]+)?\(?([A-J])\)?(?:[.:)\s]\s*(.*))?$/is;
const CHOICE_REFERENCE = /^\(?[A-J]\)?$/;
const YES = new Set(['yes', 'y', 'true']);
const NO = new Set(['no', 'n', 'false']);

/** A single letter A–J as the reference makes the question multiple choice; anything else is compared as text. */
export function gradeText(answer: string, reference: string): TextVerdict {
  return isChoice(reference) ? gradeChoice(answer, reference) : gradeWords(answer, reference);
}

export function isChoice(reference: string): boolean {
  return CHOICE_REFERENCE.test(reference.trim());
}

export function gradeChoice(answer: string, reference: string): TextVerdict {
  const match = CHOICE.exec(answer.trim());
  const letter = match?.[1]?.toUpperCase();
  const rest = match?.[2]?.trim() ?? '';
  // "A or B", "A) B) C)", "A cat": only a letter that stands by itself, or with the text of its choice, commits.
  const separated = /^\(?[A-J]\)?\s*[.:)]/i.test(answer.trim().replace(/^(?:option|choice|answer)[\s:]+/i, ''));
  const several = /(?:^|\s|\()[A-J][).:](?:\s|$)|\bor\b|^[A-J]$/i.test(rest);
  if (letter === undefined || several || (rest !== '' && !separated)) return { verdict: 'unparsed', read: null };
  return { verdict: letter === reference.replace(/[()\s]/g, '') ? 'correct' : 'wrong', read: letter };
}

/** `yes` or `no` as one word (also true and false); anything more commits to neither. */
export function readYesNo(text: string): 'yes' | 'no' | null {
  const word = plain(text, false);
  return YES.has(word) ? 'yes' : NO.has(word) ? 'no' : null;
}

export function gradeWords(answer: string, reference: string, caseSensitive = false): TextVerdict {
  const [given, expected] = [plain(answer, caseSensitive), plain(reference, caseSensitive)];
  if (given === expected) return { verdict: 'correct', read: given };
  // A list of guesses is no answer, unless the reference is a list itself.
  if (SEPARATORS.test(given) && !SEPARATORS.test(expected)) return { verdict: 'unparsed', read: given };
  return { verdict: given === '' ? 'unparsed' : 'wrong', read: given };
}

/** Case, quotes, spacing and a closing full stop do not make another answer. */
function plain(text: string, caseSensitive: boolean): string {
  const one = text.normalize('NFKC');
  return (caseSensitive ? one : one.toLowerCase())
    .replace(/["'`“”‘’*]/g, '')
    .replace(/[^\S\n]+/g, ' ')
    .trim()
    .replace(/[.!。]+$/, '')
    .trim();
}
