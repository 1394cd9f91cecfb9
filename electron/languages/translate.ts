/**
 * @file The studio speaks English, also in what it stores and exports. Where its words reach a person, at a door or on the
 * page, they are translated here.
 */
import type { Language } from '../contract/desktop/bridge.ts';
import { GERMAN } from './de.ts';
import { isSentenceField } from './fields.ts';
import { TemplateIndex } from './template-index.ts';

export type Say = (english: string) => string;

/** 12,345.6% → 12.345,6 % */
function germanNumber(figures: string): string {
  return figures
    .replaceAll(/\d[\d.,]*\d/g, (number) =>
      /^\d{1,3}(,\d{3})*(\.\d+)?$|^\d+\.\d+$/.test(number)
        ? number.replaceAll(/[.,]/g, (mark) => (mark === '.' ? ',' : '.'))
        : number,
    )
    .replaceAll(/(?<=\d)%/g, ' %');
}

const indexes: Partial<Record<Language, TemplateIndex>> = {};

/** How a sentence of the studio is said in a language; as it is in English, and where there is no translation. */
export function sayIn(language: Language): Say {
  if (language === 'en') return (english) => english;
  const index = (indexes[language] ??= new TemplateIndex(GERMAN, germanNumber));
  return (english) => index.say(english);
}

/**
 * A copy of an answer whose sentences are translated.
 * @param procedure that answers, such as `['ledger', 'forRun']`
 */
export function answerIn<Answer>(say: Say, answer: Answer, procedure: readonly string[]): Answer {
  return translated(answer, false) as Answer;

  function translated(value: unknown, isSentence: boolean): unknown {
    if (typeof value === 'string') return isSentence ? say(value) : value;
    if (Array.isArray(value)) return value.map((each) => translated(each, isSentence));
    if (!isPlain(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, held]) => [name, translated(held, isSentenceField(name, procedure))]),
    );
  }
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
