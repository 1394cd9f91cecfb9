/**
 * @file Answers that are places in a picture: boxes as two corners (left, top, right, bottom), or points. Written as
 * `[1, 2, 3, 4]`, `(1,2),(3,4)`, with Qwen2-VL's box tokens, or as JSON in the form of Qwen2.5-VL:
 * `{"bbox_2d": [1, 2, 3, 4], "label": "pole"}`, `{"point_2d": [5, 6]}`, or a list of these.
 */
import { fold } from './folding.ts';
import { unwrapMarkup } from './markup.ts';

export type Box = readonly [left: number, top: number, right: number, bottom: number];
export type Point = readonly [x: number, y: number];
/** A place with what is said to be there, in lower case; null where nothing is said. */
export type Labelled<Place> = { place: Place; label: string | null };

const MAX_LENGTH = 8000;
const MAX_PLACES = 100;
const LARGEST = 1e7;
const NUMBER = String.raw`-?\d{1,7}(?:\.\d{1,9})?`;
const FLAT = new RegExp(String.raw`^\[?\s*(${NUMBER}(?:\s*,\s*${NUMBER}){0,3})\s*\]?$`);
const CORNERS = new RegExp(
  String.raw`^\(\s*(${NUMBER}\s*,\s*${NUMBER})\s*\)\s*,?\s*\(\s*(${NUMBER}\s*,\s*${NUMBER})\s*\)$`,
);
const PAIR = new RegExp(String.raw`^\(\s*(${NUMBER}\s*,\s*${NUMBER})\s*\)$`);
const OBJECT_REFERENCE = /^<\|object_ref_start\|>([^<]*)<\|object_ref_end\|>\s*/;

/** All boxes of the text, each with a surface; null for anything else. One box in plain numbers, any number in JSON. */
export function readBoxes(text: string): Labelled<Box>[] | null {
  return readPlaces(text, 'bbox_2d', plainBox, asBox);
}

/** All points of the text; null for anything else. */
export function readPoints(text: string): Labelled<Point>[] | null {
  return readPlaces(text, 'point_2d', plainPoint, asPoint);
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

/** Labels count only where both places have one. */
export function labelsAgree(a: Labelled<unknown>, b: Labelled<unknown>): boolean {
  return a.label === null || b.label === null || a.label === b.label;
}

/** Whether the places of two lists can be paired off one to one so that every pair fits. */
export function pairsOff<A, B>(as: readonly A[], bs: readonly B[], fits: (a: A, b: B) => boolean): boolean {
  return as.length === bs.length && mostPairs(as, bs, fits) === as.length;
}

/** The most pairs, one to one, in which both fit (Kuhn's algorithm for matching in bipartite graphs). */
export function mostPairs<A, B>(as: readonly A[], bs: readonly B[], fits: (a: A, b: B) => boolean): number {
  const partners = new Map<B, A>();
  const place = (a: A, tried: Set<B>): boolean =>
    bs.some((b) => {
      if (tried.has(b) || !fits(a, b)) return false;
      tried.add(b);
      const before = partners.get(b);
      if (before !== undefined && !place(before, tried)) return false;
      partners.set(b, a);
      return true;
    });
  return as.filter((a) => place(a, new Set())).length;
}

/** F1 of boxes: twice the pairs that overlap by `threshold` or more, as many as there can be, divided by all boxes. */
export function boxF1(as: readonly Labelled<Box>[], bs: readonly Labelled<Box>[], threshold: number): number {
  const pairs = mostPairs(as, bs, (a, b) => labelsAgree(a, b) && overlap(a.place, b.place) >= threshold);
  return (2 * pairs) / (as.length + bs.length);
}

/** Boxes with a point of their own, divided by the points or the boxes, whichever are more. */
export function pointHits(points: readonly Labelled<Point>[], boxes: readonly Labelled<Box>[]): number {
  const pairs = mostPairs(points, boxes, (point, box) => labelsAgree(point, box) && contains(box.place, point.place));
  return pairs / Math.max(points.length, boxes.length);
}

/**
 * Mean overlap of two lists of boxes: the pairs that overlap most are taken first, as detections are matched in COCO's
 * evaluation, and a box without a partner counts as 0. One box each: their overlap.
 */
export function meanOverlap(as: readonly Labelled<Box>[], bs: readonly Labelled<Box>[]): number {
  const pairs = as
    .flatMap((a) => bs.map((b) => ({ a, b, iou: labelsAgree(a, b) ? overlap(a.place, b.place) : 0 })))
    .sort((first, second) => second.iou - first.iou);
  const taken = new Set<Labelled<Box>>();
  let sum = 0;
  for (const { a, b, iou } of pairs) {
    if (taken.has(a) || taken.has(b)) continue;
    taken.add(a).add(b);
    sum += iou;
  }
  return sum / Math.max(as.length, bs.length);
}

function surface(box: Box): number {
  return (box[2] - box[0]) * (box[3] - box[1]);
}

function readPlaces<Place>(
  text: string,
  field: 'bbox_2d' | 'point_2d',
  plain: (text: string) => number[],
  check: (numbers: readonly number[]) => Place | null,
): Labelled<Place>[] | null {
  if (text.length > MAX_LENGTH) return null;
  const inner = unwrapMarkup(fold(text));
  if (/^[[{]\s*["{[]/.test(inner)) return placesOfJson(inner, field, check);
  const named = OBJECT_REFERENCE.exec(inner);
  const place = check(plain(withoutTokens(named === null ? inner : inner.slice(named[0].length))));
  return place === null ? null : [{ place, label: named === null ? null : labelOf(named[1]) }];
}

function placesOfJson<Place>(
  text: string,
  field: 'bbox_2d' | 'point_2d',
  check: (numbers: readonly number[]) => Place | null,
): Labelled<Place>[] | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  const items: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  if (items.length === 0 || items.length > MAX_PLACES) return null;
  // A key that is named twice in one object would hide a guess.
  if (text.split(`"${field}"`).length - 1 !== items.filter((item) => !Array.isArray(item)).length) return null;
  const places: Labelled<Place>[] = [];
  for (const item of items) {
    const { [field]: value, label } = (Array.isArray(item) ? { [field]: item } : (item ?? {})) as Record<
      string,
      unknown
    >;
    const place = Array.isArray(value) && value.every(isCoordinate) ? check(value) : null;
    if (place === null) return null;
    places.push({ place, label: labelOf(label) });
  }
  return places;
}

function isCoordinate(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) < LARGEST;
}

function labelOf(label: unknown): string | null {
  if (typeof label !== 'string') return null;
  const name = fold(label).trim().replace(/\s+/g, ' ').toLowerCase();
  return name === '' ? null : name;
}

function asBox(numbers: readonly number[]): Box | null {
  const [left, top, right, bottom] = numbers;
  if (numbers.length !== 4 || left === undefined || top === undefined) return null;
  if (right === undefined || bottom === undefined || right <= left || bottom <= top) return null;
  return [left, top, right, bottom];
}

function asPoint(numbers: readonly number[]): Point | null {
  const [x, y] = numbers;
  return numbers.length === 2 && x !== undefined && y !== undefined ? [x, y] : null;
}

function plainBox(text: string): number[] {
  const corners = CORNERS.exec(text);
  return splitNumbers(corners === null ? (FLAT.exec(text)?.[1] ?? '') : `${corners[1] ?? ''},${corners[2] ?? ''}`);
}

function plainPoint(text: string): number[] {
  return splitNumbers(PAIR.exec(text)?.[1] ?? FLAT.exec(text)?.[1] ?? '');
}

function withoutTokens(text: string): string {
  return text.replace(/^\s*<\|box_start\|>|<\|box_end\|>\s*$/g, '').trim();
}

function splitNumbers(text: string): number[] {
  return text === '' ? [] : text.split(',').map(Number);
}
