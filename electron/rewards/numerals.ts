/**
 * @file The notations of one plain number: `1,234.5` (English), `12,34,567` (Indian), `1'234.5` (Swiss), `1 234,5`
 * (French), `1.234.567` and `1.234,5` (German), `1.5e3`, and English words up to `nine hundred and ninety-nine`.
 */
import { rational, type Exact } from './exact.ts';

export type NumeralOptions = {
  /** Whether `3,5` is three and a half. Otherwise it is left alone: it may be two numbers. Default true. */
  decimalComma?: boolean;
  /** Whether commas may group digits. They must not inside of brackets, where they separate: `(3,500)`. Default true. */
  groups?: boolean;
};

export type Numeral = {
  value: Exact;
  /** Characters read. */
  length: number;
  /** Written as an integer, without decimals and exponent. */
  whole: boolean;
};

type Notation = { pattern: RegExp; group: string };

/** A first group never begins with 0: `0,250` is a quarter, not 250. */
const GROUPED: readonly Notation[] = [
  { pattern: /[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?/y, group: ',' },
  { pattern: /[1-9]\d?(?:,\d{2})+,\d{3}(?:\.\d+)?/y, group: ',' },
  { pattern: /[1-9]\d{0,2}(?:'\d{3})+(?:[.,]\d+)?/y, group: "'" },
  { pattern: /[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d+)?/y, group: ' ' },
  { pattern: /[1-9]\d{0,2}(?:\.\d{3}){2,}(?:,\d+)?/y, group: '.' },
  { pattern: /[1-9]\d{0,2}(?:\.\d{3})+,\d+/y, group: '.' },
];
const DECIMAL_COMMA = /\d+,\d+/y;
const PLAIN = /(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3}(?![\p{L}\p{N}]))?/uy;
/** More digits follow: `3,4`, `1.2.3`, `3'4`. What was read was part of something else. */
const GOES_ON = /[.,']?\d/y;

const ONES = 'zero one two three four five six seven eight nine'.split(' ');
const TEENS = 'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ');
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const VALUES = new Map<string, number>([
  ['a', 1],
  ...ONES.map((word, value): [string, number] => [word, value]),
  ...TEENS.map((word, index): [string, number] => [word, 10 + index]),
  ...TENS.map((word, index): [string, number] => [word, 20 + 10 * index]),
]);
const WORDS = wordPattern();

/** The number written in digits at `at`; null where there is none, or where it is part of something longer. */
export function readDigits(text: string, at: number, options: NumeralOptions = {}): Numeral | null {
  const { decimalComma = true, groups = true } = options;
  for (const { pattern, group } of groups ? GROUPED : []) {
    const written = matchAt(pattern, text, at);
    if (written === null || matchAt(GOES_ON, text, at + written.length) !== null) continue;
    return numeral(written, written.replaceAll(group, '').replace(',', '.'));
  }
  const written = (decimalComma && groups ? matchAt(DECIMAL_COMMA, text, at) : null) ?? matchAt(PLAIN, text, at);
  if (written === null || matchAt(GOES_ON, text, at + written.length) !== null) return null;
  return numeral(written, written.replace(',', '.'));
}

/** The number written in English words at `at`, from zero to 999. */
export function readNumberWords(text: string, at: number): Numeral | null {
  const written = matchAt(WORDS, text, at);
  if (written === null) return null;
  let value = 0;
  for (const word of written.toLowerCase().split(/[\s-]+/)) {
    value = word === 'hundred' ? value * 100 : value + (VALUES.get(word) ?? 0);
  }
  const exact = rational(BigInt(value));
  return exact === null ? null : { value: exact, length: written.length, whole: true };
}

/** `decimal` is what was written, in the form `1234.5e6`. */
function numeral(written: string, decimal: string): Numeral | null {
  const [digits = '', exponent = '0'] = decimal.toLowerCase().split('e');
  const [whole = '', decimals = ''] = digits.split('.');
  const power = Number(exponent) - decimals.length;
  const unscaled = BigInt(whole + decimals);
  const value = power < 0 ? rational(unscaled, 10n ** BigInt(-power)) : rational(unscaled * 10n ** BigInt(power));
  return value === null ? null : { value, length: written.length, whole: !digits.includes('.') && !/e/i.test(written) };
}

function wordPattern(): RegExp {
  const ones = ONES.slice(1).join('|');
  const below100 = `(?:${TENS.join('|')})(?:[ -](?:${ones}))?|${TEENS.join('|')}|${ones}`;
  const hundreds = `(?:${ones}|a)[ -]hundred(?:(?:[ -]and)?[ -](?:${below100}))?`;
  return new RegExp(`(?:zero|${hundreds}|${below100})(?![\\p{L}\\p{N}-])`, 'iuy');
}

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}
