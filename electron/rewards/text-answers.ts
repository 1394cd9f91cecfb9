/** @file Grading of answers that are words: a choice letter, or a short text. */

export type TextVerdict = { verdict: 'correct' | 'wrong' | 'unparsed'; read: string | null };

const SEPARATORS = /\s+or\s+|\s+and\s+|\s*[,;/|\n]\s*/i;
const CHOICE = /^(?:(?:option|choice|answer)[\s:]+)?\(?([A-J])\)?(?:[.:)\s]\s*(.*))?$/is;

/** A single letter A–J as the reference makes the question multiple choice; anything else is compared as text. */
export function gradeText(answer: string, reference: string): TextVerdict {
  return /^\(?[A-J]\)?$/.test(reference.trim()) ? gradeChoice(answer, reference) : gradeWords(answer, reference);
}

function gradeChoice(answer: string, reference: string): TextVerdict {
  const match = CHOICE.exec(answer.trim());
  const letter = match?.[1]?.toUpperCase();
  const rest = match?.[2]?.trim() ?? '';
  // "A or B", "A) B) C)", "A cat": only a letter that stands by itself, or with the text of its choice, commits.
  const separated = /^\(?[A-J]\)?\s*[.:)]/i.test(answer.trim().replace(/^(?:option|choice|answer)[\s:]+/i, ''));
  const several = /(?:^|\s|\()[A-J][).:](?:\s|$)|\bor\b|^[A-J]$/i.test(rest);
  if (letter === undefined || several || (rest !== '' && !separated)) return { verdict: 'unparsed', read: null };
  return { verdict: letter === reference.replace(/[()\s]/g, '') ? 'correct' : 'wrong', read: letter };
}

function gradeWords(answer: string, reference: string): TextVerdict {
  const [given, expected] = [plain(answer), plain(reference)];
  if (given === expected) return { verdict: 'correct', read: given };
  // A list of guesses is no answer, unless the reference is a list itself.
  if (SEPARATORS.test(given) && !SEPARATORS.test(expected)) return { verdict: 'unparsed', read: given };
  return { verdict: given === '' ? 'unparsed' : 'wrong', read: given };
}

/** Case, quotes, spacing and a closing full stop do not make another answer. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/["'`“”‘’*]/g, '')
    .replace(/[^\S\n]+/g, ' ')
    .trim()
    .replace(/[.!。]+$/, '')
    .trim();
}
