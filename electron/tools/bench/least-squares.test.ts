/** @file Fits and the leak verdict on series with a known answer. */
import { describe, expect, it } from 'vitest';
import { leakReport } from './leak.ts';
import { fitLine, fitPower } from './least-squares.ts';

describe('fits', () => {
  it('finds the exponent of a power law', () => {
    const { slope, r2 } = fitPower([1, 2, 4, 8].map((x) => [x, 3 * x ** 1.5]));
    expect(slope).toBeCloseTo(1.5, 10);
    expect(r2).toBeCloseTo(1, 10);
  });

  it('gives the interval of a textbook regression', () => {
    // x 1..5, y 2 4 5 4 5: slope 0.6, standard error 0.2828, t(3) 3.182
    const { slope, slopeMargin } = fitLine([2, 4, 5, 4, 5].map((y, i) => [i + 1, y]));
    expect(slope).toBeCloseTo(0.6, 10);
    expect(slopeMargin).toBeCloseTo(3.182 * 0.28284, 3);
  });

  it('refuses what has no logarithm', () => {
    expect(() => fitPower([[1, 0]])).toThrow(RangeError);
  });
});

describe('the leak check', () => {
  const noise = (i: number): number => ((i * 7919) % 1000) * 1000;

  it('calls noise around a level flat, whatever happens while buffers settle', () => {
    const series = Array.from({ length: 1000 }, (_, i) => 5e8 + noise(i) + (i < 50 ? -2e8 : 0));
    expect(leakReport(series)).toMatchObject({ flat: true, steps: 1000, settled: 100 });
  });

  it('finds a leak of 40 kB per step under noise of a megabyte', () => {
    const report = leakReport(Array.from({ length: 1000 }, (_, i) => 5e8 + noise(i) + 40_000 * i));
    expect(report.flat).toBe(false);
    expect(report.bytesPerThousandSteps).toBeCloseTo(40e6, -6);
  });
});
