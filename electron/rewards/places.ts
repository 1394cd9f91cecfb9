/**
 * @file Answers that are places in a picture: a box as two corners (left, top, right, bottom), or a point.
 * Written as `[1, 2, 3, 4]`, `(1,2),(3,4)`, with Qwen's box tokens, or as `{"bbox_2d": […]}` / `{"point_2d": […]}`.
 */

export type Box = readonly [left: number, top: number, right: number, bottom: number];
export type Point = readonly [x: number, y: number];

const MAX_LENGTH = 200;
const NUMBER = String.raw`-?\d{1,7}(?:\.\d{1,9})?`;
const FLAT = new RegExp(String.raw`^\[?\s*(${NUMBER}(?:\s*,\s*${NUMBER})*)\s*\]?$`);
const CORNERS = new RegExp(
  String.raw`^\(\s*(${NUMBER}\s*,\s*${NUMBER})\s*\)\s*,?\s*\(\s*(${NUMBER}\s*,\s*${NUMBER})\s*\)$`,
);
const PAIR = new RegExp(String.raw`^\(\s*(${NUMBER}\s*,\s*${NUMBER})\s*\)$`);

/** One box with a surface; null for anything else, also for several boxes. */
export function readBox(text: string): Box | null {
  const inner = unwrap(text, 'bbox_2d');
  const corners = CORNERS.exec(inner);
  const numbers = corners === null ? numbersOf(inner) : splitNumbers(`${corners[1] ?? ''},${corners[2] ?? ''}`);
  const [left, top, right, bottom] = numbers;
  if (numbers.length !== 4 || left === undefined || top === undefined) return null;
  if (right === undefined || bottom === undefined || right <= left || bottom <= top) return null;
  return [left, top, right, bottom];
}

export function readPoint(text: string): Point | null {
  const inner = unwrap(text, 'point_2d');
  const numbers = splitNumbers(PAIR.exec(inner)?.[1] ?? FLAT.exec(inner)?.[1] ?? '');
  const [x, y] = numbers;
  return numbers.length === 2 && x !== undefined && y !== undefined ? [x, y] : null;
}

/** Intersection over union, 0 to 1. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (surface(a) + surface(b) - shared);
}

/** The border belongs to the box. */
export function contains(box: Box, [x, y]: Point): boolean {
  return x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3];
}

function surface(box: Box): number {
  return (box[2] - box[0]) * (box[3] - box[1]);
}

function unwrap(text: string, field: string): string {
  if (text.length > MAX_LENGTH) return '';
  return text
    .replace(/^\s*```(?:json)?\s*|\s*```\s*$/g, '')
    .replace(/^\s*<\|box_start\|>|<\|box_end\|>\s*$/g, '')
    .replace(new RegExp(String.raw`^\s*\{\s*"${field}"\s*:\s*(\[[^\]]*\])\s*\}\s*$`), '$1')
    .trim();
}

function numbersOf(text: string): number[] {
  return splitNumbers(FLAT.exec(text)?.[1] ?? '');
}

function splitNumbers(text: string): number[] {
  return text === '' ? [] : text.split(',').map(Number);
}
