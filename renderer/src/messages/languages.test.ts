/** @file The German texts beside the English ones. That none is missing is checked by the types; this checks what they say. */
import { describe, expect, it } from 'vitest';
import { de } from './de.ts';
import { terms as deTerms } from './de/terms.ts';
import { messages as en } from './en.ts';
import { terms as enTerms } from './en/terms.ts';
import { language, languageFor } from './language.ts';
import { messages } from './index.ts';

type Said = (...given: unknown[]) => unknown;
/** A text, or a function that makes one, where both languages have it. */
type Pair = { path: string; en: string | Said; de: string | Said };

function pairsOf(english: unknown, german: unknown, path = ''): Pair[] {
  if (typeof english === 'string' || typeof english === 'function')
    return [{ path, en: english as string | Said, de: german as string | Said }];
  if (typeof english !== 'object' || english === null) return [];
  return Object.entries(english).flatMap(([key, value]) =>
    pairsOf(value, (german as Record<string, unknown> | undefined)?.[key], path === '' ? key : `${path}.${key}`),
  );
}

const pairs = [...pairsOf(en, de), ...pairsOf(enTerms, deTerms, 'terms')];

/** Values that some function takes: each argument can be told apart in what it says. */
const kinds: readonly ((at: number) => unknown)[] = [
  (at) => `‹${String(at)}›`,
  (at) => 7001 + at,
  () => 1,
  () => 0,
  (at) => [`‹${String(at)}›`, `‹${String(at)}b›`, `‹${String(at)}c›`],
  () => ({ phase: 'load', done: 1.5 * 1024 ** 3, total: 3 * 1024 ** 3, unit: 'bytes' }),
];

/** All strings in what a function gives. */
function textsOf(said: unknown): string[] {
  if (typeof said === 'string') return [said];
  return typeof said === 'object' && said !== null ? Object.values(said).flatMap(textsOf) : [];
}

/** What a text says for every kind of argument that it takes; empty for a kind that it cannot take. */
function sayings(text: string | Said): string[][] {
  if (typeof text === 'string') return [[text]];
  return kinds.map((kind) => {
    try {
      return textsOf(text(...Array.from({ length: Math.max(text.length, 1) }, (_, at) => kind(at))));
    } catch {
      return [];
    }
  });
}

/** What was put in: marks and numbers, without the separators of a language. */
function givenIn(text: string): string[] {
  return [...new Set(text.replaceAll(/(?<=\d)[.,](?=\d{3})/g, '').match(/‹\d[^›]*›|700\d/g) ?? [])].toSorted();
}

/** Code, names and addresses are the same in every language. */
const NOT_WORDS = /The Atelier authors|npm run|CC[ -]BY|<[^>]*>|--?[a-z]+|\/[\w./-]+|[\w.]+\.\w+|[\w-]+_\w+|‹[^›]*›/g;
const ENGLISH = /\b(the|and|of|is|are|with|your|you|this|that|from|which|has|have|not|it|to|by|only|run|runs)\b/i;
/** Texts that are alike in both languages. */
const SAME = /^([^\p{L}]*|[\p{L}\d.+-]+( [\p{L}\d.+-]+)?|.*(GRPO|SFT|Copyright|Electron|Checkpoint|KL\().*)$/u;

describe('German', () => {
  it('has every text of English, with as many parameters', () => {
    for (const { path, en: english, de: german } of pairs) {
      expect(typeof german, path).toBe(typeof english);
      if (typeof english === 'function') expect((german as Said).length, path).toBe(english.length);
    }
  });

  it('has an own text for every area, and shows none in English', () => {
    const english = Object.entries(en).filter(([area, texts]) => de[area as keyof typeof de] === texts);
    expect(english.map(([area]) => area)).toEqual(['appName']);
  });

  it('says what it was given, as English does', () => {
    const different = pairs.flatMap(({ path, en: english, de: german }) => {
      const [ours, theirs] = [sayings(english), sayings(german)];
      expect(
        ours.some((texts) => texts.length > 0),
        path,
      ).toBe(true);
      return ours.flatMap((texts, kind) => {
        const given = givenIn(texts.join(' '));
        const said = givenIn(theirs[kind]?.join(' ') ?? '');
        return texts.length > 0 && given.join() !== said.join() ? [`${path}: ${said.join()} not ${given.join()}`] : [];
      });
    });
    expect(different).toEqual([]);
  });

  it('holds no English, addresses the reader as Sie, and uses German marks', () => {
    const found = pairs.flatMap(({ path, de: german }) =>
      sayings(german)
        .flat()
        .flatMap((text) => {
          const words = text.replaceAll(NOT_WORDS, ' ');
          const faults = [
            ENGLISH.test(words) ? 'English' : '',
            /\b([Dd]u|[Dd]ich|[Dd]ir|[Dd]eine?[mnrs]?)\b/.test(words) ? 'du' : '',
            /[”"]/.test(words) ? 'quotation marks' : '',
            /\p{L}…|\.\.\./u.test(words) ? 'ellipsis' : '',
            /\d%/.test(words) ? 'percent' : '',
            /undefined/.test(text) ? 'hole' : '',
          ].filter((fault) => fault !== '');
          return faults.length === 0 ? [] : [`${path}: ${faults.join(', ')}: ${text}`];
        }),
    );
    expect(found).toEqual([]);
  });

  it('does not repeat a sentence of English', () => {
    const same = pairs.filter(
      ({ path, en: english, de: german }) =>
        !/\.name$|placeholder|^licences|signalKind/i.test(path) &&
        typeof english === 'string' &&
        english === german &&
        !SAME.test(english),
    );
    expect(same.map(({ path, en: english }) => `${path}: ${String(english)}`)).toEqual([]);
  });
});

describe('the language of the page', () => {
  it('is the one that was chosen, or the first of the system that Atelier speaks', () => {
    expect(languageFor('de', ['en-US'])).toBe('de');
    expect(languageFor('system', ['de-AT', 'en'])).toBe('de');
    expect(languageFor('system', ['fr', 'en-GB', 'de'])).toBe('en');
    expect(languageFor('system', ['fr', 'DE-ch'])).toBe('de');
    expect(languageFor('system', ['ja'])).toBe('en');
    expect(languageFor('system', [])).toBe('en');
  });

  it('is English in tests, whatever the computer speaks', () => {
    expect(language).toBe('en');
    expect(messages).toBe(en);
  });
});
