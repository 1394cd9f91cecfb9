/** @file Which numbers can be read in two ways. */
import { expect, it } from 'vitest';
import { bothReadings, notationOf, withoutDecimalComma } from './written-numbers.ts';

it.each([
  ['1,234', 'either-comma'],
  ['-12,500 km', 'either-comma'],
  ['1.234', 'either-point'],
  ['3,5', 'comma'],
  ['0,250', 'comma'],
  ['1234,5', 'comma'],
  ['1.234,5', 'comma'],
  ['1.234.567', 'comma'],
  ['3.5', 'point'],
  ['0.250', 'point'],
  ['1,234.5', 'point'],
  ['1,234,567', 'point'],
  ['12', null],
  ['12 km', null],
  ['1,2,3', null],
  ['red, 1,234', null],
  ['(12,345)', null],
  ['1,234 of 2,345', null],
  ['2024-01-31', null],
  ['', null],
])('%j is written with %j', (text, expected) => {
  expect(notationOf(text)).toBe(expected);
});

it('writes a decimal comma as a point, and takes groups out', () => {
  expect(['1,234', '1.234', '1.234,5 m', '-3,5 %', '12'].map(withoutDecimalComma)).toEqual([
    '1.234',
    '1234',
    '1234.5 m',
    '-3.5 %',
    '12',
  ]);
});

it('says what a number may be', () => {
  expect(bothReadings('1,234')).toEqual({ asWritten: 1234, decimalComma: 1.234 });
  expect(bothReadings('1.234')).toEqual({ asWritten: 1.234, decimalComma: 1234 });
});
