/** @file Boxes and places on a picture, in its own pixels: as drawn, and as an answer writes them. */

export type Box = readonly [left: number, top: number, right: number, bottom: number];
export type Spot = { x: number; y: number };
export type Size = { width: number; height: number };

/** The boxes of an answer: `[1, 2, 3, 4]`, or a list of `{"bbox_2d": […]}`. None for any other text. */
export function boxesIn(answer: string): Box[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(answer);
  } catch {
    return [];
  }
  const items: unknown[] = isBox(parsed) ? [parsed] : Array.isArray(parsed) ? parsed : [parsed];
  const boxes = items.map((item) => (isBox(item) ? item : (item as { bbox_2d?: unknown } | null)?.bbox_2d));
  return boxes.every(isBox) ? boxes : [];
}

/** One box as four numbers, several as a list; empty for none. */
export function answerOf(boxes: readonly Box[]): string {
  const [first, ...others] = boxes;
  if (first === undefined) return '';
  const text = (box: Box): string => `[${box.join(', ')}]`;
  return others.length === 0 ? text(first) : `[${boxes.map((box) => `{"bbox_2d": ${text(box)}}`).join(', ')}]`;
}

/** The box between two corners, in whole pixels inside the picture; null if it has no surface. */
export function boxBetween(a: Spot, b: Spot, size: Size): Box | null {
  const x = [a.x, b.x].map((value) => Math.round(within(value, size.width))).sort((one, other) => one - other);
  const y = [a.y, b.y].map((value) => Math.round(within(value, size.height))).sort((one, other) => one - other);
  const [left = 0, right = 0] = x;
  const [top = 0, bottom = 0] = y;
  return right - left < 1 || bottom - top < 1 ? null : [left, top, right, bottom];
}

/** The share of the shorter side that a place's square has to each side of it at first. */
const REACH = 0.05;

/** The square around a place; `grown` steps make it larger or smaller by a quarter each. */
export function squareAround({ x, y }: Spot, size: Size, grown = 0): Box {
  const reach = Math.max(1, Math.min(size.width, size.height) * REACH * 1.25 ** grown);
  const box = boxBetween({ x: x - reach, y: y - reach }, { x: x + reach, y: y + reach }, size);
  return box ?? [0, 0, Math.max(1, size.width), Math.max(1, size.height)];
}

export function middleOf([left, top, right, bottom]: Box): Spot {
  return { x: (left + right) / 2, y: (top + bottom) / 2 };
}

/** Where the cursor goes for an arrow key: a fiftieth of the longer side, or one pixel with Shift. */
export function movedBy(spot: Spot, key: string, isFine: boolean, size: Size): Spot | null {
  const step = isFine ? 1 : Math.max(1, Math.round(Math.max(size.width, size.height) / 50));
  const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[key];
  if (by === undefined) return null;
  return { x: within(spot.x + (by[0] ?? 0), size.width), y: within(spot.y + (by[1] ?? 0), size.height) };
}

function within(value: number, end: number): number {
  return Math.min(Math.max(value, 0), end);
}

function isBox(value: unknown): value is Box {
  return (
    Array.isArray(value) &&
    value.length === 4 &&
    value.every((each) => typeof each === 'number' && Number.isFinite(each)) &&
    value[2] > value[0] &&
    value[3] > value[1]
  );
}
