/** @file The form that earns the format reward, and the tricks that do not. */
import { describe, expect, it } from 'vitest';
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
    ['answer outside of the tags', '<think>a</think>7<answer>7</answer>'],
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
