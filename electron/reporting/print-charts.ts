/**
 * @file Charts as SVG files for print and for people who see no colour: greys far apart in lightness, and a name on every
 * part.
 */
import { figure } from './figures.ts';
import { escapeHtml } from './html.ts';
import { at as px, INK, QUIET, svgFile as svg, svgText } from './svg.ts';

const GREYS = ['#1c1c1c', '#8f8f8f', '#4d4d4d', '#c4c4c4', '#737373', '#e3e3e3'];

export interface Bar {
  label: string;
  parts: { name: string; value: number }[];
}

/** Horizontal bars of named parts on one scale; totals at their ends. */
export function stackedBars(title: string, unit: string, bars: readonly Bar[]): string {
  const width = 760;
  const left = 150;
  const room = width - left - 90;
  const names = [...new Set(bars.flatMap(({ parts }) => parts.map(({ name }) => name)))];
  const most = Math.max(...bars.map(total));
  const rowHeight = 34;
  const top = 64;
  const shapes: string[] = [];
  names.forEach((name, index) => {
    const x = left + (index % 6) * 96;
    shapes.push(
      swatch(x, 34 + Math.floor(index / 6) * 16, shade(index)),
      text(x + 16, 44 + Math.floor(index / 6) * 16, name, 'start', QUIET),
    );
  });
  bars.forEach((bar, row) => {
    const y = top + row * rowHeight;
    shapes.push(text(left - 10, y + 16, bar.label, 'end'));
    let x = left;
    for (const { name, value } of bar.parts) {
      const size = (value / most) * room;
      shapes.push(
        `<rect x="${px(x)}" y="${px(y)}" width="${px(size)}" height="22" fill="${shade(names.indexOf(name))}" stroke="#fff" stroke-width="1"><title>${escapeHtml(name)}: ${figure(value)} ${unit}</title></rect>`,
      );
      x += size;
    }
    shapes.push(text(x + 8, y + 16, `${figure(total(bar))} ${unit}`, 'start'));
  });
  return svg(width, top + bars.length * rowHeight + 8, title, shapes);
}

export interface Series {
  name: string;
  points: readonly (readonly [number, number])[];
}

const MARKS = ['circle', 'square', 'triangle', 'diamond'] as const;

/** Lines with marks of different form, named at their right end. `log` scales both axes. */
export function lines(title: string, axes: { x: string; y: string; log: boolean }, series: readonly Series[]): string {
  const [width, height] = [760, 340];
  const box = { left: 70, right: width - 150, top: 48, bottom: height - 46 };
  const scale = axes.log ? Math.log : (value: number): number => value;
  const all = series.flatMap(({ points }) => points);
  const xs = range(
    all.map(([x]) => scale(x)),
    axes.log,
  );
  const ys = range(
    all.map(([, y]) => scale(y)),
    axes.log,
  );
  const x = (value: number): number =>
    box.left + ((scale(value) - xs.low) / (xs.high - xs.low)) * (box.right - box.left);
  const y = (value: number): number =>
    box.bottom - ((scale(value) - ys.low) / (ys.high - ys.low)) * (box.bottom - box.top);
  const shapes = [
    `<path d="M${px(box.left)} ${px(box.top)}V${px(box.bottom)}H${px(box.right)}" fill="none" stroke="${QUIET}"/>`,
    text((box.left + box.right) / 2, height - 10, axes.x, 'middle', QUIET),
    text(box.left, box.top - 12, axes.y, 'start', QUIET),
  ];
  for (const tick of ticks(
    all.map(([value]) => value),
    axes.log,
  )) {
    shapes.push(text(x(tick), box.bottom + 18, figure(tick), 'middle', QUIET));
  }
  for (const tick of ticks(
    all.map(([, value]) => value),
    axes.log,
  )) {
    shapes.push(
      `<path d="M${px(box.left)} ${px(y(tick))}H${px(box.right)}" stroke="#e3e3e3"/>`,
      text(box.left - 8, y(tick) + 4, figure(tick), 'end', QUIET),
    );
  }
  const labels = spreadLabels(series.map(({ points }) => y(points.at(-1)?.[1] ?? NaN)));
  series.forEach(({ name, points }, index) => {
    const colour = shade(index % 3);
    const path = points.map(([px_, py], at) => `${at === 0 ? 'M' : 'L'}${px(x(px_))} ${px(y(py))}`).join('');
    shapes.push(`<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>`);
    for (const point of points)
      shapes.push(mark(MARKS[index % MARKS.length] ?? 'circle', x(point[0]), y(point[1]), colour));
    shapes.push(text(box.right + 10, (labels[index] ?? 0) + 4, name, 'start'));
  });
  return svg(width, height, title, shapes);
}

function total({ parts }: Bar): number {
  return parts.reduce((sum, { value }) => sum + value, 0);
}

function shade(index: number): string {
  return GREYS[index % GREYS.length] ?? INK;
}

function range(values: readonly number[], log: boolean): { low: number; high: number } {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const margin = log ? 0.06 * (most - least || 1) : 0;
  // A level series on plain axes starts at zero, so that small changes do not look large.
  return log ? { low: least - margin, high: most + margin } : { low: 0, high: most * 1.1 };
}

/** The values themselves on logarithmic axes where they are few, else round steps. */
function ticks(values: readonly number[], log: boolean): number[] {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  if (log && distinct.length <= 5) return distinct;
  const most = distinct.at(-1) ?? 1;
  if (!log) {
    const step = niceStep(most / 4);
    return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
  }
  const least = distinct[0] ?? 1;
  const chosen: number[] = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power++) {
    for (const digit of [1, 2, 5]) {
      const value = digit * 10 ** power;
      if (value >= least * 0.95 && value <= most * 1.05) chosen.push(value);
    }
  }
  return chosen;
}

function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  return ([1, 2, 5, 10].find((digit) => digit * power >= raw) ?? 10) * power;
}

/** Moves labels apart that would lie on each other. */
function spreadLabels(positions: readonly number[]): number[] {
  const order = positions.map((_, index) => index).sort((a, b) => (positions[a] ?? 0) - (positions[b] ?? 0));
  const placed = [...positions];
  order.forEach((index, rank) => {
    const before = order[rank - 1];
    if (before === undefined) return;
    placed[index] = Math.max(placed[index] ?? 0, (placed[before] ?? 0) + 15);
  });
  return placed;
}

function mark(kind: (typeof MARKS)[number], x: number, y: number, colour: string): string {
  if (kind === 'circle') return `<circle cx="${px(x)}" cy="${px(y)}" r="4" fill="${colour}"/>`;
  if (kind === 'square') return `<rect x="${px(x - 4)}" y="${px(y - 4)}" width="8" height="8" fill="${colour}"/>`;
  const corners =
    kind === 'triangle'
      ? [
          [0, -5],
          [5, 4],
          [-5, 4],
        ]
      : [
          [0, -5],
          [5, 0],
          [0, 5],
          [-5, 0],
        ];
  const points = corners.map(([dx, dy]) => `${px(x + (dx ?? 0))},${px(y + (dy ?? 0))}`).join(' ');
  return `<polygon points="${points}" fill="${colour}"/>`;
}

function swatch(x: number, y: number, colour: string): string {
  return `<rect x="${px(x)}" y="${px(y)}" width="11" height="11" fill="${colour}" stroke="${QUIET}" stroke-width="0.5"/>`;
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end', fill = INK): string {
  return svgText(x, y, content, { anchor, fill });
}
