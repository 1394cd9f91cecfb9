/** @file Line charts as inline SVG: one or two axes, an optional band, colours from the page's custom properties. */
import { roundTicks } from './axis-ticks.ts';
import type { Markup } from './html.ts';
import { html } from './html.ts';

export interface Series {
  label: string;
  /** A CSS colour, usually `var(--…)`. */
  colour: string;
  /** One value per step; null leaves a gap. */
  values: readonly (number | null)[];
  /** Lower and upper edge of a shaded band around the line. */
  band?: { low: readonly (number | null)[]; high: readonly (number | null)[] };
  axis?: 'left' | 'right';
  dashed?: boolean;
  /** Raw values behind a smoothed line. */
  faint?: boolean;
}

export interface ChartOptions {
  title: string;
  /** The step of each value. */
  steps: readonly number[];
  series: readonly Series[];
  /** Forces 0 into the left axis. */
  fromZero?: boolean;
}

const WIDTH = 560;
const HEIGHT = 240;
const PAD = { left: 46, right: 46, top: 12, bottom: 30 };

type Scale = (value: number) => number;

/** The chart as an `<svg role="img">` with its summary as text. */
export function lineChart({ title, steps, series, fromZero = false }: ChartOptions): Markup {
  const first = steps[0] ?? 0;
  const x = scale([first, Math.max(steps.at(-1) ?? 1, first + 1)], [PAD.left, WIDTH - PAD.right]);
  const left = series.filter((line) => line.axis !== 'right');
  const right = series.filter((line) => line.axis === 'right');
  const leftTicks = roundTicks(valuesOf(left), fromZero);
  const rightTicks = right.length === 0 ? [] : roundTicks(valuesOf(right), true);
  const y = axisScale(leftTicks);
  const yRight = axisScale(rightTicks);
  const shown = series.filter((line) => line.values.some((value) => value !== null));
  if (shown.length === 0) return html`<p class="empty">Nothing was measured here.</p>`;

  return html`<svg role="img" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-label="${summary(title, steps, shown)}">
    ${leftTicks.map(
      (tick) =>
        html`<line
            class="grid"
            x1="${PAD.left}"
            x2="${WIDTH - PAD.right}"
            y1="${fixed(y(tick))}"
            y2="${fixed(y(tick))}"
          />
          <text class="tick" text-anchor="end" x="${PAD.left - 8}" y="${fixed(y(tick) + 3.5)}"
            >${tickText(tick)}</text
          >`,
    )}
    ${rightTicks.map(
      (tick) =>
        html`<text class="tick" x="${WIDTH - PAD.right + 8}" y="${fixed(yRight(tick) + 3.5)}">${tickText(tick)}</text>`,
    )}
    ${stepTicks(steps).map(
      (step) => html`<text class="tick" text-anchor="middle" x="${fixed(x(step))}" y="${HEIGHT - 10}">${step}</text>`,
    )}
    ${shown.map((line) => drawSeries(line, steps, x, line.axis === 'right' ? yRight : y))}
  </svg>`;
}

/** Exponential moving average that skips gaps; the page shows it over the raw values. */
export function smooth(values: readonly (number | null)[], keep = 0.85): (number | null)[] {
  let average: number | null = null;
  return values.map((value) => {
    if (value !== null) average = average === null ? value : keep * average + (1 - keep) * value;
    return value === null ? null : average;
  });
}

function drawSeries(line: Series, steps: readonly number[], x: Scale, y: Scale): Markup {
  const width = line.faint === true ? 1 : 2;
  const stroke = html`<path
    d="${pathOf(line.values, steps, x, y)}"
    fill="none"
    stroke="${line.colour}"
    stroke-width="${width}"
    stroke-linejoin="round"
    stroke-linecap="round"
    opacity="${line.faint === true ? 0.35 : 1}"
    ${line.dashed === true ? html`stroke-dasharray="5 4"` : null}
  />`;
  return html`${line.band === undefined ? null : drawBand(line.band, line.colour, steps, x, y)}${stroke}${lonePoints(line, steps, x, y)}`;
}

function drawBand(
  band: NonNullable<Series['band']>,
  colour: string,
  steps: readonly number[],
  x: Scale,
  y: Scale,
): Markup {
  const points = steps.flatMap((step, i) => {
    const [low, high] = [band.low[i] ?? null, band.high[i] ?? null];
    return low === null || high === null ? [] : [{ at: fixed(x(step)), low: fixed(y(low)), high: fixed(y(high)) }];
  });
  const upper = points.map(({ at, high }) => `${at},${high}`);
  const lower = points.map(({ at, low }) => `${at},${low}`).reverse();
  return html`<polygon points="${[...upper, ...lower].join(' ')}" fill="${colour}" opacity="0.13" />`;
}

/** A value with gaps on both sides has no line to be seen by. */
function lonePoints({ values, colour }: Series, steps: readonly number[], x: Scale, y: Scale): Markup[] {
  return values.flatMap((value, i) => {
    const alone = (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null;
    return value === null || !alone
      ? []
      : [html`<circle cx="${fixed(x(steps[i] ?? 0))}" cy="${fixed(y(value))}" r="3" fill="${colour}" />`];
  });
}

function pathOf(values: readonly (number | null)[], steps: readonly number[], x: Scale, y: Scale): string {
  let pen = 'M';
  return values
    .map((value, i) => {
      if (value === null) {
        pen = 'M';
        return '';
      }
      const command = `${pen}${fixed(x(steps[i] ?? 0))} ${fixed(y(value))}`;
      pen = 'L';
      return command;
    })
    .join('');
}

function valuesOf(series: readonly Series[]): number[] {
  return series
    .flatMap((line) => [...line.values, ...(line.band?.low ?? []), ...(line.band?.high ?? [])])
    .filter((value): value is number => value !== null && Number.isFinite(value));
}

function axisScale(of: readonly number[]): Scale {
  return scale([of[0] ?? 0, of.at(-1) ?? 1], [HEIGHT - PAD.bottom, PAD.top]);
}

function scale([from, to]: readonly [number, number], [low, high]: readonly [number, number]): Scale {
  return (value) => low + ((value - from) / (to - from || 1)) * (high - low);
}

function stepTicks(steps: readonly number[]): number[] {
  const [first, last] = [steps[0] ?? 1, steps.at(-1) ?? 1];
  const between = roundTicks([first, last], false).filter(
    (tick) => Number.isInteger(tick) && tick > first && tick < last,
  );
  const gap = (last - first) / 12;
  return [first, ...between.filter((tick) => tick - first > gap && last - tick > gap), ...(last > first ? [last] : [])];
}

function summary(title: string, steps: readonly number[], series: readonly Series[]): string {
  const ends = series
    .filter((line) => line.faint !== true)
    .map((line) => {
      const known = line.values.filter((value) => value !== null);
      return `${line.label} from ${tickText(known[0] ?? 0)} to ${tickText(known.at(-1) ?? 0)}`;
    });
  return `${title} over ${steps.length} steps: ${ends.join('; ')}`;
}

function tickText(value: number): string {
  return String(Number(value.toPrecision(3))).replace('-', '−');
}

function fixed(value: number): string {
  return value.toFixed(1);
}
