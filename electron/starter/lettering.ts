/** @file Capital letters and digits as pixels: writing that looks the same on every machine, whatever fonts it has. */
import { SIDE, type Canvas, type Colour } from './raster.ts';

const WIDTH = 5;
const HEIGHT = 7;
/** Columns from one letter to the next. */
const ADVANCE = 6;

/** Rows from top to bottom, five bits each; the highest bit is the left column. */
const GLYPHS: Readonly<Record<string, readonly number[]>> = {
  A: [14, 17, 17, 31, 17, 17, 17],
  B: [30, 17, 17, 30, 17, 17, 30],
  C: [14, 17, 16, 16, 16, 17, 14],
  D: [30, 17, 17, 17, 17, 17, 30],
  E: [31, 16, 16, 30, 16, 16, 31],
  F: [31, 16, 16, 30, 16, 16, 16],
  G: [14, 17, 16, 23, 17, 17, 15],
  H: [17, 17, 17, 31, 17, 17, 17],
  I: [14, 4, 4, 4, 4, 4, 14],
  J: [7, 2, 2, 2, 2, 18, 12],
  K: [17, 18, 20, 24, 20, 18, 17],
  L: [16, 16, 16, 16, 16, 16, 31],
  M: [17, 27, 21, 21, 17, 17, 17],
  N: [17, 25, 21, 19, 17, 17, 17],
  O: [14, 17, 17, 17, 17, 17, 14],
  P: [30, 17, 17, 30, 16, 16, 16],
  Q: [14, 17, 17, 17, 21, 18, 13],
  R: [30, 17, 17, 30, 20, 18, 17],
  S: [15, 16, 16, 14, 1, 1, 30],
  T: [31, 4, 4, 4, 4, 4, 4],
  U: [17, 17, 17, 17, 17, 17, 14],
  V: [17, 17, 17, 17, 17, 10, 4],
  W: [17, 17, 17, 21, 21, 27, 17],
  X: [17, 17, 10, 4, 10, 17, 17],
  Y: [17, 17, 10, 4, 4, 4, 4],
  Z: [31, 1, 2, 4, 8, 16, 31],
  '0': [14, 17, 19, 21, 25, 17, 14],
  '1': [4, 12, 4, 4, 4, 4, 14],
  '2': [14, 17, 1, 6, 8, 16, 31],
  '3': [14, 17, 1, 6, 1, 17, 14],
  '4': [2, 6, 10, 18, 31, 2, 2],
  '5': [31, 16, 30, 1, 1, 17, 14],
  '6': [6, 8, 16, 30, 17, 17, 14],
  '7': [31, 1, 2, 4, 8, 8, 8],
  '8': [14, 17, 17, 14, 17, 17, 14],
  '9': [14, 17, 17, 15, 1, 2, 12],
  ' ': [0, 0, 0, 0, 0, 0, 0],
};

/**
 * Writes a line, `top` pixels from above, each dot `scale` pixels wide.
 * @param along where it stands: 0 = at the left edge, 1 = at the right edge
 * @throws RangeError for other marks
 */
export function drawLettering(
  canvas: Canvas,
  text: string,
  { top, along, scale, colour }: { top: number; along: number; scale: number; colour: Colour },
): void {
  const left = Math.round((SIDE - (text.length * ADVANCE - 1) * scale) * along);
  for (const [place, letter] of Array.from(text).entries()) {
    const rows = GLYPHS[letter];
    if (rows === undefined) throw new RangeError(`There is no letter "${letter}".`);
    for (let y = 0; y < HEIGHT * scale; y++) {
      for (let x = 0; x < WIDTH * scale; x++) {
        const bit = ((rows[Math.floor(y / scale)] ?? 0) >> (WIDTH - 1 - Math.floor(x / scale))) & 1;
        const [column, row] = [left + place * ADVANCE * scale + x, top + y];
        if (bit === 0 || column < 0 || column >= SIDE || row < 0 || row >= SIDE) continue;
        canvas.set(colour, (row * SIDE + column) * 3);
      }
    }
  }
}
