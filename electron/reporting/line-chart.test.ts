/** @file Charts: lines where there are values, gaps where there are none, words for those who cannot see them. */
import { describe, expect, it } from 'vitest';
import { lineChart, smooth } from './line-chart.ts';

const chart = (values: (number | null)[], axis: 'left' | 'right' = 'left'): string =>
  lineChart({ title: 'KL', steps: values.map((_, i) => i + 1), series: [{ label: 'kl', colour: 'red', values, axis }] })
    .text;

describe('lineChart', () => {
  it('draws larger values higher', () => {
    const path = /d="M[\d.]+ ([\d.]+)L[\d.]+ ([\d.]+)"/.exec(chart([0, 1]));
    expect(Number(path?.[2])).toBeLessThan(Number(path?.[1]));
  });

  it('leaves gaps open and shows a lone value as a point', () => {
    expect(
      chart([1, 2, null, 3, 4])
        .match(/d="[^"]*"/)?.[0]
        .match(/M/g),
    ).toHaveLength(2);
    expect(chart([1, 2, null, 3, null])).toContain('<circle');
  });

  it('names both ends in its label', () => {
    expect(chart([0.25, 0.5, 0.75])).toContain('aria-label="KL over 3 steps: kl from 0.25 to 0.75"');
  });

  it.each([[[5]], [[0, 0, 0]], [[-1, -2]], [[1e-9, 2e-9]], [[1e6, 3e6]]])('has finite coordinates for %j', (values) => {
    for (const axis of ['left', 'right'] as const) expect(chart(values, axis)).not.toMatch(/NaN|Infinity/);
  });

  it('says so when nothing was measured', () => {
    expect(chart([null, null])).toContain('Nothing was measured');
  });

  it('smooths without moving a constant and without filling gaps', () => {
    expect(smooth([2, 2, 2])).toEqual([2, 2, 2]);
    expect(smooth([0, null, 1], 0.5)).toEqual([0, null, 0.5]);
  });
});
