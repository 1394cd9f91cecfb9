/**
 * @file How SmolVLM sees a picture: enlarged or shrunk to one length, cut into square tiles, and once more as a whole. Equal
 * to transformers' `SmolVLMImageProcessorPil` and to the text that `SmolVLMProcessor` puts in a picture's place. Pure.
 */
import { AtelierError } from '../contract/errors/errors.ts';
import type { TileLimits } from '../contract/model/detail.ts';
import { MOST_LENGTH } from '../method/tiles.ts';
import { tooThin } from './image-limits.ts';
import { resizeLanczos, type RgbImage } from './resample.ts';
import type { Size } from './smart-resize.ts';

export interface TilePlan {
  /** After the first resize, by length. */
  readonly resized: Size;
  /** After the second: whole tiles, or one tile. */
  readonly fitted: Size;
  /** Tiles that are cut out beside the picture as a whole; zero = the picture is one tile. */
  readonly rows: number;
  readonly columns: number;
}

/** The tiles of a picture, the whole included. */
export function tileCount({ rows, columns }: Pick<TilePlan, 'rows' | 'columns'>): number {
  return rows * columns + 1;
}

/**
 * @param longestEdge what `edgeWithin` says
 * @throws AtelierError BAD_INPUT if one side is more than 200 times the other
 */
export function planTiles(size: Size, { side, split }: TileLimits, longestEdge: number): TilePlan {
  const { width, height } = size;
  if (!(Number.isInteger(height) && Number.isInteger(width) && height > 0 && width > 0))
    throw new AtelierError('BAD_INPUT', `An image of ${width} × ${height} pixels cannot be used.`);
  const thin = tooThin(width, height);
  if (thin !== null) throw new AtelierError('BAD_INPUT', thin, { remedy: 'Crop the image.' });
  const resized = belowMost(toLength(size, longestEdge));
  if (!split) return { resized, fitted: { width: side, height: side }, rows: 0, columns: 0 };
  const fitted = toWholeTiles(resized, side);
  const [rows, columns] = [fitted.height / side, fitted.width / side];
  return rows * columns === 1 ? { resized, fitted, rows: 0, columns: 0 } : { resized, fitted, rows, columns };
}

/** `_resize_output_size_rescale_to_max_len`: the longer side gets the length, the other an even one. */
function toLength({ width, height }: Size, length: number): Size {
  const ratio = width / height;
  const even = (value: number): number => Math.max(1, value + (value % 2));
  return width >= height
    ? { width: length, height: even(Math.trunc(length / ratio)) }
    : { width: even(Math.trunc(length * ratio)), height: length };
}

/** `_resize_output_size_scale_below_upper_bound`. */
function belowMost({ width, height }: Size): Size {
  const ratio = width / height;
  if (width >= height && width > MOST_LENGTH)
    return { width: MOST_LENGTH, height: Math.max(1, Math.trunc(MOST_LENGTH / ratio)) };
  if (height > width && height > MOST_LENGTH)
    return { width: Math.max(1, Math.trunc(MOST_LENGTH * ratio)), height: MOST_LENGTH };
  return { width, height };
}

/** `resize_for_vision_encoder`. */
function toWholeTiles({ width, height }: Size, side: number): Size {
  const ratio = width / height;
  const whole = (value: number): number => Math.ceil(value / side) * side;
  return width >= height
    ? { width: whole(width), height: whole(Math.trunc(whole(width) / ratio)) }
    : { width: whole(Math.trunc(whole(height) * ratio)), height: whole(height) };
}

/** The picture before it is cut: what the model sees of it. */
export function fitToTiles(image: RgbImage, { resized, fitted }: TilePlan): RgbImage {
  const first = resizeLanczos(image, resized.width, resized.height);
  return resizeLanczos(first, fitted.width, fitted.height);
}

/** The tiles row by row, then the whole picture in one; or that alone. Each has `side` × `side` pixels. */
export function cutTiles(image: RgbImage, plan: TilePlan, side: number): RgbImage[] {
  const fitted = fitToTiles(image, plan);
  if (plan.rows === 0) return [fitted];
  const tiles: RgbImage[] = [];
  for (let row = 0; row < plan.rows; row++)
    for (let column = 0; column < plan.columns; column++) tiles.push(crop(fitted, row * side, column * side, side));
  return [...tiles, resizeLanczos(fitted, side, side)];
}

function crop({ rgb, width }: RgbImage, top: number, left: number, side: number): RgbImage {
  const cut = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    const from = ((top + y) * width + left) * 3;
    cut.set(rgb.subarray(from, from + side * 3), y * side * 3);
  }
  return { width: side, height: side, rgb: cut };
}

/**
 * The text in a picture's place: every tile behind its place, a line for each row, then the whole picture.
 * @param image the token of a picture
 * @param tokens of a tile
 */
export function tileText({ rows, columns }: Pick<TilePlan, 'rows' | 'columns'>, image: string, tokens: number): string {
  const tile = image.repeat(tokens);
  const lines = Array.from({ length: rows }, (_, row) => {
    const places = Array.from({ length: columns }, (_, column) => `${AROUND}<row_${row + 1}_col_${column + 1}>${tile}`);
    return `${places.join('')}\n`;
  });
  const whole = `${AROUND}<global-img>${tile}${AROUND}`;
  return rows === 0 ? whole : `${lines.join('')}\n${whole}`;
}

const AROUND = '<fake_token_around_image>';
