/** @file A small RGB canvas with anti-aliased shapes, in plain TypeScript: fast and the same everywhere. */

/** Width and height of every starter picture, pixels. */
export const SIDE = 112;

export type Colour = readonly [red: number, green: number, blue: number];

/** RGB pixels, row by row, 0–255, `SIDE * SIDE * 3` bytes. */
export type Canvas = Uint8ClampedArray;

/** A straight-alpha RGBA picture with a square side. */
export interface Icon {
  side: number;
  rgba: Uint8Array;
}

/** How an icon is put on the canvas; centre and side in pixels, angle in radians. */
export interface Placement {
  x: number;
  y: number;
  side: number;
  angle: number;
  /** Nothing is painted outside this box: [left, top, right, bottom), pixels. */
  clip: readonly [number, number, number, number];
  tint: Tint;
}

/** A 3×3 colour matrix (row by row) and an offset, applied to 0–255 values. */
export interface Tint {
  matrix: readonly number[];
  offset: number;
}

export function createCanvas(): Canvas {
  return new Uint8ClampedArray(SIDE * SIDE * 3);
}

/** Paints over one pixel with the given cover (0–1); pixels outside are ignored. */
function blend(canvas: Canvas, x: number, y: number, colour: Colour, cover: number): void {
  if (cover <= 0 || x < 0 || y < 0 || x >= SIDE || y >= SIDE) return;
  const at = (y * SIDE + x) * 3;
  const a = cover > 1 ? 1 : cover;
  for (let c = 0; c < 3; c++) {
    const old = canvas[at + c] as number;
    canvas[at + c] = old + ((colour[c] as number) - old) * a;
  }
}

/** Calls `cover(x, y)` at the centre of every pixel of a box and paints the result. */
function paint(
  canvas: Canvas,
  box: readonly [number, number, number, number],
  colour: Colour,
  opacity: number,
  cover: (x: number, y: number) => number,
): void {
  const x0 = Math.max(0, Math.floor(box[0]));
  const y0 = Math.max(0, Math.floor(box[1]));
  const x1 = Math.min(SIDE - 1, Math.ceil(box[2]));
  const y1 = Math.min(SIDE - 1, Math.ceil(box[3]));
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) blend(canvas, x, y, colour, opacity * Math.min(1, cover(x + 0.5, y + 0.5)));
  }
}

/** A line with round ends, from (x0, y0) to (x1, y1), pixels. */
export function drawLine(
  canvas: Canvas,
  [x0, y0, x1, y1]: readonly [number, number, number, number],
  width: number,
  colour: Colour,
  opacity = 1,
): void {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const square = dx * dx + dy * dy || 1e-9;
  const half = width / 2;
  const pad = half + 1;
  const box = [Math.min(x0, x1) - pad, Math.min(y0, y1) - pad, Math.max(x0, x1) + pad, Math.max(y0, y1) + pad] as const;
  paint(canvas, box, colour, opacity, (x, y) => {
    const t = Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / square));
    return half + 0.5 - Math.hypot(x - x0 - t * dx, y - y0 - t * dy);
  });
}

/** Part of a circle's edge, from angle `from` to `to` (radians, anticlockwise from the right, y upwards). */
export function drawArc(
  canvas: Canvas,
  centre: readonly [number, number],
  radius: number,
  [from, to]: readonly [number, number],
  width: number,
  colour: Colour,
): void {
  const steps = Math.max(2, Math.ceil(((to - from) * radius) / 3));
  for (let i = 0; i < steps; i++) {
    const a = from + ((to - from) * i) / steps;
    const b = from + ((to - from) * (i + 1)) / steps;
    const line = [
      centre[0] + radius * Math.cos(a),
      centre[1] - radius * Math.sin(a),
      centre[0] + radius * Math.cos(b),
      centre[1] - radius * Math.sin(b),
    ] as const;
    drawLine(canvas, line, width, colour);
  }
}

/** Fills a convex polygon whose corners go round clockwise as seen on the screen. */
export function fillConvex(
  canvas: Canvas,
  corners: readonly (readonly [number, number])[],
  colour: Colour,
  opacity = 1,
): void {
  const xs = corners.map((p) => p[0]);
  const ys = corners.map((p) => p[1]);
  const edges = corners.map((p, i) => {
    const q = corners[(i + 1) % corners.length] as readonly [number, number];
    const length = Math.hypot(q[0] - p[0], q[1] - p[1]) || 1;
    return { x: p[0], y: p[1], nx: -(q[1] - p[1]) / length, ny: (q[0] - p[0]) / length };
  });
  const box = [Math.min(...xs) - 1, Math.min(...ys) - 1, Math.max(...xs) + 1, Math.max(...ys) + 1] as const;
  paint(canvas, box, colour, opacity, (x, y) => {
    let inside = 1;
    for (const e of edges) inside = Math.min(inside, (x - e.x) * e.nx + (y - e.y) * e.ny + 0.5);
    return inside;
  });
}

/** Puts an icon on the canvas, turned, scaled and tinted; bilinear samples of the larger master. */
export function drawIcon(canvas: Canvas, icon: Icon, place: Placement): void {
  const { side: n, rgba } = icon;
  const reach = (place.side / 2) * (Math.abs(Math.cos(place.angle)) + Math.abs(Math.sin(place.angle))) + 1;
  const x0 = Math.max(place.clip[0], Math.floor(place.x - reach));
  const y0 = Math.max(place.clip[1], Math.floor(place.y - reach));
  const x1 = Math.min(place.clip[2], Math.ceil(place.x + reach));
  const y1 = Math.min(place.clip[3], Math.ceil(place.y + reach));
  const scale = n / place.side;
  const cos = Math.cos(place.angle) * scale;
  const sin = Math.sin(place.angle) * scale;
  const m = place.tint.matrix;
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const dx = x + 0.5 - place.x;
      const dy = y + 0.5 - place.y;
      const u = dx * cos + dy * sin + n / 2 - 0.5;
      const v = -dx * sin + dy * cos + n / 2 - 0.5;
      const iu = Math.floor(u);
      const iv = Math.floor(v);
      if (iu < -1 || iv < -1 || iu >= n || iv >= n) continue;
      let r = 0;
      let g = 0;
      let b = 0;
      let a = 0;
      for (let k = 0; k < 4; k++) {
        const su = iu + (k & 1);
        const sv = iv + (k >> 1);
        if (su < 0 || sv < 0 || su >= n || sv >= n) continue;
        const weight = (k & 1 ? u - iu : 1 - u + iu) * (k >> 1 ? v - iv : 1 - v + iv);
        const at = (sv * n + su) * 4;
        const alpha = weight * (rgba[at + 3] as number);
        r += alpha * (rgba[at] as number);
        g += alpha * (rgba[at + 1] as number);
        b += alpha * (rgba[at + 2] as number);
        a += alpha;
      }
      if (a < 1) continue;
      r /= a;
      g /= a;
      b /= a;
      const o = place.tint.offset;
      const colour: Colour = [
        clamp(r * (m[0] ?? 1) + g * (m[1] ?? 0) + b * (m[2] ?? 0) + o),
        clamp(r * (m[3] ?? 0) + g * (m[4] ?? 1) + b * (m[5] ?? 0) + o),
        clamp(r * (m[6] ?? 0) + g * (m[7] ?? 0) + b * (m[8] ?? 1) + o),
      ];
      blend(canvas, x, y, colour, a / 255);
    }
  }
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
