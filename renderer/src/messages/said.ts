/**
 * @file What the studio says, in the language of the page. The studio speaks English; answers are translated where they
 * arrive (api/client.ts), and the few sentences that the page itself makes of figures by `said`.
 */
import { z } from 'zod';
import type * as Translate from '../../../electron/languages/translate.ts';
import { language } from './language.ts';

let translate: typeof Translate | undefined;

/** Loads the translations, if the page needs any; to be awaited before anything is drawn. */
export async function learnLanguage(): Promise<void> {
  if (language === 'en') return;
  const [loaded, { default: german }] = await Promise.all([
    import('../../../electron/languages/translate.ts'),
    import('zod/v4/locales/de.js'),
  ]);
  translate = loaded;
  // What a schema says about a field of a form.
  z.config(german());
}

/** A sentence of the studio as the page says it. */
export function said(english: string): string {
  return translate === undefined ? english : translate.sayIn(language)(english);
}

/** A copy of an answer with its sentences as the page says them. */
export function saidAnswer<Answer>(answer: Answer, procedure: readonly string[]): Answer {
  return translate === undefined ? answer : translate.answerIn(said, answer, procedure);
}
