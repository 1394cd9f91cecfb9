/**
 * @file Rotary tables, computed on the host in double precision and rounded once. Text uses M-RoPE:
 * each frequency band takes its angle from the temporal, height or width position.
 */
import type { ModelConfig } from '../../formats/model-config.ts';
import { unalignedFloats } from '../../formats/unaligned.ts';

export interface RotaryTable {
  cos: Float32Array;
  sin: Float32Array;
}

/**
 * cos and sin [position, band] from position 0 on, by head dimension and theta. The same positions occur in every step, and
 * computing their cosines would be most of the host's work for a batch.
 */
const known = new Map<string, RotaryTable>();

/** @returns at least this many positions */
function anglesOf(headDim: number, theta: number, positions: number): RotaryTable {
  const key = `${String(headDim)} ${String(theta)}`;
  const half = headDim / 2;
  const before = known.get(key);
  const there = (before?.cos.length ?? 0) / half;
  if (before !== undefined && there >= positions) return before;
  const count = Math.max(positions, 2 * there);
  const angles = { cos: new Float32Array(count * half), sin: new Float32Array(count * half) };
  for (let band = 0; band < half; band++) {
    const frequency = Math.fround(1 / Math.pow(theta, (2 * band) / headDim));
    for (let position = 0; position < count; position++) {
      const angle = Math.fround(position * frequency);
      angles.cos[position * half + band] = Math.cos(angle);
      angles.sin[position * half + band] = Math.sin(angle);
    }
  }
  known.set(key, angles);
  return angles;
}

/** The channels of a head that positions rotate, which is how wide rotary tables are. */
export function rotaryWidth({ rotaryDim, headDim }: Pick<ModelConfig, 'rotaryDim' | 'headDim'>): number {
  return rotaryDim ?? headDim;
}

/** What text positions depend on (a ModelConfig fits). */
export type TextRotaryConfig = Pick<
  ModelConfig,
  'headDim' | 'rotaryDim' | 'mropeSection' | 'mropeInterleaved' | 'ropeTheta'
>;

/**
 * M-RoPE tables.
 * @param positions [3, n] (t, h, w), flattened; none is negative
 * @param config the sections sum to half of the rotated channels (for Qwen2-VL-2B: [16, 24, 24]); null = plain rotary positions, those of t
 * @returns cos and sin [n, width]; each band is repeated in the second half (rotate-half form)
 */
export function textRotary(positions: Int32Array, config: TextRotaryConfig): RotaryTable {
  const { ropeTheta } = config;
  const width = rotaryWidth(config);
  const n = positions.length / 3;
  const half = width / 2;
  const largest = positions.reduce((most, position) => Math.max(most, position), 0);
  const angles = anglesOf(width, ropeTheta, largest + 1);
  const cos = unalignedFloats(n * width);
  const sin = unalignedFloats(n * width);
  bandsOfAxes(config).forEach((bands, axis) => {
    for (let i = 0; i < n; i++) {
      const from = positions[axis * n + i]! * half;
      const to = i * width;
      for (const band of bands) {
        cos[to + band] = cos[to + half + band] = angles.cos[from + band]!;
        sin[to + band] = sin[to + half + band] = angles.sin[from + band]!;
      }
    }
  });
  return { cos, sin };
}

/** The frequency bands that follow the t, h and w axes: one section after another, or (Qwen3-VL) t, h, w in turn. Without sections, all follow t. */
function bandsOfAxes(config: TextRotaryConfig): number[][] {
  const { mropeSection, mropeInterleaved } = config;
  const half = rotaryWidth(config) / 2;
  const bands = Array.from({ length: half }, (_, band) => band);
  if (mropeSection === null) return [bands];
  const sum = mropeSection.reduce((total, size) => total + size, 0);
  if (sum !== half) throw new Error(`mrope_section [${mropeSection.join(', ')}] must sum to ${String(half)}.`);
  const [t, h] = mropeSection;
  const axisOf = (band: number): number => {
    if (!mropeInterleaved) return band < t ? 0 : band < t + h ? 1 : 2;
    const axis = band % 3;
    return axis > 0 && band < 3 * mropeSection[axis]! ? axis : 0;
  };
  return [0, 1, 2].map((axis) => bands.filter((band) => axisOf(band) === axis));
}

/**
 * 2-D rotary tables of the vision tower: the first half of the bands rotates with the row, the second with the column,
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
