/** @file Grading of answers that are words: a choice letter, yes or no, or a short text. */
import { fold } from './folding.ts';
import { dropCommands, unwrapMarkup } from './markup.ts';

export type TextVerdict = { verdict: 'correct' | 'wrong' | 'unparsed'; read: string | null };

/** A letter, and the text of its choice where that is written beside it. */
type Choice = { letter: string; text: string };

const SEPARATORS = /\s+or\s+|\s+and\s+|\s*[,;/|\n]\s*/i;
/** `The correct answer is`, `Answer:`, `Option`, `I choose`. */
const LEAD =
  /^(?:(?:so|thus|therefore|hence)[\s,]+)?(?:(?:i\s+(?:choose|pick|select)|(?:the\s+|my\s+)?(?:(?:correct|right|best|final)\s+)*(?:answer|option|choice)(?:\s+(?:is|would\s+be|must\s+be)(?![a-z'])|\s*[:=])?))[\s:]+(?:the\s+)?(?:(?:option|choice|letter|answer)[\s:]+)?/i;
const CLOSING = /\s+is\s+(?:the\s+)?(?:(?:correct|right|best)(?:\s+(?:answer|option|choice|one))?|answer)$/i;
const LETTER = /^(?:\(([A-J])\)|\[([A-J])\]|\{([A-J])\}|([A-J])(\)?))/i;
/** Another letter that is offered in the text beside the first one. */
const FURTHER_LETTER = [
  /(?:^|[\s(])[A-J]\)(?:\s|$)|^[A-J][).:]*(?:$|(?<=[).:])\s)/i,
  /(?:^|[\s(])[A-J][.:](?:\s|$)/,
  /(?:\b(?:and|or|nor)\b|[,;/&+|\n])\s*\(?[A-J]\b|\bor\b/,
];
const TAKEN_BACK = /^(?:(?:is|was|seems)\s+)?(?:not|wrong|incorrect|false)\b|^(?:is|was)n't\b/i;
/** Several letters where one is expected, as in a question with several right choices. */
const SEVERAL = /^(?:[\s,;/&]*(?:and|or)?\s*\(?[A-J]\)?[.:]?)+$|[,;\n]\s*\(?[A-J][).:]/;
const YES = new Set(['yes', 'y', 'true']);
const NO = new Set(['no', 'n', 'false']);

/** Whether the reference makes the question multiple choice: a letter A–J, alone or before its text (`B. a dog`). */
export function isChoice(reference: string): boolean {
  return readChoiceReference(reference) !== null;
}

/** The letter of a reference, in upper case, with the text of its choice; null where it is none. */
export function readChoiceReference(reference: string): Choice | null {
  const text = unwrapMarkup(fold(reference));
  const found = LETTER.exec(text);
  if (found === null) return null;
  const letter = (found[1] ?? found[2] ?? found[3] ?? found[4] ?? '').toUpperCase();
  const after = text.slice(found[0].length);
  if (/^\s*[.:]?\s*$/.test(after)) return { letter, text: '' };
  const separated = found[0].length > 1 ? /^\s*[.:]?\s*(\S.*)$/s : /^[.:]\s+(\S.*)$/s;
  const rest = separated.exec(after)?.[1];
  return rest === undefined || SEVERAL.test(rest) ? null : { letter, text: rest };
}

/**
 * One letter that stands by itself, with the text of its choice, or in a sentence that says no more than that it is the
 * answer. `A or B`, `A) B) C)` and `A cat` commit to nothing. Where the reference has a text, an answer with another
 * text beside the right letter is wrong, and the text alone is right.
 */
export function gradeChoice(answer: string, reference: string): TextVerdict {
  const expected = readChoiceReference(reference);
  const text = unwrapMarkup(dropCommands(fold(answer)).replace(/\*\*|__|`/g, ''));
  const said = unwrapMarkup(unwrapMarkup(text.replace(LEAD, '')).replace(CLOSING, ''));
  if (expected !== null && expected.text !== '' && plain(text, false) === plain(expected.text, false)) {
    return { verdict: 'correct', read: expected.letter };
  }
  const found = LETTER.exec(said);
  const letter = (found?.[1] ?? found?.[2] ?? found?.[3] ?? found?.[4])?.toUpperCase();
  if (found === null || letter === undefined) return { verdict: 'unparsed', read: null };
  const after = said.slice(found[0].length);
  const rest = after.replace(/^\s*[.:]?\s*/, '').trim();
  if (rest !== '') {
    const separated = found[0].length > 1 || /^\s*(?::|\.\s)/.test(after);
    const same = expected !== null && expected.text !== '' && plain(rest, false) === plain(expected.text, false);
    const takenBack = TAKEN_BACK.test(rest) || FURTHER_LETTER.some((pattern) => pattern.test(rest));
    if (!separated || (!same && takenBack)) return { verdict: 'unparsed', read: null };
    if (expected !== null && expected.text !== '' && !same) return { verdict: 'wrong', read: letter };
  }
  return { verdict: letter === expected?.letter ? 'correct' : 'wrong', read: letter };
}

/** `yes` or `no` as one word (also true and false); anything more commits to neither. */
export function readYesNo(text: string): 'yes' | 'no' | null {
  const word = plain(text, false);
  return YES.has(word) ? 'yes' : NO.has(word) ? 'no' : null;
}

/** Compares two texts; case, markup, quotes, spacing and a final full stop do not count. */
export function gradeWords(answer: string, reference: string, caseSensitive = false): TextVerdict {
  const [given, expected] = [plain(answer, caseSensitive), plain(reference, caseSensitive)];
  if (given === expected) return { verdict: 'correct', read: given };
  // A list of guesses is not an answer, unless the reference is a list itself.
  if (SEPARATORS.test(given) && !SEPARATORS.test(expected)) return { verdict: 'unparsed', read: given };
  return { verdict: given === '' ? 'unparsed' : 'wrong', read: given };
}

/** One spelling for texts that say the same. Marks beside digits stay: `5'10"` is not 510, and `2*3` is not 23. */
function plain(text: string, caseSensitive: boolean): string {
  const folded = unwrapMarkup(dropCommands(fold(text))).replace(/ +/g, ' ');
  const same = (caseSensitive ? folded : folded.toLowerCase())
    .replace(/\*\*|__/g, '')
    .replace(/(?<!\d)["'`](?!\d)|(?<![\p{L}\p{N}])[*_]|[*_](?![\p{L}\p{N}])/gu, '')
    .replace(/(?<=\d) ?([-/:]) ?(?=\d)/g, '$1')
    .replace(/ +/g, ' ')
    .trim()
    .replace(/[.!。]+$/, '')
    .trim();
  // Where nothing is left (`...`, `!`), the text itself is what is compared.
  return same === '' ? text.trim() : same;
}
