/** @file The text and geometry of the print charts. */
import { describe, expect, it } from 'vitest';
import { lines, stackedBars } from './print-charts.ts';

describe('charts', () => {
  it('names every part and every total, and uses no colour', () => {
    const svg = stackedBars('Seconds & phases', 's', [
      {
        label: 'Atelier',
        parts: [
          { name: 'decode', value: 0.2 },
          { name: 'update', value: 0.3 },
        ],
      },
      { label: 'TRL', parts: [{ name: 'whole step', value: 2 }] },
    ]);
    for (const said of ['Atelier', 'TRL', 'decode', 'update', 'whole step', '0.5 s', '2 s', 'Seconds &amp; phases'])
      expect(svg).toContain(said);
    for (const [, r, g, b] of svg.matchAll(/#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/g)) expect([r, r]).toEqual([g, b]);
  });

  it('draws longer bars for larger values, on one scale', () => {
    const svg = stackedBars(
      't',
      's',
      [1, 4].map((value) => ({ label: String(value), parts: [{ name: 'a', value }] })),
    );
    const widths = [...svg.matchAll(/width="([\d.]+)" height="22"/g)].map(([, width]) => Number(width));
    expect((widths[1] ?? 0) / (widths[0] ?? 1)).toBeCloseTo(4, 1);
  });

  it('puts a power law on a straight line', () => {
    const svg = lines('t', { x: 'x', y: 'y', log: true }, [
      {
        name: 'square',
        points: [
          [1, 1],
          [2, 4],
          [4, 16],
        ],
      },
    ]);
    const circles = [...svg.matchAll(/cx="([\d.]+)" cy="([\d.]+)"/g)].map(
      ([, x, y]) => [Number(x), Number(y)] as const,
    );
    const [a, b, c] = circles;
    if (a === undefined || b === undefined || c === undefined) throw new Error('three marks are drawn');
    expect((b[1] - a[1]) / (b[0] - a[0])).toBeCloseTo((c[1] - b[1]) / (c[0] - b[0]), 2);
  });
});
