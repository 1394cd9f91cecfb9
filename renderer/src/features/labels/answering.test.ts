/** @file Keys, tags and boxes of the light table. */
import { describe, expect, it } from 'vitest';
import { answerFormOf, choicesIn } from '../../../../electron/method/answer-forms.ts';
import { LEARNING_TASK_IDS } from '../../../../electron/method/learning-tasks.ts';
import { answerOf, boxBetween, boxesIn, middleOf, movedBy, squareAround } from './boxes.ts';
import { actionOf, type KeyPlace, type KeyPress } from './keys.ts';
import { tagKeys, tagsIn, toggled } from './tags.ts';

const SIZE = { width: 200, height: 100 };

function press(key: string, more: Partial<KeyPress> = {}): KeyPress {
  return { key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...more };
}

function place(form: KeyPlace['form'], more: Partial<KeyPlace> = {}): KeyPlace {
  return { form, choices: [], isTyping: false, isLines: false, ...more };
}

describe('a key', () => {
  it('goes on, back, copies, undoes and leaves out, also while typing', () => {
    const typing = place('words', { isTyping: true });
    expect(actionOf(press('PageDown'), typing)).toBe('next');
    expect(actionOf(press('PageUp'), typing)).toBe('previous');
    expect(actionOf(press('Enter'), typing)).toBe('confirm-or-next');
    expect(actionOf(press('Enter', { ctrlKey: true }), typing)).toBe('copy-last');
    expect(actionOf(press('z', { metaKey: true }), typing)).toBe('undo');
    expect(actionOf(press('Backspace', { ctrlKey: true }), typing)).toBe('leave-out');
    expect(actionOf(press('F2'), typing)).toBe('question');
    expect(actionOf(press('y'), typing)).toBeUndefined();
    expect(actionOf(press('ArrowLeft'), typing)).toBeUndefined();
  });

  it('begins a new line in a field of lines', () => {
    const lines = place('lines', { isTyping: true, isLines: true });
    expect(actionOf(press('Enter', { shiftKey: true }), lines)).toBeUndefined();
    expect(actionOf(press('Enter'), lines)).toBe('confirm-or-next');
  });

  it('answers yes or no, and chooses by letter or number', () => {
    expect(actionOf(press('Y'), place('yes-no'))).toEqual({ answer: 'yes' });
    expect(actionOf(press('j'), place('yes-no'))).toEqual({ answer: 'yes' });
    expect(actionOf(press('2'), place('yes-no'))).toEqual({ answer: 'no' });
    const choices = choicesIn('Which style is it? A) woodcut B) etching');
    expect(actionOf(press('b'), place('choice', { choices }))).toEqual({ answer: 'B' });
    expect(actionOf(press('1'), place('choice', { choices }))).toEqual({ answer: 'A' });
    expect(actionOf(press('c'), place('choice', { choices }))).toBeUndefined();
    expect(actionOf(press('c'), place('choice'))).toEqual({ answer: 'C' });
  });

  it('moves the cursor, not the picture, where something is drawn', () => {
    expect(actionOf(press('ArrowRight'), place('boxes'))).toBeUndefined();
    expect(actionOf(press('ArrowRight'), place('yes-no'))).toBe('next');
  });
});

describe('every learning task', () => {
  it.each(LEARNING_TASK_IDS)('has a form of answer: %s', (task) => expect(answerFormOf(task)).toBeTruthy());
  it('takes lines where nothing else fits', () => expect(answerFormOf('a task of a later version')).toBe('lines'));
});

describe('choices in a question', () => {
  it.each([
    ['Which style is it? A) woodcut B) etching', ['woodcut', 'etching']],
    ['Which? (A) one, (B) two; (C) three', ['one', 'two', 'three']],
    ['A. red\nB. blue', ['red', 'blue']],
    ['Is vitamin C) here?', []],
    ['How many birds are there?', []],
  ])('%j', (question, texts) => expect(choicesIn(question).map(({ text }) => text)).toEqual(texts));
});

describe('tags', () => {
  it('are toggled without regard to case, and counted for their keys', () => {
    expect(tagsIn(' bird,  Bird ; blue  sky,')).toEqual(['bird', 'blue sky']);
    expect(toggled('bird, sea', 'Sea')).toBe('bird');
    expect(toggled('bird', 'sea')).toBe('bird, sea');
    expect(tagKeys(['sea', 'bird, sea', 'evening'])).toEqual(['sea', 'bird', 'evening']);
    expect(tagKeys(Array.from({ length: 20 }, (_, index) => `t${String(index)}`))).toHaveLength(9);
  });
});

describe('boxes', () => {
  it('are read and written, one plainly and several as a list', () => {
    const one = [10, 20, 110, 80] as const;
    expect(boxesIn(answerOf([one]))).toEqual([one]);
    expect(answerOf([one])).toBe('[10, 20, 110, 80]');
    expect(boxesIn(answerOf([one, [0, 0, 5, 5]]))).toEqual([one, [0, 0, 5, 5]]);
    expect(answerOf([])).toBe('');
    for (const text of ['', 'none', '[1, 2]', '[[4, 4, 1, 1]]', '{"bbox_2d": "x"}', '[null]'])
      expect(boxesIn(text), text).toEqual([]);
  });

  it('stay inside the picture and need a surface', () => {
    expect(boxBetween({ x: 250, y: -9 }, { x: 40, y: 50.4 }, SIZE)).toEqual([40, 0, 200, 50]);
    expect(boxBetween({ x: 40, y: 10 }, { x: 40.2, y: 90 }, SIZE)).toBeNull();
  });

  it('of a place are a square around it, also at the edge', () => {
    expect(squareAround({ x: 100, y: 50 }, SIZE)).toEqual([95, 45, 105, 55]);
    expect(middleOf(squareAround({ x: 100, y: 50 }, SIZE, 3))).toEqual({ x: 100, y: 50 });
    expect(squareAround({ x: 0, y: 0 }, SIZE)).toEqual([0, 0, 5, 5]);
  });

  it('are drawn by arrows, in large steps and fine ones', () => {
    expect(movedBy({ x: 100, y: 50 }, 'ArrowRight', false, SIZE)).toEqual({ x: 104, y: 50 });
    expect(movedBy({ x: 100, y: 50 }, 'ArrowUp', true, SIZE)).toEqual({ x: 100, y: 49 });
    expect(movedBy({ x: 199, y: 50 }, 'ArrowRight', false, SIZE)).toEqual({ x: 200, y: 50 });
    expect(movedBy({ x: 1, y: 1 }, 'Enter', false, SIZE)).toBeNull();
  });
});
