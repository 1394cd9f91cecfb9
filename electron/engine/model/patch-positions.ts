/**
 * @file Where the patches of an image lie: in the rows of the vision tower (Qwen2.5-VL arranges them by windows), and in the
 * grid of learned positions (Qwen3-VL, SmolVLM).
 */
import type { VisionConfig } from '../../formats/model-config.ts';
import type { Grid, PatchLayout } from './image-processor.ts';

/**
 * Windows as transformers' `get_vision_window_index` forms them. Windows at the right and bottom edges are not whole; here
 * they have gaps, so that all windows are alike and attention within them is one product.
 * @returns undefined if patches lie in their own order without gaps
 */
export function patchLayout(
  [, gridH, gridW]: Grid,
  { windows, spatialMergeSize }: VisionConfig,
): PatchLayout | undefined {
  if (windows === undefined) return undefined;
  const { side } = windows;
  const merged = spatialMergeSize ** 2;
  const [height, width] = [gridH / spatialMergeSize, gridW / spatialMergeSize];
  const across = Math.ceil(width / side);
  const places = new Int32Array(gridH * gridW);
  let patch = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const window = Math.floor(y / side) * across + Math.floor(x / side);
      const token = window * side ** 2 + (y % side) * side + (x % side);
      for (let part = 0; part < merged; part++) places[patch++] = token * merged + part;
    }
  }
  return { rows: Math.ceil(height / side) * across * side ** 2 * merged, places };
}

/**
 * Which places of the grid of learned positions make the position of each patch, for patches in the order of merge blocks.
 * With one tap, the picture fills the grid, and each patch has its own place. With four, the grid is interpolated bilinearly
 * with aligned corners (transformers' `get_vision_interpolation_indices_and_weights`, in its float32).
 * @returns [patches, 2 · taps]: places, then their weights
 */
export function positionTaps(
  [, gridH, gridW]: Grid,
  mergeSize: number,
  { side, taps }: NonNullable<VisionConfig['learned']>,
): Float32Array {
  if (taps === 1 && (gridH !== side || gridW !== side))
    throw new Error(
      `A picture of ${String(gridH)} × ${String(gridW)} patches does not fill a grid of ${String(side)}.`,
    );
  const found = new Float32Array(gridH * gridW * 2 * taps);
  const rows = axisTaps(gridH, side);
  const columns = axisTaps(gridW, side);
  let at = 0;
  for (let blockY = 0; blockY < gridH; blockY += mergeSize) {
    for (let blockX = 0; blockX < gridW; blockX += mergeSize) {
      for (let inBlock = 0; inBlock < mergeSize ** 2; inBlock++, at += 2 * taps) {
        const y = blockY + Math.floor(inBlock / mergeSize);
        const x = blockX + (inBlock % mergeSize);
        if (taps === 1) {
          found.set([y * side + x, 1], at);
          continue;
        }
        const row = rows[y]!;
        const column = columns[x]!;
        for (let tap = 0; tap < taps; tap++) {
          const [down, right] = [tap >> 1, tap & 1];
          found[at + tap] = row.places[down]! * side + column.places[right]!;
          found[at + taps + tap] = row.weights[down]! * column.weights[right]!;
        }
      }
    }
  }
  return found;
}

/** The two places along one axis, and their weights, of each of `size` patches. */
function axisTaps(size: number, side: number): { places: [number, number]; weights: [number, number] }[] {
  return Array.from({ length: size }, (_, index) => {
    const source = Math.fround(Math.fround(index * (side - 1)) / Math.max(1, size - 1));
    const floor = Math.floor(source);
    const rest = Math.fround(source - floor);
    return { places: [floor, Math.min(floor + 1, side - 1)], weights: [Math.fround(1 - rest), rest] };
  });
}
