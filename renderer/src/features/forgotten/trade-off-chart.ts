/** @file Where the points of a trade-off lie in its two charts. */
import type { TradeOff, TradeOffPoint } from '../../../../electron/contract/api/index.ts';
import { roundTicks } from '../../../../electron/reporting/axis-ticks.ts';

/** What the bottom axis shows: right answers elsewhere, or the KL from the base on the trained task. */
export type Against = 'retention' | 'forward';

/** `across` and `up`: the ends of the intervals; undefined where they are not known, as for measurements of earlier versions. */
export type Mark = {
  x: number;
  y: number;
  step: number;
  onFrontier: boolean;
  across: readonly [number, number] | undefined;
  up: readonly [number, number] | undefined;
};
/** A line from the base model through a method's checkpoints. Places are shares of the width and the height, 0…1. */
export type Line = { name: string; number: number; marks: Mark[] };
export type Drawing = {
  lines: Line[];
  base: Mark | undefined;
  xTicks: { at: number; value: number }[];
  yTicks: { at: number; value: number }[];
};

type Figures = Pick<TradeOffPoint, Against | 'accuracy' | 'intervals'>;
type Ends = { low: number; high: number };

/** Undefined if no point has the quantity. */
export function drawingOf({ base, lines }: TradeOff, against: Against): Drawing | undefined {
  const known = (point: Pick<TradeOffPoint, Against>): number[] => {
    const value = point[against];
    return value === null ? [] : [value];
  };
  const points = [...(base === null ? [] : [base]), ...lines.flatMap((line) => line.points)].filter(
    (point) => point[against] !== null,
  );
  if (!lines.some((line) => line.points.some((point) => point[against] !== null))) return undefined;
  const ends = (interval: Ends | null | undefined): number[] => (interval ? [interval.low, interval.high] : []);
  const x = axis(
    points.flatMap((point) => [...known(point), ...ends(point.intervals?.[against])]),
    against === 'forward',
  );
  const y = axis(
    points.flatMap(({ accuracy, intervals }) => [accuracy, ...ends(intervals?.accuracy)]),
    false,
  );
  const markOf = (point: Figures, step: number, onFrontier: boolean): Mark[] =>
    known(point).map((value) => {
      const across = point.intervals?.[against];
      const up = point.intervals?.accuracy;
      return {
        x: x.place(value),
        y: 1 - y.place(point.accuracy),
        step,
        onFrontier,
        across: across ? [x.place(across.low), x.place(across.high)] : undefined,
        up: up && [1 - y.place(up.low), 1 - y.place(up.high)],
      };
    });
  return {
    base: base === null ? undefined : markOf(base, 0, false)[0],
    lines: lines.map(({ name, points: of }, at) => ({
      name,
      number: at + 1,
      marks: of.flatMap((point) => markOf(point, point.step, point.onFrontier)),
    })),
    xTicks: x.ticks.map((value) => ({ at: x.place(value), value })),
    yTicks: y.ticks.map((value) => ({ at: 1 - y.place(value), value })),
  };
}

function axis(values: readonly number[], fromZero: boolean): { ticks: number[]; place: (value: number) => number } {
  const ticks = roundTicks(values, fromZero);
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  return { ticks, place: (value) => (value - low) / (high - low) };
}
