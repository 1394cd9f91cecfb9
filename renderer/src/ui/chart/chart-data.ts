/** @file The data of a chart: columns of equal length, oldest first. NaN means no value. */

export type ChartColour = 'chart-1' | 'chart-2' | 'chart-3';

/** Dash and gap lengths. They alone distinguish lines in print and for colour-blind readers. */
export const dashes = {
  dashed: [8, 4],
  dotted: [2, 3],
  dashDot: [11, 4, 2, 4],
  sparse: [2, 7],
  long: [18, 5],
} as const satisfies Record<string, readonly number[]>;

export type ChartSeries = {
  label: string;
  values: Float64Array;
  colour: ChartColour;
  /** One of `dashes`; absent = solid. No two lines of a chart may share one, whatever their colours. */
  dash?: readonly number[];
  /** Half the height of a band around the line. */
  spread?: Float64Array;
  /** Measured on the right axis. */
  right?: boolean;
  /** Drawn pale: raw values behind a smoothed line, or bounds. */
  quiet?: boolean;
  /** Individual measurements with gaps between them, drawn as points joined across the gaps. */
  points?: boolean;
  /** Draws steps between values, not slopes (for a schedule or a share). */
  stepped?: boolean;
};

export type ChartData = {
  x: Float64Array;
  series: readonly ChartSeries[];
  /** A target band on the left axis. */
  target?: readonly [low: number, high: number];
};
