/** @file A list of numbers as you type it. */
import { describe, expect, it } from 'vitest';
import { numbersOf } from './number-list.ts';

describe('numbersOf', () => {
  it('takes commas, semicolons and spaces, each value once', () => {
    expect(numbersOf('0, 0.5;1 1')).toEqual([0, 0.5, 1]);
    expect(numbersOf('a, 1')).toBeUndefined();
    expect(numbersOf(' ')).toBeUndefined();
  });
});
