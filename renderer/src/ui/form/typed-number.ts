/** @file Numbers as a person types them, in the language of the page. None is guessed: what can be read in two ways is no number. */
import { language as spoken, type Language } from '../../messages/language.ts';
import { formatsIn } from '../format.ts';

const decimalMark: Record<Language, string> = { en: '.', de: ',' };
/** “1,234” and “1.234”, which one reader groups and the other does not. */
const maybeGrouped = /^[+-]?[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*$/;

/**
 * Reads one number. The mark of this language is always a decimal mark. The mark of the other one is read as a decimal
 * mark too, except where it may group thousands: then the answer is undefined, as for anything that is not a number.
 */
export function numberOf(text: string, language: Language = spoken): number | undefined {
  const typed = text.trim();
  const other = decimalMark[language] === ',' ? '.' : ',';
  if (maybeGrouped.exec(typed)?.[1] === other) return undefined;
  const number = Number(typed === '' ? Number.NaN : typed.replace(',', '.'));
  return Number.isFinite(number) ? number : undefined;
}

/**
 * Reads a list without repeats: in English “0, 0.5; 1”, in German “0; 0,5; 1”. A comma before a space separates in both.
 * Returns undefined if the list is empty or a part is not a number.
 */
export function numbersOf(text: string, language: Language = spoken): number[] | undefined {
  const separator = language === 'de' ? /\s*;\s*|,?\s+/ : /[\s,;]+/;
  const parts = text.split(separator).filter((part) => part !== '');
  const numbers = parts.flatMap((part) => numberOf(part, language) ?? []);
  if (parts.length === 0 || numbers.length < parts.length) return undefined;
  return numbers.filter((value, index) => numbers.indexOf(value) === index);
}

/** Writes a list as `numbersOf` reads it. */
export function listOf(numbers: readonly number[], language: Language = spoken): string {
  return numbers.map((value) => formatsIn(language).formatSetting(value)).join(language === 'de' ? '; ' : ', ');
}
