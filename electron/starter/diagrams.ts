/** @file Geometry drawings on a field of 8×8 units, each with its exact answer and the facts that lead to it. */
import { paintBackground } from './paint-jitter.ts';
import { createRandom, type Random } from './random.ts';
import { createCanvas, drawArc, drawLine, fillConvex, SIDE, type Canvas, type Colour } from './raster.ts';

/** Side of one unit, pixels: one vision patch. */
export const UNIT = 14;

export const DIAGRAM_TYPES = ['length', 'area', 'perimeter', 'triangle', 'angle'] as const;
export type DiagramType = (typeof DIAGRAM_TYPES)[number];

/** How the drawing looks; does not change the answer. */
interface Looks {
  styleSeed: number;
  jitter: number;
}

/** A horizontal or vertical line from grid point (x0, y0) to (x1, y1), x0 ≤ x1 and y0 ≤ y1, y downwards. */
export interface LengthDiagram extends Looks {
  type: 'length';
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** An upright rectangle by two corners. */
export interface RectangleDiagram extends Looks {
  type: 'area' | 'perimeter';
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** A triangle with a right angle at one corner of the box from (x0, y0) to (x1, y1). */
export interface TriangleDiagram extends Looks {
  type: 'triangle';
  x0: number;
  y0: number;
  x1: number;
  y1: number;
  /** 0 top left, 1 top right, 2 bottom right, 3 bottom left. */
  rightAngleAt: number;
}

/** Two rays from a point; directions in degrees, anticlockwise from the right, multiples of 15, 0–180. */
export interface AngleDiagram extends Looks {
  type: 'angle';
  x: number;
  y: number;
  from: number;
  to: number;
}

export type Diagram = LengthDiagram | RectangleDiagram | TriangleDiagram | AngleDiagram;

/** The exact answer: units, squares or degrees. */
export function diagramAnswer(diagram: Diagram): number {
  if (diagram.type === 'angle') return diagram.to - diagram.from;
  const w = diagram.x1 - diagram.x0;
  const h = diagram.y1 - diagram.y0;
  if (diagram.type === 'length') return w + h;
  if (diagram.type === 'area') return w * h;
  if (diagram.type === 'perimeter') return 2 * (w + h);
  return (w * h) / 2;
}

/** First and last grid line that a shape may touch. */
const FIRST = 1;
const LAST = 7;

/** Two different grid lines, the smaller first. */
function span(random: Random): [number, number] {
  const length = random.int(1, LAST - FIRST);
  const start = random.int(FIRST, LAST - length);
  return [start, start + length];
}

/** Draws a diagram of a type. `jitter` 0–1 is how strongly looks vary. */
export function drawDiagram(random: Random, type: DiagramType, jitter: number): Diagram {
  const looks = (): Looks => ({ styleSeed: random.int(0, 0x7fffffff), jitter });
  if (type === 'angle') {
    const width = 15 * random.int(1, 11);
    const from = 15 * random.int(0, (180 - width) / 15);
    return { type, x: random.range(3.7, 4.3), y: random.range(5.4, 6.6), from, to: from + width, ...looks() };
  }
  if (type === 'length') {
    const [low, high] = span(random);
    const other = random.int(FIRST, LAST - 1);
    return random.chance(0.5)
      ? { type, x0: low, y0: other, x1: high, y1: other, ...looks() }
      : { type, x0: other, y0: low, x1: other, y1: high, ...looks() };
  }
  for (;;) {
    const [x0, x1] = span(random);
    const [y0, y1] = span(random);
    if (type !== 'triangle') return { type, x0, y0, x1, y1, ...looks() };
    if (((x1 - x0) * (y1 - y0)) % 2 !== 0) continue;
    return { type, x0, y0, x1, y1, rightAngleAt: random.int(0, 3), ...looks() };
  }
}

/** Colours of lines and fills. */
export const INKS: readonly Colour[] = [
  [30, 34, 44],
  [24, 70, 160],
  [170, 30, 40],
  [20, 110, 60],
  [110, 40, 130],
  [150, 80, 10],
];

/** Paints a diagram, 112×112 RGB. */
export function renderDiagram(diagram: Diagram): Canvas {
  const random = createRandom(diagram.styleSeed, 0, 'looks');
  const canvas = createCanvas();
  paintBackground(canvas, random, diagram.jitter * 0.5);
  const ink = random.pick(INKS);
  const width = random.range(1.8, 3.4);
  if (diagram.type === 'angle') renderAngle(canvas, diagram, random, ink, width);
  else renderOnGrid(canvas, diagram, random, ink, width);
  return canvas;
}

function renderOnGrid(
  canvas: Canvas,
  d: LengthDiagram | RectangleDiagram | TriangleDiagram,
  random: Random,
  ink: Colour,
  width: number,
): void {
  const line: Colour = random.chance(0.5) ? [120, 140, 170] : [140, 140, 140];
  // A length may have only a ruler; every other drawing has a grid.
  const ruler = d.type === 'length' && random.chance(0.4);
  if (ruler) drawRulers(canvas, d.y0 === d.y1);
  else drawGrid(canvas, line, random.range(0.4, 0.8));
  const [l, t, r, b] = [d.x0 * UNIT, d.y0 * UNIT, d.x1 * UNIT, d.y1 * UNIT];
  if (d.type === 'length') {
    drawLine(canvas, [l, t, r, b], width + 0.6, ink);
    const cap = 4;
    for (const [x, y] of [
      [l, t],
      [r, b],
    ] as const) {
      drawLine(canvas, l === r ? [x - cap, y, x + cap, y] : [x, y - cap, x, y + cap], width * 0.7, ink);
    }
    return;
  }
  const box = [
    [l, t],
    [r, t],
    [r, b],
    [l, b],
  ] as const;
  // A right triangle leaves out the corner opposite the right angle.
  const corners = d.type === 'triangle' ? box.filter((_, i) => i !== (d.rightAngleAt + 2) % 4) : [...box];
  if (random.chance(0.75)) fillConvex(canvas, corners, random.pick(INKS), random.range(0.12, 0.38));
  corners.forEach((p, i) => {
    const q = corners[(i + 1) % corners.length] as readonly [number, number];
    drawLine(canvas, [p[0], p[1], q[0], q[1]], width, ink);
  });
}

function renderAngle(canvas: Canvas, d: AngleDiagram, random: Random, ink: Colour, width: number): void {
  const centre = [d.x * UNIT, d.y * UNIT] as const;
  const reach = random.range(40, 48);
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  // A protractor's marks: every 15 degrees, longer at 45 and 90.
  for (let degrees = 0; degrees <= 180; degrees += 15) {
    const a = radians(degrees);
    const inner = reach + 3;
    const outer = inner + (degrees % 90 === 0 ? 6 : degrees % 45 === 0 ? 4.5 : 2.5);
    const at = (length: number): [number, number] => [
      centre[0] + length * Math.cos(a),
      centre[1] - length * Math.sin(a),
    ];
    drawLine(canvas, [...at(inner), ...at(outer)], 1, [110, 120, 135], 0.8);
  }
  if (random.chance(0.6))
    drawLine(canvas, [centre[0] - reach, centre[1], centre[0] + reach, centre[1]], 0.8, [130, 140, 155], 0.5);
  for (const degrees of [d.from, d.to]) {
    const a = radians(degrees);
    const tip = [centre[0] + reach * Math.cos(a), centre[1] - reach * Math.sin(a)] as const;
    drawLine(canvas, [centre[0], centre[1], tip[0], tip[1]], width, ink);
  }
  const arcInk = random.pick(INKS.filter((colour) => colour !== ink));
  drawArc(canvas, centre, random.range(11, 19), [radians(d.from), radians(d.to)], 1.8, arcInk);
}

/** The lines of the field of 8×8 units. */
export function drawGrid(canvas: Canvas, colour: Colour, opacity: number): void {
  for (let i = 0; i <= 8; i++) {
    const at = Math.min(SIDE - 0.5, Math.max(0.5, i * UNIT));
    drawLine(canvas, [at, 0, at, SIDE], 1, colour, opacity);
    drawLine(canvas, [0, at, SIDE, at], 1, colour, opacity);
  }
}

/** Digits 0–8, 3 columns × 5 rows, one string of rows. */
const DIGITS: readonly string[] = [
  '111101101101111',
  '010110010010111',
  '111001111100111',
  '111001011001111',
  '101101111001001',
  '111100111001111',
  '111100111101111',
  '111001010010010',
  '111101111101111',
];

/** A ruler with ticks and digits along the bottom, or along the right edge. */
function drawRulers(canvas: Canvas, alongBottom: boolean): void {
  const ink: Colour = [70, 75, 85];
  for (let i = 0; i <= 8; i++) {
    const at = Math.min(SIDE - 0.5, Math.max(0.5, i * UNIT));
    const guide = alongBottom ? ([at, 0, at, SIDE] as const) : ([0, at, SIDE, at] as const);
    drawLine(canvas, guide, 1, ink, 0.14);
    const tick = alongBottom ? ([at, SIDE - 7, at, SIDE] as const) : ([SIDE - 7, at, SIDE, at] as const);
    drawLine(canvas, tick, 1.2, ink);
    const half = at - UNIT / 2;
    if (i > 0) {
      const small = alongBottom ? ([half, SIDE - 3, half, SIDE] as const) : ([SIDE - 3, half, SIDE, half] as const);
      drawLine(canvas, small, 1, ink, 0.8);
    }
    if (i === 0 || i === 8) continue;
    if (alongBottom) drawDigit(canvas, i, at - 1.5, SIDE - 13.5, ink);
    else drawDigit(canvas, i, SIDE - 11.5, at - 2.5, ink);
  }
}

function drawDigit(canvas: Canvas, digit: number, left: number, top: number, colour: Colour): void {
  const rows = DIGITS[digit] ?? '';
  for (let i = 0; i < 15; i++) {
    if (rows[i] !== '1') continue;
    const x = Math.round(left) + (i % 3) + 0.5;
    const y = Math.round(top) + Math.floor(i / 3) + 0.5;
    drawLine(canvas, [x, y, x, y], 1, colour);
  }
}
