/** @file All text on the page, in the language that was chosen when the page was loaded. */
import { de } from './de.ts';
import { messages as en } from './en.ts';
import { language } from './language.ts';
import type { Messages } from './texts.ts';

export type { Messages };

export const messages: Messages = language === 'de' ? de : en;
