/**
 * @file A chart as a file of its own: SVG with real text, in the colours of the light page whatever the theme, with title,
 * axes and legend. It needs no style sheet and no font of ours.
 */
import { roundTicks } from '../../../../electron/reporting/axis-ticks.ts';
import { at, INK, QUIET, svgFile, svgText } from '../../../../electron/reporting/svg.ts';
import type { ChartColour, ChartData, ChartSeries } from './chart-data.ts';

export type ChartPicture = {
  name: string;
  /** What the bottom axis counts. */
  xName: string;
  data: ChartData;
  /** The points that are drawn. */
  indexes: ArrayLike<number>;
  format: (value: number) => string;
  formatRight: ((value: number) => string) | undefined;
  /** Logarithmic left axis. */
  log: boolean;
};

/** As in style/tokens.css. */
const LIGHT: Record<ChartColour, string> = { 'chart-1': '#3a4cc4', 'chart-2': '#b2591a', 'chart-3': '#57524a' };
const GRID = '#ebe7df';
const WIDTH = 760;
const HEIGHT = 400;
const PLOT = { left: 70, right: WIDTH - 70, top: 68, bottom: HEIGHT - 46 };

type Scale = (value: number) => number;

export function chartSvg({ name, xName, data, indexes, format, formatRight, log }: ChartPicture): string {
  const places = Array.from(indexes);
  const xs = places.map((index) => data.x[index] ?? NaN);
  const first = Math.min(1, xs[0] ?? 0);
  const x = between([first, Math.max(xs.at(-1) ?? 1, first + 1)], [PLOT.left, PLOT.right]);
  const sides = [data.series.filter(({ right }) => right !== true), data.series.filter(({ right }) => right === true)];
  const [left, right] = sides.map((series, side) => axisOf(series, places, log && side === 0)) as [Axis, Axis];
  const shapes = [
    ...left.ticks.flatMap((tick) => [
      `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${at(left.scale(tick))}" y2="${at(left.scale(tick))}" stroke="${GRID}"/>`,
      svgText(PLOT.left - 8, left.scale(tick) + 4, format(tick), { anchor: 'end', size: 11, fill: QUIET }),
    ]),
    ...right.ticks.map((tick) =>
      svgText(PLOT.right + 8, right.scale(tick) + 4, (formatRight ?? format)(tick), { size: 11, fill: QUIET }),
    ),
    ...roundTicks([first, xs.at(-1) ?? first + 1], false)
      .filter((tick) => Number.isInteger(tick) && tick >= first && tick <= (xs.at(-1) ?? first))
      .map((tick) => svgText(x(tick), PLOT.bottom + 18, String(tick), { anchor: 'middle', size: 11, fill: QUIET })),
    svgText((PLOT.left + PLOT.right) / 2, HEIGHT - 10, xName, { anchor: 'middle', size: 12 }),
    ...data.series.flatMap((series) => drawn(series, places, xs, x, (series.right === true ? right : left).scale)),
    ...legend(data.series),
  ];
  return svgFile(WIDTH, HEIGHT, name, shapes);
}

type Axis = { ticks: number[]; scale: Scale };

function axisOf(series: readonly ChartSeries[], places: readonly number[], log: boolean): Axis {
  const values = series.flatMap(({ values, spread }) =>
    places.flatMap((index) => {
      const value = values[index] ?? NaN;
      const half = spread?.[index] ?? 0;
      return (half > 0 ? [value - half, value + half] : [value]).filter(
        (each) => Number.isFinite(each) && (!log || each > 0),
      );
    }),
  );
  if (values.length === 0) return { ticks: [], scale: () => PLOT.bottom };
  if (!log) {
    const ticks = roundTicks(values, false);
    return { ticks, scale: between([ticks[0] ?? 0, ticks.at(-1) ?? 1], [PLOT.bottom, PLOT.top]) };
  }
  const [low, high] = [Math.min(...values), Math.max(...values)].map(Math.log10) as [number, number];
  const from = Math.floor(low);
  const to = Math.max(from + 1, Math.ceil(high));
  const scale = between([from, to], [PLOT.bottom, PLOT.top]);
  const ticks = Array.from({ length: to - from + 1 }, (_, step) => 10 ** (from + step));
  return { ticks, scale: (value) => scale(Math.log10(value)) };
}

function between([from, to]: readonly [number, number], [start, end]: readonly [number, number]): Scale {
  const span = to - from || 1;
  return (value) => start + ((value - from) / span) * (end - start);
}

function drawn(series: ChartSeries, places: readonly number[], xs: readonly number[], x: Scale, y: Scale): string[] {
  const colour = LIGHT[series.colour];
  const points = places
    .map((index, place) => ({ index, x: x(xs[place] ?? NaN), value: series.values[index] ?? NaN }))
    .filter((point) => Number.isFinite(point.x));
  const dash = series.dash === undefined ? '' : ` stroke-dasharray="${series.dash.join(' ')}"`;
  const pale = series.quiet === true ? ' opacity="0.55"' : '';
  let path = '';
  let open = false;
  for (const point of points) {
    const height = y(point.value);
    if (!Number.isFinite(height)) {
      open = open && series.points === true;
      continue;
    }
    if (!open) path += `M${at(point.x)} ${at(height)}`;
    else path += series.stepped === true ? `H${at(point.x)}V${at(height)}` : `L${at(point.x)} ${at(height)}`;
    open = true;
  }
  const line = `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${series.quiet === true ? 1 : 2}"${dash}${pale} stroke-linejoin="round"/>`;
  const dots = series.points === true ? points.filter(({ value }) => Number.isFinite(y(value))) : [];
  return [
    ...band(series, points, y),
    ...(path === '' ? [] : [line]),
    ...dots.map((point) => `<circle cx="${at(point.x)}" cy="${at(y(point.value))}" r="3" fill="${colour}"/>`),
  ];
}

function band(series: ChartSeries, points: readonly { index: number; x: number; value: number }[], y: Scale): string[] {
  const { spread } = series;
  if (spread === undefined) return [];
  const edges = points.flatMap(({ index, x, value }) => {
    const [low, high] = [y(value - (spread[index] ?? NaN)), y(value + (spread[index] ?? NaN))];
    return Number.isFinite(low) && Number.isFinite(high) ? [{ x, low, high }] : [];
  });
  if (edges.length < 2) return [];
  const top = edges.map(({ x, high }) => `${at(x)},${at(high)}`);
  const bottom = edges.map(({ x, low }) => `${at(x)},${at(low)}`).reverse();
  return [`<polygon points="${[...top, ...bottom].join(' ')}" fill="${LIGHT[series.colour]}" opacity="0.14"/>`];
}

/** One entry after another under the title. */
function legend(series: readonly ChartSeries[]): string[] {
  let left = 16;
  return series.flatMap(({ label, colour, dash, quiet }) => {
    const start = left;
    left += 40 + label.length * 6.4;
    const line = dash === undefined ? '' : ` stroke-dasharray="${dash.join(' ')}"`;
    return [
      `<line x1="${at(start)}" x2="${at(start + 24)}" y1="44" y2="44" stroke="${LIGHT[colour]}" stroke-width="2"${line}${quiet === true ? ' opacity="0.55"' : ''}/>`,
      svgText(start + 30, 48, label, { size: 11, fill: INK }),
    ];
  });
}

/** The same as a picture of twice the size. */
export async function pngOf(svg: string): Promise<Blob> {
  const image = new Image();
  const address = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [2 * WIDTH, 2 * HEIGHT];
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob === null ? reject(new Error('The picture could not be drawn.')) : resolve(blob))),
    );
  } finally {
    URL.revokeObjectURL(address);
  }
}
