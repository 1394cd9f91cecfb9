/** @file What earns the format reward, and the tricks that do not. */
import { describe, expect, it } from 'vitest';
import { extractAnswer } from './answer.ts';
import { hasFormat, scoreFormat } from './format.ts';
import { hasThought, thoughtLength, thoughtOf } from './thinking.ts';

describe('format', () => {
  it.each([
    '<think>a</think><answer>7</answer>',
    '<think>\na\nb\n</think>\n\n<answer>\n7\n</answer>',
    '  <think>a</think> <answer>x</answer>\n',
  ])('%j is the form', (text) => expect(scoreFormat(text)).toBe(1));

  it.each([
    ['no thought', '<answer>7</answer>'],
    ['tags without thought', '<think></think><answer>7</answer>'],
    ['a blank thought', '<think> \n </think><answer>7</answer>'],
    ['an empty answer', '<think>a</think><answer></answer>'],
    ['an answer outside the tags', '<think>a</think>7<answer>7</answer>'],
    ['text before', 'Sure! <think>a</think><answer>7</answer>'],
    ['text after', '<think>a</think><answer>7</answer> done'],
    ['a repeated answer', '<think>a</think><answer>7</answer><answer>7</answer>'],
    ['a repeated thought', '<think>a</think><think>b</think><answer>7</answer>'],
    ['nested answers', '<think>a</think><answer><answer>7</answer></answer>'],
    ['nested thoughts', '<think><think>a</think></think><answer>7</answer>'],
    ['an answer in the thought', '<think><answer>7</answer></think><answer>7</answer>'],
    ['the wrong order', '<answer>7</answer><think>a</think>'],
    ['an unclosed answer', '<think>a</think><answer>7'],
    ['nothing', ''],
  ])('%s is not', (_, text) => expect(scoreFormat(text)).toBe(0));

  it.each([
    ['zero-width spaces', '\u200b\u200b'],
    ['zero-width joiners', '\u200d\u200c'],
    ['byte order marks', '\ufeff'],
    ['word joiners and invisible operators', '\u2060\u2062'],
    ['soft hyphens', '\u00ad'],
    ['direction marks', '\u200e\u202e'],
    ['spaces of Unicode', '\u00a0\u2003\u3000\u1680\u2028'],
    ['Hangul fillers', '\u3164\u115f\u1160\uffa0'],
    ['the braille blank', '\u2800'],
    ['variation selectors', '\ufe0f\u{e0100}'],
    ['tag characters', '\u{e0041}\u{e0042}'],
    ['control characters', '\u0000\u0007\u0085'],
    ['combining marks without a letter', '\u0301\u034f'],
    ['a comment', '<!-- seven -->'],
    ['a comment without an end', '<!-- seven'],
    ['spaces as entities', '&nbsp;&zwnj;&#8203;&#x200B;'],
    ['empty elements', '<br><p></p><b class="x"></b>'],
    ['a special token', '<|vision_start|>'],
    ['all of them', '\u200b <!-- a -->&nbsp;\u3164<br/>'],
  ])('a thought or an answer of %s shows nothing', (_, text) => {
    expect(scoreFormat(`<think>${text}</think><answer>7</answer>`)).toBe(0);
    expect(scoreFormat(`<think>a</think><answer>${text}</answer>`)).toBe(0);
    expect(hasThought(`<think>${text}</think><answer>7</answer>`)).toBe(false);
    expect(thoughtLength(`<think>${text}</think>`)).toBe(0);
    expect(extractAnswer(`<answer>${text}</answer>`)).toMatchObject({ found: false, reason: 'empty' });
  });

  it.each(['\u200bseven\u200b', '七', 'é', '👩‍👩‍👧', '…', '1 < 2', 'a <!-- b -->', '<b>7</b>', '&amp;', 'क्ष'])(
    '%j shows something',
    (text) => {
      expect(scoreFormat(`<think>${text}</think><answer>${text}</answer>`)).toBe(1);
    },
  );

  it('can be as lenient about emptiness as R1-V', () => {
    expect(hasFormat('<think></think><answer>7</answer>', { requireThought: false })).toBe(true);
    expect(hasFormat('<think>a</think><answer></answer>', { requireAnswer: false })).toBe(true);
    expect(
      hasFormat('<think></think><answer></answer><answer></answer>', { requireThought: false, requireAnswer: false }),
    ).toBe(false);
  });
});

describe('thinking', () => {
  it('reads the thought, its presence and its length', () => {
    expect(thoughtOf('<think> a\nb </think><answer>7</answer>')).toBe('a\nb');
    expect(thoughtLength('<think> a\nb </think>')).toBe(3);
    expect(hasThought('<think>  </think><answer>7</answer>')).toBe(false);
    expect(hasThought('<answer>7</answer>')).toBe(false);
    expect(thoughtOf('<think>never closed')).toBeNull();
    expect(thoughtLength('')).toBe(0);
  });
});
