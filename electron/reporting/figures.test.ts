/** @file The rules of docs/development.md, "How figures are written". */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bytes, figure, percent, points, pValue, signedPercent } from './figures.ts';

it('writes a share with at most one decimal, without a space and without a trailing zero', () => {
  expect([0, 0.55, 0.555, 1, 0.00004].map((share) => percent(share))).toEqual(['0%', '55%', '55.5%', '100%', '0%']);
  expect(percent(0.12345, 2)).toBe('12.35%');
  expect(percent(-0.1)).toBe('−10%');
  expect([null, undefined, NaN].map((share) => percent(share))).toEqual(['–', '–', '–']);
});

it('signs differences, with a true minus, and leaves a zero unsigned', () => {
  expect([0.045, -0.0123, 0, -0.0001].map(points)).toEqual(['+4.5', '−1.2', '0.0', '0.0']);
  expect([0.12, -0.034, 0.001].map(signedPercent)).toEqual(['+12%', '−3%', '0%']);
});

it('writes sizes in binary units with their binary names', () => {
  expect([0, 1023, 1536, 5 * 1024 ** 2, 1.4 * 1024 ** 3, 200 * 1024 ** 3].map(bytes)).toEqual([
    '0 B',
    '1023 B',
    '1.5 KiB',
    '5.0 MiB',
    '1.4 GiB',
    '200 GiB',
  ]);
});

it('writes p values and three significant digits', () => {
  expect([0.0004, 0.0351].map(pValue)).toEqual(['p < 0.001', 'p = 0.035']);
  expect([0, 0.01234, 1.239, 45.67, 1234.5].map(figure)).toEqual(['0', '0.0123', '1.24', '45.7', '1,235']);
});

it.each(['docs/performance.md', 'docs/study.md', 'resources/models/nano/README.md'])('holds in %s', (path) => {
  // The paper is quoted as it is printed.
  const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8').replaceAll(/The paper: .*/g, '');
  expect(text).not.toMatch(/\d %/);
  expect(text).not.toMatch(/\d\.0%/);
  // Sizes are binary. Rates are decimal, as makers of disks state them.
  expect(text).not.toMatch(/\d [KMGT]B\b(?!\/s)/);
});
