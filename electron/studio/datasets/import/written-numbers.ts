/** @file How a text writes its one number: with a decimal comma, a decimal point, or so that both are possible. Pure. */

/**
 * `comma`, `point`: can be read in one way only, and shows how the table writes decimals. `either-comma` (`1,234`) and
 * `either-point` (`1.234`): one and a bit, or one thousand and a bit.
 */
export type Notation = 'comma' | 'point' | 'either-comma' | 'either-point';

/** A sign, digits with marks, and a short unit. */
const LONE_NUMBER = /^([-+−]?)(\d[\d.,]*)((?:\s?[\p{L}%°²³€$£/]{1,8})?)$/u;
/** A first group never begins with 0: `0,250` is a quarter. */
const KINDS: readonly [Notation, RegExp][] = [
  ['either-comma', /^[1-9]\d{0,2},\d{3}$/],
  ['either-point', /^[1-9]\d{0,2}\.\d{3}$/],
  ['comma', /^(?:\d+|[1-9]\d{0,2}(?:\.\d{3})+),\d+$/],
  ['comma', /^[1-9]\d{0,2}(?:\.\d{3}){2,}$/],
  ['point', /^(?:\d+|[1-9]\d{0,2}(?:,\d{3})+)\.\d+$/],
  ['point', /^[1-9]\d{0,2}(?:,\d{3}){2,}$/],
];

/** Null for whole numbers without marks, and for anything that is not one number. */
export function notationOf(text: string): Notation | null {
  const digits = LONE_NUMBER.exec(text.trim())?.[2] ?? '';
  return KINDS.find(([, pattern]) => pattern.test(digits))?.[0] ?? null;
}

/** The same number with a decimal point and without groups, where the text has decimal commas: `1.234,5 m` → `1234.5 m`. */
export function withoutDecimalComma(text: string): string {
  const [, sign = '', digits = '', unit = ''] = LONE_NUMBER.exec(text.trim()) ?? [];
  return digits === '' ? text : `${sign}${digits.replaceAll('.', '').replace(',', '.')}${unit}`;
}

/** What `1,234` or `1.234` is when commas group digits and a point is the decimal mark, and when it is the other way. */
export function bothReadings(text: string): { asWritten: number; decimalComma: number } {
  const digits = LONE_NUMBER.exec(text.trim())?.[2] ?? '';
  return { asWritten: Number(digits.replaceAll(',', '')), decimalComma: Number(withoutDecimalComma(digits)) };
}
