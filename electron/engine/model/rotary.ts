/**
 * @file Rotary tables, computed on the host in double precision and rounded once. Text uses M-RoPE (Qwen2-VL):
 * each frequency band takes its angle from the temporal, height or width position.
 */

export interface RotaryTable {
  cos: Float32Array;
  sin: Float32Array;
}

/**
 * M-RoPE tables.
 * @param positions [3, n] (t, h, w), flattened
 * @param headDim even; `section` sums to headDim / 2 (for 2B: [16, 24, 24])
 * @returns cos and sin [n, headDim]
 */
export function textRotary(
  positions: Int32Array,
  headDim: number,
  section: readonly number[],
  theta: number,
): RotaryTable {
  const n = positions.length / 3;
  const half = headDim / 2;
  const cos = new Float32Array(n * headDim);
  const sin = new Float32Array(n * headDim);
  const axisOfBand = section.flatMap((size, axis) => Array.from({ length: size }, () => axis));
  if (axisOfBand.length !== half) throw new Error(`mrope_section [${section.join(', ')}] must sum to ${String(half)}.`);
  for (let band = 0; band < half; band++) {
    const frequency = Math.fround(1 / Math.pow(theta, (2 * band) / headDim));
    const axis = axisOfBand[band] ?? 0;
    for (let i = 0; i < n; i++) {
      const angle = Math.fround((positions[axis * n + i] ?? 0) * frequency);
      put(cos, sin, i * headDim + band, half, angle);
    }
  }
  return { cos, sin };
}

/**
 * 2-D rotary tables of the vision tower: the first half of the bands turns with the row, the second with the column,
 * in merge-block order (the order of the patches).
 * @param grid [1, rows, columns] in patches
 * @returns cos and sin [rows · columns, headDim]
 */
export function visionRotary(grid: readonly [number, number, number], headDim: number, mergeSize: number): RotaryTable {
  const [, rows, columns] = grid;
  const half = headDim / 2;
  const quarter = half / 2;
  const n = rows * columns;
  const cos = new Float32Array(n * headDim);
  const sin = new Float32Array(n * headDim);
  let i = 0;
  for (let blockRow = 0; blockRow < rows; blockRow += mergeSize) {
    for (let blockColumn = 0; blockColumn < columns; blockColumn += mergeSize) {
      for (let y = 0; y < mergeSize; y++) {
        for (let x = 0; x < mergeSize; x++, i++) {
          for (let band = 0; band < quarter; band++) {
            const frequency = Math.fround(1 / Math.pow(10000, (2 * band) / half));
            put(cos, sin, i * headDim + band, half, Math.fround((blockRow + y) * frequency));
            put(cos, sin, i * headDim + quarter + band, half, Math.fround((blockColumn + x) * frequency));
          }
        }
      }
    }
  }
  return { cos, sin };
}

/** Each band is repeated in the second half: rotate-half form. */
function put(cos: Float32Array, sin: Float32Array, at: number, half: number, angle: number): void {
  cos[at] = cos[at + half] = Math.cos(angle);
  sin[at] = sin[at + half] = Math.sin(angle);
}
