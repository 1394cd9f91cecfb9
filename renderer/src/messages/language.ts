/** @file Which language the page speaks. Chosen once, before anything is drawn; another choice loads the page again. */

export const languages = ['en', 'de'] as const;
export type Language = (typeof languages)[number];
/** `system`: the first of the reader's languages that Atelier speaks. */
export type LanguageChoice = 'system' | Language;

const storageKey = 'atelier.language';
const otherwise: Language = 'en';

/** The first of the reader's languages that Atelier speaks, such as `de` for `de-AT`; English if it speaks none. */
export function languageFor(choice: LanguageChoice, preferred: readonly string[]): Language {
  if (choice !== 'system') return choice;
  const bases = preferred.map((tag) => tag.toLowerCase().split('-')[0]);
  return bases.flatMap((base) => languages.find((language) => language === base) ?? [])[0] ?? otherwise;
}

/** The choice in Settings, kept in this browser or window like the appearance. */
export function languageChoice(): LanguageChoice {
  const stored = localStorage.getItem(storageKey);
  return languages.find((language) => language === stored) ?? 'system';
}

export function keepLanguage(choice: LanguageChoice): void {
  localStorage.setItem(storageKey, choice);
}

/** Outside a page (tests, tools) it is English, whatever this computer speaks. */
export const language: Language =
  typeof document === 'undefined' ? otherwise : languageFor(languageChoice(), navigator.languages);
