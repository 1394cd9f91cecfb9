/** @file The technical terms behind the plain words, in the language of the page. */
import { terms as de } from './de/terms.ts';
import { terms as en } from './en/terms.ts';
import { language } from './language.ts';
import type { Terms } from './texts.ts';

export type TermText = { label: string; name: string; about: string };

export const terms: Terms = language === 'de' ? de : en;
