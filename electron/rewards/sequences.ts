/**
 * @file Answers that are several numbers in a fixed form, and so no single value: dates (`1/2/2024`), times (`12:30`),
 * readings and scores (`120/80`), ratios (`3:4`), ranges (`3-5`), points (`(3, 500)`) and lists (`1, 2, 3`). They are
 * right when the form and every number agree; nothing is calculated.
 */
import { equals, rational } from './exact.ts';
import { fold } from './folding.ts';
import { dropCommands, unwrapMarkup } from './markup.ts';

export type Sequence = {
  /** The brackets around it, such as `()`; empty without. */
  brackets: string;
  /** What stands between the numbers, without spaces. */
  separator: string;
  /** As written, without spaces. */
  numbers: readonly string[];
  /** What follows the last number: a unit, as spelled. */
  unit: string;
};

const MAX_LENGTH = 200;
const NUMBER = /[+-]?(?:\d+(?:\.\d+)?|\.\d+)/y;
const SEPARATOR = / ?(to(?![a-z])|[,;:/.x*-]) ?/iy;
/** More than one dot between digits: `1.2.3` is three numbers and not 1.2 and .3. */
const DOTTED = /\d+(?:\.\d+){2,}(?![.\d])/y;
const UNIT = /^(?:[\p{L}°%‰'"€$£¥][^\d\n]{0,24})?$/u;
const DATE = /^(\d{1,4})([-./])(\d{1,2})\2(\d{1,4})$/;
const CLOSES: Record<string, string> = { '(': ')', '[': ']', '{': '}' };

/** Null where the text is not at least two numbers with the same separator all the way. */
export function readSequence(text: string): Sequence | null {
  if (text.length > MAX_LENGTH) return null;
  const plain = dropCommands(unwrapMarkup(fold(text)))
    .replace(/×|\\times/g, 'x')
    .replace(/\s+/g, ' ')
    .trim();
  const date = dateOf(plain);
  if (date !== null) return date;
  const open = /^[([{] ?/.exec(plain)?.[0] ?? '';
  const found = scan(plain, open.length);
  if (found === null) return null;
  const close = CLOSES[open.trim()] ?? '';
  const rest = plain.slice(found.end).trim();
  if (!rest.startsWith(close)) return null;
  const unit = rest.slice(close.length).trim();
  if (!UNIT.test(unit)) return null;
  return {
    brackets: open.trim() + close,
    separator: found.separator,
    numbers: found.numbers,
    unit: unit.toLowerCase(),
  };
}

/** The numbers from `at` on, as far as the same separator stands between them; null for fewer than two. */
function scan(text: string, at: number): { numbers: string[]; separator: string; end: number } | null {
  const number = matchAt(DOTTED, text, at) === null ? NUMBER : /\d+/y;
  const first = matchAt(number, text, at);
  if (first === null) return null;
  const numbers = [first[0]];
  let end = at + first[0].length;
  let separator: string | null = null;
  for (;;) {
    const between = matchAt(SEPARATOR, text, end);
    const next = between === null ? null : matchAt(number, text, end + between[0].length);
    if (between === null || next === null) break;
    const sign = canonical(between[1] ?? '');
    if (separator !== null && sign !== separator) return null;
    separator = sign;
    numbers.push(next[0]);
    end += between[0].length + next[0].length;
  }
  return separator === null ? null : { numbers: numbers.map((one) => one.replace(/^\+/, '')), separator, end };
}

function canonical(separator: string): string {
  const sign = separator.toLowerCase();
  return sign === 'to' ? '-' : sign === '*' ? 'x' : sign;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Whether the two have the same form, the same unit, and the same numbers in the same order. */
export function sameSequence(a: Sequence, b: Sequence): boolean {
  if (a.brackets !== b.brackets || a.separator !== b.separator || a.unit !== b.unit) return false;
  if (a.numbers.length !== b.numbers.length) return false;
  return a.numbers.every((number, index) =>
    sameNumber(number, b.numbers[index] ?? '', isClock(a) && isClock(b) && index === 0),
  );
}

/** `1/2/2024` and `01/02/2024` are the same date; day and month are never exchanged. */
function dateOf(plain: string): Sequence | null {
  const [, first = '', separator = '', second = '', third = ''] = DATE.exec(plain) ?? [];
  if (separator === '') return null;
  const yearFirst = first.length === 4 && third.length <= 2;
  const yearLast = third.length === 4 && first.length <= 2;
  if (!yearFirst && !yearLast) return null;
  const numbers = [first, second, third].map((number) => number.replace(/^0+(?=\d)/, ''));
  // A year in front is always followed by the month, however the date is punctuated (ISO 8601).
  return { brackets: '', separator: yearFirst ? '-' : separator, numbers, unit: '' };
}

/** `9:05`, `09:05:30`. */
function isClock({ separator, numbers }: Sequence): boolean {
  return separator === ':' && numbers.length <= 3 && numbers.slice(1).every((number) => /^[0-5]\d$/.test(number));
}

/** `1.50` is `1.5`, but what begins with zeros is a code: `0123` is not `123`. */
function sameNumber(a: string, b: string, zerosMayDiffer: boolean): boolean {
  if (a === b) return true;
  if (!zerosMayDiffer && (/^[+-]?0\d/.test(a) || /^[+-]?0\d/.test(b))) return false;
  const [x, y] = [decimal(a), decimal(b)];
  return x !== null && y !== null && equals(x, y);
}

function decimal(text: string) {
  const sign = text.startsWith('-') ? -1n : 1n;
  const [whole = '', decimals = ''] = text.replace(/^[+-]/, '').split('.');
  return rational(sign * BigInt(whole + decimals), 10n ** BigInt(decimals.length));
}
