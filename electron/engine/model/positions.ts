/** @file Position ids: of Qwen's families with three axes (M-RoPE: `get_rope_index` for text and still images), else with one. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Grid } from './image-processor.ts';

/** The part of a model's configuration that positions depend on (a ModelConfig fits). */
export interface PositionConfig {
  readonly imageTokenId: number;
  /** Null = positions have one axis, and pictures count like text. */
  readonly mropeSection?: readonly number[] | null;
  readonly vision: { readonly spatialMergeSize: number };
}

export interface RopeIndex {
  /** [3 * T]: T ids of the t axis, then of h, then of w. */
  readonly positions: Int32Array;
  /** The next token's position on all axes is (number of tokens so far, without padding) + delta. */
  readonly delta: number;
}

/**
 * Positions of one prompt without padding. Text counts up on all axes at once. An image has a single t and spreads over
 * h and w, and the text after it continues from the largest id used, plus one.
 * @param inputIds image_pad already repeated for every image token
 * @param grids one per image in the order of the prompt, in patches (before merging)
 * @throws AtelierError BAD_INPUT if image tokens and grids do not match
 */
export function ropeIndex(inputIds: ArrayLike<number>, grids: readonly Grid[], config: PositionConfig): RopeIndex {
  const merge = config.vision.spatialMergeSize;
  const length = inputIds.length;
  const positions = new Int32Array(3 * length);
  if (config.mropeSection === null) return { positions: positions.map((_, i) => i % length), delta: 0 };
  let next = 0;
  let image = 0;
  for (let i = 0; i < length;) {
    if (inputIds[i] !== config.imageTokenId) {
      positions[i] = positions[length + i] = positions[2 * length + i] = next;
      next++;
      i++;
      continue;
    }
    const grid = grids[image];
    if (grid === undefined) throw mismatch(`image tokens at position ${i} belong to no image (${grids.length} given)`);
    const [frames, gridH, gridW] = grid;
    const rows = gridH / merge;
    const columns = gridW / merge;
    if (frames !== 1 || !Number.isInteger(rows) || !Number.isInteger(columns)) {
      throw mismatch(`image ${image + 1} has the impossible grid [${grid.join(', ')}]`);
    }
    for (let k = 0; k < rows * columns; k++, i++) {
      if (i >= length || inputIds[i] !== config.imageTokenId) {
        throw mismatch(`image ${image + 1} needs ${rows * columns} image tokens and has ${k}`);
      }
      positions[i] = next;
      positions[length + i] = next + Math.floor(k / columns);
      positions[2 * length + i] = next + (k % columns);
    }
    next += Math.max(rows, columns);
    image++;
  }
  if (image !== grids.length)
    throw mismatch(`the prompt has places for ${image} images, but ${grids.length} were given`);
  return { positions, delta: next - length };
}

/**
 * Positions of prompts, padded on the left to one length.
 * @param rows the position of each prompt without padding
 * @param length common padded length T, at least that of the longest
 * @returns positions [3, rows, T] row-major, 0 on padding; deltas [rows] (they count no padding)
 */
export function leftPaddedPositions(
  rows: readonly RopeIndex[],
  length: number,
): { positions: Int32Array; deltas: Int32Array } {
  const positions = new Int32Array(3 * rows.length * length);
  rows.forEach((row, index) => {
    const own = row.positions.length / 3;
    if (own > length) throw mismatch(`a prompt of ${own} tokens does not fit into ${length}`);
    for (let axis = 0; axis < 3; axis++) {
      const target = (axis * rows.length + index) * length + (length - own);
      positions.set(row.positions.subarray(axis * own, (axis + 1) * own), target);
    }
  });
  return { positions, deltas: Int32Array.from(rows, (row) => row.delta) };
}

function mismatch(why: string): AtelierError {
  return new AtelierError('BAD_INPUT', `The images do not match the prompt: ${why}.`);
}
