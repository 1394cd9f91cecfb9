/** @file Numbers as you type them. */
import { describe, expect, it } from 'vitest';
import { listOf, numberOf, numbersOf } from './typed-number.ts';

describe('numberOf', () => {
  it.each([
    ['0.5', 0.5, 0.5],
    ['0,5', 0.5, 0.5],
    ['12,25', 12.25, 12.25],
    ['-3', -3, -3],
    ['2e-5', 2e-5, 2e-5],
    ['0.001', 0.001, 0.001],
    ['0,001', 0.001, 0.001],
    ['', undefined, undefined],
    ['many', undefined, undefined],
    // A thousand and something to one reader, one and something to the other.
    ['1,234', undefined, 1.234],
    ['1.234', 1.234, undefined],
    ['1,234,567', undefined, undefined],
    ['1.234,5', undefined, undefined],
  ])('reads %j as %j in English and as %j in German', (text, en, de) => {
    expect(numberOf(text, 'en')).toBe(en);
    expect(numberOf(text, 'de')).toBe(de);
  });
});

describe('numbersOf', () => {
  it('takes commas, semicolons and spaces, each value once', () => {
    expect(numbersOf('0, 0.5;1 1')).toEqual([0, 0.5, 1]);
    expect(numbersOf('a, 1')).toBeUndefined();
    expect(numbersOf(' ')).toBeUndefined();
  });

  it('takes a comma between digits as a decimal mark in German, and one before a space as an end', () => {
    expect(numbersOf('0; 0,02;0,04', 'de')).toEqual([0, 0.02, 0.04]);
    expect(numbersOf('0, 0.02, 0,04', 'de')).toEqual([0, 0.02, 0.04]);
    expect(numbersOf('7 8', 'de')).toEqual([7, 8]);
    expect(numbersOf('1.234; 2', 'de')).toBeUndefined();
  });

  it.each(['en', 'de'] as const)('reads back what is written (%s)', (language) => {
    const values = [0, 0.02, 0.00004, 1234.5];
    expect(numbersOf(listOf(values, language), language)).toEqual(values);
  });
});
