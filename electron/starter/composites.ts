/** @file Composite figures on a field of 8×8 units: two parts whose areas are added, or one taken from the other. */
import { drawGrid, INKS, UNIT } from './diagrams.ts';
import { paintBackground } from './paint-jitter.ts';
import { createRandom, type Random } from './random.ts';
import { createCanvas, drawLine, fillConvex, type Canvas } from './raster.ts';

/** `ell` and `tee` are two rectangles, `hole` a rectangle with a rectangle cut out, `house` a rectangle and a triangle. */
export const COMPOSITE_TYPES = ['ell', 'hole', 'house', 'tee'] as const;
export type CompositeType = (typeof COMPOSITE_TYPES)[number];

/** An upright box from grid point (x0, y0) to (x1, y1), y downwards. */
export interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

export interface Composite {
  type: CompositeType;
  /** The lower rectangle; of a `hole`, the outer one. */
  base: Box;
  /** What stands on the base or is cut out of it. Of a `house`, the box of its triangle. */
  part: Box;
  /** Of a `house`: where the tip is, in units from the left. */
  tip: number;
  styleSeed: number;
  jitter: number;
}

export function area({ x0, y0, x1, y1 }: Box): number {
  return (x1 - x0) * (y1 - y0);
}

/** The area of the whole figure in squares. */
export function compositeAnswer({ type, base, part }: Pick<Composite, 'type' | 'base' | 'part'>): number {
  if (type === 'hole') return area(base) - area(part);
  return area(base) + (type === 'house' ? area(part) / 2 : area(part));
}

/** The figure may touch the grid's lines 0 to 8. */
const GRID = 8;

/** Draws a figure of a type whose base is at most `most` wide and high. */
export function drawComposite(random: Random, type: CompositeType, most: number, jitter: number): Composite {
  const made = type === 'hole' ? withHole(random, most) : withPart(random, type, most);
  return { type, ...made, styleSeed: random.int(0, 0x7fffffff), jitter };
}

function withHole(random: Random, most: number): Pick<Composite, 'base' | 'part' | 'tip'> {
  const width = random.int(3, Math.max(3, most));
  const height = random.int(3, Math.max(3, most));
  const x0 = random.int(0, GRID - width);
  const y0 = random.int(0, GRID - height);
  const base = { x0, y0, x1: x0 + width, y1: y0 + height };
  const w = random.int(1, width - 2);
  const h = random.int(1, height - 2);
  const px = random.int(x0 + 1, base.x1 - 1 - w);
  const py = random.int(y0 + 1, base.y1 - 1 - h);
  return { base, part: { x0: px, y0: py, x1: px + w, y1: py + h }, tip: 0 };
}

function withPart(random: Random, type: CompositeType, most: number): Pick<Composite, 'base' | 'part' | 'tip'> {
  for (;;) {
    const width = random.int(type === 'tee' ? 3 : 2, most);
    const height = random.int(1, Math.min(most, GRID - 2));
    const partHeight = random.int(1, Math.min(most, GRID - height));
    const x0 = random.int(0, GRID - width);
    const top = random.int(0, GRID - height - partHeight);
    const base = { x0, y0: top + partHeight, x1: x0 + width, y1: top + partHeight + height };
    const partWidth = type === 'house' ? width : random.int(1, type === 'tee' ? width - 2 : width - 1);
    const left =
      type === 'tee'
        ? random.int(x0 + 1, base.x1 - 1 - partWidth)
        : type === 'ell' && random.chance(0.5)
          ? base.x1 - partWidth
          : x0;
    const part = { x0: left, y0: top, x1: left + partWidth, y1: top + partHeight };
    if (type === 'house' && area(part) % 2 !== 0) continue;
    return { base, part, tip: random.int(part.x0, part.x1) };
  }
}

type Point = readonly [number, number];

function corners({ x0, y0, x1, y1 }: Box): Point[] {
  return [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ];
}

/** The closed lines around the figure, in units: one, or two if it has a hole. */
export function outlines({ type, base, part, tip }: Composite): Point[][] {
  if (type === 'hole') return [corners(base), corners(part)];
  const upper: Point[] =
    type === 'house'
      ? [
          [part.x0, part.y1],
          [tip, part.y0],
          [part.x1, part.y1],
        ]
      : [
          [part.x0, part.y1],
          [part.x0, part.y0],
          [part.x1, part.y0],
          [part.x1, part.y1],
        ];
  const line: Point[] = [[base.x0, base.y0], ...upper, [base.x1, base.y0], [base.x1, base.y1], [base.x0, base.y1]];
  return [line.filter(([x, y], i) => x !== line[(i + 1) % line.length]?.[0] || y !== line[(i + 1) % line.length]?.[1])];
}

/** Paints a figure, 112×112 RGB. */
export function renderComposite(figure: Composite): Canvas {
  const random = createRandom(figure.styleSeed, 0, 'looks');
  const canvas = createCanvas();
  paintBackground(canvas, random, figure.jitter * 0.5);
  drawGrid(canvas, random.chance(0.5) ? [120, 140, 170] : [140, 140, 140], random.range(0.4, 0.8));
  const ink = random.pick(INKS);
  const width = random.range(1.8, 3.2);
  const opacity = random.range(0.14, 0.4);
  const fill = random.pick(INKS);
  for (const box of filledParts(figure)) {
    const points = box.map(([x, y]) => [x * UNIT, y * UNIT] as const);
    if (opacity > 0.2) fillConvex(canvas, points, fill, opacity);
  }
  for (const line of outlines(figure)) {
    line.forEach(([x, y], i) => {
      const [nx, ny] = line[(i + 1) % line.length] as Point;
      drawLine(canvas, [x * UNIT, y * UNIT, nx * UNIT, ny * UNIT], width, ink);
    });
  }
  return canvas;
}

/** Convex parts that together are the figure and do not overlap. */
function filledParts({ type, base, part, tip }: Composite): Point[][] {
  if (type !== 'hole') {
    const house: Point[] = [
      [part.x0, part.y1],
      [tip, part.y0],
      [part.x1, part.y1],
    ];
    return [corners(base), type === 'house' ? house : corners(part)];
  }
  return [
    corners({ ...base, y1: part.y0 }),
    corners({ ...base, y0: part.y1 }),
    corners({ x0: base.x0, y0: part.y0, x1: part.x0, y1: part.y1 }),
    corners({ x0: part.x1, y0: part.y0, x1: base.x1, y1: part.y1 }),
  ];
}
