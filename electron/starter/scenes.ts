/** @file Counting scenes: icons in a 4×4 field of cells. A scene is plain data; `renderScene` paints it. */
import type { Art } from './art.ts';
import { paintBackground, randomTint } from './paint-jitter.ts';
import { createRandom, type Random } from './random.ts';
import { createCanvas, drawIcon, type Canvas } from './raster.ts';

/** Cells in reading order: a1 … a4, b1 … d4 (row letter, column digit). */
export const CELLS: readonly string[] = ['a', 'b', 'c', 'd'].flatMap((row) =>
  [1, 2, 3, 4].map((col) => `${row}${col}`),
);

/** Side of a cell, pixels: the field of one merged image token. */
export const CELL_SIDE = 28;

export interface SceneObject {
  /** 0–15, position in CELLS. */
  cell: number;
  kind: string;
  set: string;
  /** Index among the set's drawings of this kind. */
  drawing: number;
}

export interface Scene {
  /** In reading order. */
  objects: SceneObject[];
  asked: string;
  /** How many objects are of the asked kind. */
  count: number;
  /** For the looks (sizes, tints, background): included in the scene so that rendering is repeatable. */
  styleSeed: number;
  jitter: number;
}

export interface SceneOptions {
  kinds: readonly string[];
  /** Sets that may appear in this scene, with the number of drawings of a kind in each. */
  sets: readonly string[];
  drawings: (set: string, kind: string) => number;
  /** Largest number of the asked kind. */
  maxCount: number;
  /** Largest number of others. */
  maxOthers: number;
  /** 0–1, how strongly looks vary. */
  jitter: number;
  /** Fixed instead of drawn: the asked kind and how many of it. */
  fixed?: { asked: string; count: number };
}

/** Draws a scene: 1…maxCount of one kind among 0…maxOthers of other kinds, at most one in a cell. */
export function drawScene(random: Random, options: SceneOptions): Scene {
  const asked = options.fixed?.asked ?? random.pick(options.kinds);
  const count = options.fixed?.count ?? random.int(1, options.maxCount);
  const others = Math.min(random.int(0, options.maxOthers), CELLS.length - count);
  const rest = options.kinds.filter((kind) => kind !== asked);
  const cells = random.shuffle(CELLS.map((_, i) => i)).slice(0, count + others);
  const objects = cells.map((cell, i): SceneObject => {
    const kind = i < count ? asked : random.pick(rest);
    const set = random.pick(options.sets);
    return { cell, kind, set, drawing: random.int(0, options.drawings(set, kind) - 1) };
  });
  objects.sort((a, b) => a.cell - b.cell);
  return { objects, asked, count, styleSeed: random.int(0, 0x7fffffff), jitter: options.jitter };
}

/** Paints a scene, 112×112 RGB. */
export function renderScene(scene: Scene, art: Art): Canvas {
  const random = createRandom(scene.styleSeed, 0, 'looks');
  const canvas = createCanvas();
  paintBackground(canvas, random, scene.jitter);
  const outlined = random.chance(0.25 * scene.jitter);
  for (const object of scene.objects) {
    const drawing = art.drawings(object.set, object.kind)[object.drawing];
    if (drawing === undefined)
      throw new RangeError(`No drawing ${object.drawing} of "${object.kind}" in "${object.set}".`);
    const left = (object.cell % 4) * CELL_SIDE;
    const top = Math.floor(object.cell / 4) * CELL_SIDE;
    const side = random.range(21, 28);
    const play = Math.max(0.5, (CELL_SIDE - side * 0.92) / 2);
    drawIcon(canvas, outlined ? drawing.outlined : drawing.plain, {
      x: left + CELL_SIDE / 2 + random.range(-play, play),
      y: top + CELL_SIDE / 2 + random.range(-play, play),
      side,
      angle: random.range(-0.2, 0.2),
      clip: [left, top, left + CELL_SIDE, top + CELL_SIDE],
      tint: randomTint(random, scene.jitter),
    });
  }
  return canvas;
}
