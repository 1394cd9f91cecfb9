/** @file Everything that the studio says has German, and German says nothing that the studio does not. */
import { beforeAll, describe, expect, it } from 'vitest';
import { GERMAN } from '../../languages/de.ts';
import { words } from '../../languages/de/words.ts';
import { sayIn } from '../../languages/translate.ts';
import { collectSentences, type Collected, type Sentences } from './collect.ts';

const ENGLISH = /\b(the|and|are|with|your|you|this|that|from|which|has|have|not|it|by|only)\b/i;
/** Code, names, addresses and quotations are the same in every language. */
const NOT_WORDS =
  /`[^`]*`|„[^“]*“|--?[a-z][\w-]*|\{[^}]*\}|[\w./:-]*[._/:][\w./:-]*|[\w-]+_\w+|\b[A-Z][\w.+-]*( [A-Z][\w.+-]*)*/g;

describe('what the studio says', () => {
  let found: Sentences;
  let examples: Collected['examples'];

  beforeAll(() => {
    ({ sentences: found, examples } = collectSentences());
  });

  it('is found in the sources: messages, remedies, helpers, constants, conditions and plurals', () => {
    expect(found.size).toBeGreaterThan(1500);
    expect([...found.keys()]).toEqual(
      expect.arrayContaining([
        'There is no run with the id "{0}".',
        'The list of runs shows the ids that exist.',
        '{0} already exists. An export never overwrites anything.',
        'A ranking needs at least {0} seeds.',
      ]),
    );
  });

  it('has a German sentence each', () => {
    const missing = [...found].filter(([template]) => GERMAN[template] === undefined);
    expect(missing.map(([template, places]) => `${places.join(', ')}: ${template}`)).toEqual([]);
  });

  it('is German as a whole, when it is put together from parts', () => {
    const german = sayIn('de');
    const mixed = [...examples].flatMap(([english, place]) => {
      const said = german(english);
      return ENGLISH.test(said.replaceAll(NOT_WORDS, ' ')) ? [`${place}: ${english} → ${said}`] : [];
    });
    expect(examples.size).toBeGreaterThan(2000);
    expect(mixed).toEqual([]);
  });

  it('is all that German has', () => {
    const unused = Object.keys(GERMAN).filter((template) => words[template] === undefined && !found.has(template));
    expect(unused).toEqual([]);
  });
});

describe('German', () => {
  const entries = Object.entries(GERMAN);
  const holesIn = (text: string): string[] => [...new Set(text.match(/\{\d+\}/g) ?? [])].toSorted();

  it('fills the same holes', () => {
    const different = entries.filter(([english, german]) => holesIn(english).join() !== holesIn(german).join());
    expect(different).toEqual([]);
  });

  it('holds no English, addresses the reader as Sie, and uses German marks', () => {
    const found = entries.flatMap(([english, german]) => {
      const faults = [
        ENGLISH.test(german.replaceAll(NOT_WORDS, ' ')) ? 'English' : '',
        /\b([Dd]u|[Dd]ich|[Dd]ir|[Dd]eine?[mnrs]?)\b/.test(german) ? 'du' : '',
        /[”]|"(?![^{]*\})/.test(german.replaceAll(/\{.*\}/g, '')) ? 'quotation marks' : '',
        /\d%|\}%/.test(german) ? 'percent' : '',
      ].filter((fault) => fault !== '');
      return faults.length === 0 ? [] : [`${faults.join(', ')}: ${german} (${english})`];
    });
    expect(found).toEqual([]);
  });
});
