/** @file Rewards for how a completion is written: their scores, and that absent parameters mean the defaults. */
import { describe, expect, it } from 'vitest';
import { scoreLanguage, scoreLength, scoreReasoning, scoreRepetition } from './style.ts';

const thinking = (thought: string): string => `<think>${thought}</think><answer>7</answer>`;

describe('length', () => {
  it('is full within the band and falls in a straight line outside', () => {
    const params = { min: 10, max: 20, falloff: 10 };
    expect([9, 10, 20, 25, 30, 31].map((n) => scoreLength(thinking('a'.repeat(n)), params))).toEqual([
      0.9, 1, 1, 0.5, 0, 0,
    ]);
  });

  it('measures the thought, or the whole completion', () => {
    expect(scoreLength('<answer>7</answer>', { min: 5 })).toBe(0);
    expect(scoreLength('<answer>7</answer>', { of: 'completion', min: 5, max: 18 })).toBe(1);
    expect(scoreLength('', { of: 'completion', min: 0, max: 18 })).toBe(1);
  });

  it('counts characters, not code units', () => {
    expect(scoreLength(thinking('🍎🍎🍎🍎'), { min: 1, max: 4, falloff: 1 })).toBe(1);
  });
});

describe('invisible characters', () => {
  const filler = '\u3164\u115f\u1160\uffa0';

  it('add no length', () => {
    expect(scoreLength(thinking('\u200b'.repeat(40)))).toBe(0);
    expect(scoreLength(thinking(`${'a'.repeat(9)}${'\u200b'.repeat(40)}`), { min: 10, falloff: 10 })).toBe(0.9);
    expect(scoreLength('\u200b'.repeat(40), { of: 'completion' })).toBe(0);
  });

  it('make no new words, no letters and no reasoning', () => {
    const cats = Array.from({ length: 16 }, (_, index) => `cat${String.fromCodePoint(0xfe00 + index)}`).join(' ');
    expect(scoreRepetition(thinking(cats))).toBeLessThan(0.2);
    expect(scoreLanguage(`<think>${filler}</think>`, { script: 'hangul' })).toBeNull();
    expect(scoreReasoning(thinking(filler.repeat(5)))).toBe(0);
    expect(scoreReasoning(thinking('<!-- I see one red apple -->'))).toBe(0);
  });
});

describe('repetition', () => {
  it('is 1 for words that are all new, and low for the same words again', () => {
    expect(scoreRepetition(thinking('one two three four'))).toBe(1);
    expect(scoreRepetition(thinking('the cat sat '.repeat(20)))).toBeLessThan(0.1);
    expect(scoreRepetition('<think>a b a b</think>', { ngram: 2 })).toBeCloseTo(2 / 3, 12);
  });

  it('gives nothing for nothing, and reads scripts without spaces character by character', () => {
    expect(scoreRepetition('<think></think><answer></answer>')).toBe(0);
    expect(scoreRepetition('苹果苹果苹果苹果苹果')).toBeLessThan(0.5);
  });
});

describe('writing system', () => {
  it.each([
    ['Ich zähle drei Äpfel', undefined, 1],
    ['Three 苹果', undefined, 5 / 7],
    ['三个苹果', 'han', 1],
    ['りんごが三つ', 'japanese', 1],
    ['Три яблока', 'cyrillic', 1],
    ['Три яблока', 'latin', 0],
  ] as const)('%j as %s gives %d', (text, script, score) => {
    expect(scoreLanguage(`<think>${text}</think><answer>3</answer>`, { script })).toBeCloseTo(score, 12);
  });

  it('has no opinion without letters', () => {
    expect(scoreLanguage('<think>...</think><answer>3</answer>')).toBeNull();
  });
});

describe('reasoning', () => {
  it.each([
    ['<think>I see one red apple and two green ones.</think><answer>3</answer>', 1],
    ['<think>三个红苹果和两个绿苹果在桌子上</think><answer>5</answer>', 1],
    ['<think></think><answer>3</answer>', 0],
    ['<think>...........</think><answer>3</answer>', 0],
    ['<think>aaaaaaaaaaaaaaaaaaa</think><answer>3</answer>', 0],
    ['<think>hm</think><answer>3</answer>', 0],
    ['<think>I see one red apple', 0],
    ['<answer>3</answer><think>I see one red apple.</think>', 0],
    ['<think><answer></answer><answer></answer></think>', 0],
  ])('%j gives %d', (text, score) => expect(scoreReasoning(text)).toBe(score));

  it('can ask for more', () => {
    expect(scoreReasoning(thinking('one two three'), { minCharacters: 11 })).toBe(1);
    expect(scoreReasoning(thinking('one two three'), { minCharacters: 12 })).toBe(0);
  });
});
