/**
 * @file What the desktop app itself says: menus, boxes and notifications, in the language of the page. The page says
 * which one it speaks (contract/desktop/bridge.ts), and the next start begins with it.
 */
import { Language } from '../contract/desktop/bridge.ts';
import { sayIn } from '../languages/translate.ts';
import { readSmallFile, writeSmallFile } from './small-file.ts';
import { de } from './words/de.ts';
import { en } from './words/en.ts';
import type { Words } from './words/shape.ts';

export type { Words };

const all: Record<Language, Words> = { en, de };
let spoken: Language = 'en';

export function words(): Words {
  return all[spoken];
}

/** A sentence of the studio in the language of the app. */
export function said(english: string): string {
  return sayIn(spoken)(english);
}

export function language(): Language {
  return spoken;
}

/**
 * Begins with the language of the last start, or else the first of the system's that Atelier speaks.
 * @param file `<home>/language.json`
 */
export function restoreLanguage(file: string, preferred: readonly string[]): void {
  const found = preferred.flatMap((tag) => Language.safeParse(tag.slice(0, 2).toLowerCase()).data ?? []);
  spoken = readSmallFile(file, Language) ?? found[0] ?? 'en';
}

/** Returns whether anything has to be drawn anew. */
export function speak(file: string, wanted: Language): boolean {
  if (spoken === wanted) return false;
  spoken = wanted;
  writeSmallFile(file, wanted);
  return true;
}
