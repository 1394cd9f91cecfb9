/** @file Rewards for how a completion is written, not for whether it is true: length, repetition, writing system, reasoning. */
import type {
  LanguageParams,
  LengthParams,
  ReasoningParams,
  RepetitionParams,
  Script,
} from '../contract/model/rewards.ts';
import { visibleText, withoutInvisible } from './folding.ts';
import { thoughtOf } from './thinking.ts';

export const LENGTH_DEFAULTS = { of: 'thought', min: 20, max: 600, falloff: 200 } as const;
export const REPETITION_DEFAULTS = { ngram: 3 } as const;
export const LANGUAGE_DEFAULTS = { script: 'latin' } as const;
export const REASONING_DEFAULTS = { minCharacters: 10 } as const;

/** The letters of each writing system. Japanese mixes three. */
const LETTERS: Record<Script, RegExp> = {
  latin: /\p{Script=Latin}/u,
  cyrillic: /\p{Script=Cyrillic}/u,
  greek: /\p{Script=Greek}/u,
  arabic: /\p{Script=Arabic}/u,
  hebrew: /\p{Script=Hebrew}/u,
  devanagari: /\p{Script=Devanagari}/u,
  thai: /\p{Script=Thai}/u,
  han: /\p{Script=Han}/u,
  japanese: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u,
  hangul: /\p{Script=Hangul}/u,
};
const TAGS = /<\/?(?:think|answer)>/g;
/** In scripts without spaces, each character counts as a word. */
const WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}\p{M}']+/gu;

/** 1 within [min, max] visible characters, falling linearly to 0 over `falloff` characters outside. */
export function scoreLength(completion: string, params: LengthParams = {}): number {
  const { of, min, max, falloff } = { ...LENGTH_DEFAULTS, ...defined(params) };
  const text = of === 'thought' ? (thoughtOf(completion) ?? '') : withoutInvisible(completion).trim();
  const { length } = Array.from(text);
  const outside = Math.max(min - length, length - max, 0);
  // A missing thought earns nothing, however short a thought may be.
  return length === 0 && min > 0 ? 0 : Math.max(0, 1 - outside / falloff);
}

/** Share of runs of `ngram` words that occur for the first time: 1 = nothing is said twice. Tags are not words. */
export function scoreRepetition(completion: string, params: RepetitionParams = {}): number {
  const { ngram } = { ...REPETITION_DEFAULTS, ...defined(params) };
  const words = shown(completion).toLowerCase().match(WORD) ?? [];
  if (words.length === 0) return 0;
  if (words.length < ngram) return 1;
  const seen = new Set<string>();
  const total = words.length - ngram + 1;
  for (let start = 0; start < total; start += 1) seen.add(words.slice(start, start + ngram).join(' '));
  return seen.size / total;
}

/** Share of the letters that belong to the writing system; null where there are no letters. */
export function scoreLanguage(completion: string, params: LanguageParams = {}): number | null {
  const { script } = { ...LANGUAGE_DEFAULTS, ...defined(params) };
  const letters = shown(completion).match(/\p{L}/gu) ?? [];
  if (letters.length === 0) return null;
  return letters.filter((letter) => LETTERS[script].test(letter)).length / letters.length;
}

/**
 * 1 when a closed thought of at least `minCharacters` letters and digits comes before the answer, else 0. Dots,
 * dashes, tags and one character over and over do not count as reasoning.
 */
export function scoreReasoning(completion: string, params: ReasoningParams = {}): 0 | 1 {
  const { minCharacters } = { ...REASONING_DEFAULTS, ...defined(params) };
  const match = /^(.*?)<think>(.*?)<\/think>/s.exec(completion);
  if (match === null || (match[1] ?? '').includes('<answer>')) return 0;
  const letters = shown(match[2] ?? '').match(/[\p{L}\p{N}]/gu) ?? [];
  const enough = letters.length >= minCharacters && new Set(letters).size >= Math.min(minCharacters, 4);
  return enough ? 1 : 0;
}

/** The text that a reader sees, without tags. */
function shown(text: string): string {
  return visibleText(text.replace(TAGS, ' '));
}

/** Drops keys without a value, so that they do not hide a default. */
function defined<T extends object>(params: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
