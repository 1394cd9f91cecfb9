/** @file Thinning keeps the points that matter. */
import { describe, expect, it } from 'vitest';
import { axisEnd, drawnIndexes, nearestIndex, percentileRange, pick, smoothed, withSparse } from './chart-points.ts';

describe('drawnIndexes', () => {
  it('keeps a single spike among 100,000 points, and both ends', () => {
    const values = new Float64Array(100_000).fill(0.5);
    values[61_234] = 9;
    values[20_001] = -3;
    const indexes = [...drawnIndexes(values, 1600)];
    expect(indexes).toContain(61_234);
    expect(indexes).toContain(20_001);
    expect([indexes[0], indexes.at(-1)]).toEqual([0, 99_999]);
    expect(indexes.length).toBeLessThanOrEqual(1600);
    expect(indexes).toEqual([...indexes].sort((a, b) => a - b));
  });

  it('draws everything where there is room', () => {
    expect([...drawnIndexes(new Float64Array(5), 100)]).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('pick', () => {
  it('turns a missing measurement into a gap', () => {
    expect(pick(Float64Array.from([1, Number.NaN, 3]), Int32Array.from([0, 1, 2]))).toEqual([1, null, 3]);
  });
});

describe('axisEnd', () => {
  it('stays where it is while a run grows into it, and never ends before the last step', () => {
    expect(axisEnd(0, 1000)).toBe(50);
    expect(axisEnd(47, 1000)).toBe(50);
    expect(axisEnd(48, 1000)).toBe(100);
    expect(axisEnd(900, 1000)).toBe(1000);
    expect(axisEnd(20, 30)).toBe(30);
    expect(axisEnd(120, 100)).toBe(120);
  });
});

describe('smoothed', () => {
  it('starts at the first value and carries over a gap', () => {
    const result = smoothed(Float64Array.from([1, Number.NaN, 3]), 0.5);
    expect(result[0]).toBe(1);
    expect(result[1]).toBe(1);
    expect(result[2]).toBeCloseTo((1 * 0.5 + 3) / 1.5, 12);
  });
});

describe('what is added to a curve', () => {
  it('keeps the points of a sparse series', () => {
    const sparse = Float64Array.of(Number.NaN, 0.5, Number.NaN, Number.NaN, 0.7);
    expect([...withSparse(Int32Array.of(0, 3), [sparse])]).toEqual([0, 1, 3, 4]);
  });

  it('finds the nearest step of a thinned run', () => {
    const steps = Float64Array.of(1, 10, 20, 40);
    expect([0, 1, 4, 7, 29, 31, 99].map((step) => nearestIndex(steps, step))).toEqual([0, 0, 0, 1, 2, 3, 3]);
    expect(nearestIndex(new Float64Array(0), 3)).toBe(-1);
  });

  it('cuts one spike out of the range, and nothing where little is known', () => {
    const values = [...Array.from({ length: 199 }, (_, index) => index / 100), 5000];
    expect(percentileRange([values])?.[1]).toBeLessThan(3);
    expect(percentileRange([[1, 2, null]])).toBeUndefined();
  });

  it('leaves out what a logarithm cannot show', () => {
    expect(pick(Float64Array.of(1, 0, -2), Int32Array.of(0, 1, 2), true)).toEqual([1, null, null]);
  });
});
