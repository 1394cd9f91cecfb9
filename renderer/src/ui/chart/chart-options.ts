/** @file The style of every chart: thin grid, few ticks, the page's type and colours. */
import uPlot from 'uplot';
import { formatTick } from '../format.ts';
import type { ChartSeries } from './chart-data.ts';

export type ChartStyle = {
  series: readonly ChartSeries[];
  width: number;
  height: number;
  xEnd: number | undefined;
  yRange: [number, number] | undefined;
  format: (value: number) => string;
  formatRight: ((value: number) => string) | undefined;
  /** Charts with the same name of the bottom axis share their cursor. */
  xName: string;
  /** Logarithmic left axis. */
  log: boolean;
  /** The range to which the left axis is clipped. */
  clip: () => [number, number] | undefined;
  target: readonly [number, number] | undefined;
  /** Called when the scales may have changed. */
  onDrawn: () => void;
  onHover: (index: number | null) => void;
  onPick: (x: number) => void;
};

/** Builds uPlot's options; colours are read from the page's tokens, so call it again when the theme changes. */
export function chartOptions(look: ChartStyle): uPlot.Options {
  const colour = (token: string): string =>
    getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim();
  const axisFont = `11px ${colour('font')}`;
  const grid = { stroke: colour('chart-grid'), width: 1 };
  const hasRight = look.series.some((series) => series.right === true);
  const { lines, bands } = linesAndBands(look, colour);
  const axis: uPlot.Axis = { stroke: colour('ink-3'), font: axisFont, ticks: { show: false }, grid };
  return {
    width: look.width,
    height: look.height,
    padding: [10, hasRight ? 0 : 16, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      sync: { key: look.xName, setSeries: false },
      drag: { x: false, y: false },
      points: { size: 7 },
    },
    scales: {
      x: { time: false, range: (_plot, low, high) => [Math.min(low, 1), look.xEnd ?? high] },
      y: leftScale(look),
      right: { range: paddedRange },
    },
    axes: [
      { ...axis, size: 26, gap: 4, grid: { show: false }, values: (_plot, splits) => splits.map(wholeOrNothing) },
      {
        ...axis,
        size: 56,
        gap: 6,
        space: 36,
        // On a logarithmic axis, uPlot omits labels that would not fit.
        values: (_plot, splits) => splits.map((value) => (value === null ? '' : look.format(value))),
      },
      ...(hasRight ? [rightAxis(axis, look)] : []),
    ],
    series: [{}, ...lines],
    bands,
    hooks: {
      setCursor: [(plot) => look.onHover(plot.cursor.idx ?? null)],
      drawClear: [(plot) => drawTarget(plot, look.target, colour('good'))],
      draw: [() => look.onDrawn()],
      ready: [
        (plot) =>
          plot.over.addEventListener('click', () => {
            const x =
              plot.cursor.idx === null || plot.cursor.idx === undefined ? undefined : plot.data[0][plot.cursor.idx];
            if (x !== undefined) look.onPick(x);
          }),
      ],
    },
  };
}

function leftScale(look: ChartStyle): uPlot.Scale {
  if (look.log) {
    return {
      // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- uPlot declares a const enum, which has no value to import
      distr: 3,
      log: 10,
      range: (_plot, low, high) => {
        const cut = look.clip();
        const [from, to] = cut ?? [low, high];
        if (from === null || to === null || from <= 0) return [0.1, 1];
        return uPlot.rangeLog(from, to, 10, false);
      },
    };
  }
  return {
    range: (plot, low, high) => look.yRange ?? paddedRange(plot, ...(look.clip() ?? ([low, high] as const))),
  };
}

function rightAxis(axis: uPlot.Axis, look: ChartStyle): uPlot.Axis {
  return {
    ...axis,
    scale: 'right',
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- uPlot declares a const enum, which has no value to import
    side: 1,
    size: 56,
    gap: 6,
    space: 36,
    grid: { show: false },
    values: (_plot, splits) => splits.map((value) => (look.formatRight ?? look.format)(value)),
  };
}

function linesAndBands(
  look: ChartStyle,
  colour: (token: string) => string,
): { lines: uPlot.Series[]; bands: uPlot.Band[] } {
  const lines: uPlot.Series[] = [];
  const bands: uPlot.Band[] = [];
  for (const series of look.series) {
    const scale = series.right === true ? 'right' : 'y';
    const line: uPlot.Series = {
      label: series.label,
      scale,
      stroke: colour(series.colour),
      alpha: series.quiet === true ? 0.55 : 1,
      width: series.quiet === true ? 1.2 : 1.8,
      pxAlign: 0,
      points: {
        show: series.points === true || look.series[0]?.values.length === 1,
        size: series.points === true ? 8 : 6,
      },
      spanGaps: series.points === true,
    };
    if (series.dash !== undefined) line.dash = [...series.dash];
    if (series.stepped === true && uPlot.paths.stepped !== undefined) line.paths = uPlot.paths.stepped({ align: 1 });
    lines.push(line);
    if (series.spread === undefined) continue;
    const edge: uPlot.Series = { scale, stroke: 'transparent', width: 0, pxAlign: 0, points: { show: false } };
    lines.push(edge, { ...edge });
    bands.push({ series: [lines.length - 1, lines.length], fill: colour('chart-band') });
  }
  return { lines, bands };
}

/** Adds a little space above and below; a flat line is centred. */
function paddedRange(_plot: uPlot, low: number | null, high: number | null): uPlot.Range.MinMax {
  if (low === null || high === null) return [0, 1];
  if (low === high) return low === 0 ? [-0.1, 1] : [low - Math.abs(low) * 0.5, high + Math.abs(high) * 0.5];
  return uPlot.rangeNum(low, high, 0.08, true);
}

function wholeOrNothing(value: number): string {
  return Number.isInteger(value) ? formatTick(value) : '';
}

/** A pale band between two values of the left axis, with lines at its edges. */
function drawTarget(plot: uPlot, target: readonly [number, number] | undefined, stroke: string): void {
  if (target === undefined) return;
  const { ctx, bbox } = plot;
  const inside = (value: number): number =>
    Math.min(bbox.top + bbox.height, Math.max(bbox.top, plot.valToPos(value, 'y', true)));
  const [bottom, top] = [inside(target[0]), inside(target[1])];
  ctx.save();
  ctx.fillStyle = stroke;
  ctx.globalAlpha = 0.14;
  ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
  ctx.globalAlpha = 0.7;
  ctx.fillRect(bbox.left, top, bbox.width, devicePixelRatio);
  ctx.fillRect(bbox.left, bottom, bbox.width, devicePixelRatio);
  ctx.restore();
}
