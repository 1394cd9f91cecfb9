/** @file The points of a trade-off lie where their figures are. */
import { describe, expect, it } from 'vitest';
import type { TradeOff } from '../../../../electron/contract/api/index.ts';
import { drawingOf } from './trade-off-chart.ts';

const point = (step: number, accuracy: number, retention: number | null, forward: number) => ({
  step,
  runIds: [],
  accuracy,
  retention,
  forward,
  reverse: 0,
  onFrontier: step === 20,
});
const measured = {
  base: { accuracy: 0.4, retention: 0.6, forward: 0, reverse: 0 },
  lines: [
    { name: 'GRPO', points: [point(20, 0.6, 0.5, 1), point(40, 0.8, 0.2, 4)] },
    { name: 'SFT', points: [point(20, 0.5, null, 2)] },
  ],
} as unknown as TradeOff;

describe('the chart of a trade-off', () => {
  it('places what is known between round ticks, and keeps the number of each line', () => {
    const drawing = drawingOf(measured, 'retention');
    expect(drawing?.base).toMatchObject({ x: 1, y: 1, step: 0 });
    expect(drawing?.lines.map(({ name, number, marks }) => [name, number, marks.length])).toEqual([
      ['GRPO', 1, 2],
      ['SFT', 2, 0],
    ]);
    const [first] = drawing?.lines[0]?.marks ?? [];
    expect(first?.x).toBeCloseTo(0.75);
    expect(first?.y).toBeCloseTo(0.5);
    expect(first?.onFrontier).toBe(true);
    expect(drawing?.lines[0]?.marks[1]).toMatchObject({ x: 0, y: 0, onFrontier: false });
  });

  it('draws intervals where they are known, within the axes', () => {
    const intervals = {
      accuracy: { low: 0.5, high: 0.9 },
      retention: { low: 0.1, high: 0.3 },
      forward: { low: 3, high: 5 },
    };
    const [line] = measured.lines;
    const last = line?.points[1];
    if (line === undefined || last === undefined) throw new Error('The fixture has no such point.');
    const lines = [{ ...line, points: [...line.points.slice(0, 1), { ...last, intervals }] }];
    const marks = drawingOf({ ...measured, lines }, 'retention')?.lines[0]?.marks;
    expect(marks?.[0]).toMatchObject({ across: undefined, up: undefined });
    const { x = NaN, y = NaN, across = [NaN, NaN], up = [NaN, NaN] } = marks?.[1] ?? {};
    expect([across[0] < x && x < across[1], up[1] < y && y < up[0]]).toEqual([true, true]);
    for (const end of [...across, ...up]) expect(end >= 0 && end <= 1).toBe(true);
  });

  it('begins the axis of the KL at 0, and draws nothing where nothing was measured', () => {
    expect(drawingOf(measured, 'forward')?.base?.x).toBe(0);
    expect(drawingOf({ ...measured, lines: measured.lines.slice(1) }, 'retention')).toBeUndefined();
  });
});
