/** @file Scenes for two-step counting: icons that leave their cells and overlap. A scene is plain data. */
import type { Art } from './art.ts';
import { paintBackground, randomTint } from './paint-jitter.ts';
import { createRandom, type Random } from './random.ts';
import { createCanvas, drawIcon, SIDE, type Canvas } from './raster.ts';
import { CELL_SIDE, CELLS } from './scenes.ts';

export interface RoamingObject {
  /** Centre, pixels. */
  x: number;
  y: number;
  kind: string;
  set: string;
  /** Index among the set's drawings of this kind. */
  drawing: number;
}

export const OPERATIONS = ['more', 'together'] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface RoamingScene {
  /** In reading order: by cell, then from left to right. */
  objects: RoamingObject[];
  /** The two kinds of the question. For `more` there are at least as many of the first. */
  asked: readonly [string, string];
  /** How many objects there are of each. */
  counts: readonly [number, number];
  operation: Operation;
  /** For sizes, tints and the background. */
  styleSeed: number;
  jitter: number;
}

export interface RoamingOptions {
  /** Kinds that a question may name. */
  asked: readonly string[];
  /** Kinds that may stand between them. */
  others: readonly string[];
  sets: readonly string[];
  drawings: (set: string, kind: string) => number;
  /** Smallest and largest number of each asked kind. */
  count: readonly [number, number];
  maxOthers: number;
  /** 0 = each icon in the middle of its own cell, 1 = up to a whole cell away from it. */
  roam: number;
  jitter: number;
  operation: Operation;
}

/** Centres are at least this far apart, pixels: with icons of 19 to 25 pixels, more than half of each stays visible. */
export const CLOSEST = 13;

/** Centres keep this distance from the edge, pixels. */
const MARGIN = 10;

/** Objects of a scene: one starts in each cell. */
export const MOST_OBJECTS = CELLS.length;

/** Draws a scene with two kinds to count, among others. */
export function drawRoamingScene(random: Random, options: RoamingOptions): RoamingScene {
  const [first, second] = random.shuffle(options.asked).slice(0, 2) as [string, string];
  const [least, most] = options.count;
  const drawn = [random.int(least, most), random.int(least, most)] as const;
  const counts: [number, number] =
    options.operation === 'more' ? [Math.max(...drawn), Math.min(...drawn)] : [drawn[0], drawn[1]];
  const total = counts[0] + counts[1];
  const others = Math.min(random.int(0, options.maxOthers), MOST_OBJECTS - total);
  const rest = options.others.filter((kind) => kind !== first && kind !== second);
  const places = drawPlaces(random, total + others, options.roam);
  const objects = places.map(([x, y], i): RoamingObject => {
    const kind = i < counts[0] ? first : i < total ? second : random.pick(rest);
    const set = random.pick(options.sets);
    return { x, y, kind, set, drawing: random.int(0, options.drawings(set, kind) - 1) };
  });
  objects.sort((a, b) => cellOf(a) - cellOf(b) || a.x - b.x || a.y - b.y);
  const styleSeed = random.int(0, 0x7fffffff);
  return { objects, asked: [first, second], counts, operation: options.operation, styleSeed, jitter: options.jitter };
}

/** 0–15: the cell that holds an object's centre. */
export function cellOf({ x, y }: Pick<RoamingObject, 'x' | 'y'>): number {
  return Math.floor(y / CELL_SIDE) * 4 + Math.floor(x / CELL_SIDE);
}

/** The answer to the scene's question. */
export function roamingAnswer({ counts, operation }: Pick<RoamingScene, 'counts' | 'operation'>): number {
  return operation === 'more' ? counts[0] - counts[1] : counts[0] + counts[1];
}

/** Places that keep their distance. Icons that find no room after some tries begin all over, nearer to their cells. */
function drawPlaces(random: Random, n: number, roam: number): [number, number][] {
  for (let reach = roam * CELL_SIDE; ; reach *= 0.8) {
    const cells = random.shuffle(CELLS.map((_, i) => i)).slice(0, n);
    const places: [number, number][] = [];
    for (const cell of cells) {
      const place = drawPlace(random, cell, reach, places);
      if (place === null) break;
      places.push(place);
    }
    if (places.length === n) return places;
  }
}

const TRIES = 30;

function drawPlace(
  random: Random,
  cell: number,
  reach: number,
  taken: readonly (readonly [number, number])[],
): [number, number] | null {
  const inside = (at: number): number => Math.round(Math.min(SIDE - MARGIN, Math.max(MARGIN, at)));
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const x = inside(((cell % 4) + 0.5) * CELL_SIDE + random.range(-reach, reach));
    const y = inside((Math.floor(cell / 4) + 0.5) * CELL_SIDE + random.range(-reach, reach));
    if (taken.every(([tx, ty]) => Math.hypot(x - tx, y - ty) >= CLOSEST)) return [x, y];
  }
  return null;
}

/** Paints a scene, 112×112 RGB; icons further down and to the right lie on top. */
export function renderRoamingScene(scene: RoamingScene, art: Art): Canvas {
  const random = createRandom(scene.styleSeed, 0, 'looks');
  const canvas = createCanvas();
  paintBackground(canvas, random, scene.jitter);
  const outlined = random.chance(0.25 * scene.jitter);
  for (const object of scene.objects) {
    const drawing = art.drawings(object.set, object.kind)[object.drawing];
    if (drawing === undefined)
      throw new RangeError(`No drawing ${object.drawing} of "${object.kind}" in "${object.set}".`);
    drawIcon(canvas, outlined ? drawing.outlined : drawing.plain, {
      x: object.x,
      y: object.y,
      side: random.range(19, 25),
      angle: random.range(-0.3, 0.3),
      clip: [0, 0, SIDE, SIDE],
      tint: randomTint(random, scene.jitter),
    });
  }
  return canvas;
}
