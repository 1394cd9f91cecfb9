/**
 * @file Where the patches of an image lie: in the rows of the vision tower (Qwen2.5-VL arranges them by windows), and in the
 * grid of learned positions (Qwen3-VL).
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

/** Places of the grid that a patch's learned position is made of. */
export const TAPS = 4;

/**
 * Bilinear interpolation with aligned corners (transformers' `get_vision_interpolation_indices_and_weights`, in its float32),
 * for patches in the order of merge blocks.
 * @param side of the square grid of learned positions
 * @returns [patches, 2 · TAPS]: places, then their weights
 */
export function positionTaps([, gridH, gridW]: Grid, mergeSize: number, side: number): Float32Array {
  const taps = new Float32Array(gridH * gridW * 2 * TAPS);
  const rows = axisTaps(gridH, side);
  const columns = axisTaps(gridW, side);
  let at = 0;
  for (let blockY = 0; blockY < gridH; blockY += mergeSize) {
    for (let blockX = 0; blockX < gridW; blockX += mergeSize) {
      for (let inBlock = 0; inBlock < mergeSize ** 2; inBlock++, at += 2 * TAPS) {
        const row = rows[blockY + Math.floor(inBlock / mergeSize)]!;
        const column = columns[blockX + (inBlock % mergeSize)]!;
        for (let tap = 0; tap < TAPS; tap++) {
          const [y, x] = [tap >> 1, tap & 1];
          taps[at + tap] = row.places[y]! * side + column.places[x]!;
          taps[at + TAPS + tap] = row.weights[y]! * column.weights[x]!;
        }
      }
    }
  }
  return taps;
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
