/** @file Where a model looked, as page and terminal show it: the mean over an answer, and a veil over each picture. */
import type { Attention, TokenAttention } from '../contract/model/attention.ts';

/** The mean over the tokens that are part of the text: the end token says nothing about it. */
export function wholeAnswer(
  tokens: readonly TokenAttention[],
  attention: Pick<Attention, 'tokens'> | undefined,
): TokenAttention | undefined {
  const written = tokens.filter((_, index) => attention?.tokens[index]?.special !== true);
  const all = written.length > 0 ? written : tokens;
  const [first] = all;
  if (first === undefined) return undefined;
  const mean = (of: (token: TokenAttention) => number): number =>
    all.reduce((sum, token) => sum + of(token), 0) / all.length;
  return {
    pictures: first.pictures.map((cells, picture) =>
      cells.map((_, cell) => mean((t) => t.pictures[picture]?.[cell] ?? 0)),
    ),
    picture: mean(({ picture }) => picture),
    prompt: mean(({ prompt }) => prompt),
    answer: mean(({ answer }) => answer),
  };
}

/** How bright each cell is, from 0 to 1: 1 where the model looked most, over all pictures. */
export function brightness(pictures: readonly (readonly number[])[]): number[][] {
  const most = Math.max(0, ...pictures.map((cells) => Math.max(0, ...cells)));
  // The square root keeps places visible that got a quarter of the most.
  return pictures.map((cells) => cells.map((value) => (most === 0 ? 0 : Math.sqrt(Math.max(0, value) / most))));
}

/** The cell with the most attention, from 1. */
export function brightest(cells: readonly number[], columns: number): { row: number; column: number } {
  let best = 0;
  cells.forEach((value, cell) => {
    if (value > (cells[best] ?? 0)) best = cell;
  });
  return { row: Math.floor(best / columns) + 1, column: (best % columns) + 1 };
}

/** One RGBA pixel for each cell, to be stretched over the picture: dark where the model did not look. */
export function veilOf(bright: readonly number[]): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * bright.length);
  bright.forEach((value, cell) => pixels.set([12, 12, 20, Math.round(215 * (1 - value))], 4 * cell));
  return pixels;
}
