/** @file Prepares data for drawing: thinning, gaps, axis ranges, moving average. */

/**
 * Indexes of the points worth drawing: all of them, or the lowest and highest of `values` per bucket
 * (first and last are kept), so that spikes survive thinning. Ascending, roughly `most` at most.
 */
export function drawnIndexes(values: Float64Array, most: number): Int32Array {
  const { length } = values;
  if (length <= most) return Int32Array.from({ length }, (_, index) => index);
  const buckets = Math.max(1, Math.floor((most - 2) / 2));
  const picked: number[] = [0];
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const from = 1 + Math.floor((bucket * (length - 2)) / buckets);
    const to = 1 + Math.floor(((bucket + 1) * (length - 2)) / buckets);
    let low = from;
    let high = from;
    for (let index = from; index < to; index += 1) {
      const value = values[index] ?? Number.NaN;
      if (value < (values[low] ?? Number.NaN)) low = index;
      if (value > (values[high] ?? Number.NaN)) high = index;
    }
    picked.push(Math.min(low, high));
    if (low !== high) picked.push(Math.max(low, high));
  }
  picked.push(length - 1);
  return Int32Array.from(picked);
}

/** The given indexes plus those at which one of the sparse columns has a value. */
export function withSparse(indexes: Int32Array, sparse: readonly Float64Array[]): Int32Array {
  if (sparse.length === 0) return indexes;
  const all = new Set(indexes);
  for (const column of sparse) column.forEach((value, index) => !Number.isNaN(value) && all.add(index));
  return Int32Array.from(all).sort();
}

/** The index of the value nearest to `wanted` in an ascending column; -1 if the column is empty. */
export function nearestIndex(ascending: Float64Array, wanted: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  const before = ascending[low - 1];
  return before !== undefined && wanted - before <= Math.abs((ascending[low] ?? 0) - wanted) ? low - 1 : high;
}

/** The range from the 1st to the 99th percentile of all values; undefined if there is nothing to cut. */
export function percentileRange(columns: readonly (number | null)[][]): [number, number] | undefined {
  const values = columns.flat().filter((value) => value !== null);
  if (values.length < 20) return undefined;
  values.sort((a, b) => a - b);
  const at = (share: number): number => values[Math.round(share * (values.length - 1))] ?? 0;
  const [low, high] = [at(0.01), at(0.99)];
  return low < high ? [low, high] : undefined;
}

/** The chosen points in uPlot's format: NaN becomes a gap, as do non-positive values if `onlyPositive`. */
export function pick(values: Float64Array, indexes: Int32Array, onlyPositive = false): (number | null)[] {
  return Array.from(indexes, (index) => {
    const value = values[index];
    return value === undefined || Number.isNaN(value) || (onlyPositive && value <= 0) ? null : value;
  });
}

/**
 * Right end of the step axis: it doubles up to the planned length, so that a live curve
 * moves into free space instead of being squeezed at every step.
 */
export function axisEnd(lastStep: number, plannedSteps: number): number {
  let end = 50;
  while (end < lastStep * 1.05) end *= 2;
  return Math.max(2, Math.min(end, Math.max(plannedSteps, lastStep)));
}

/** Exponential moving average that starts at the first value (no bias towards zero) and skips gaps. */
export function smoothed(values: Float64Array, factor: number): Float64Array {
  const result = new Float64Array(values.length);
  let weightedSum = 0;
  let weightSum = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    if (!Number.isNaN(value)) {
      weightedSum = weightedSum * factor + value;
      weightSum = weightSum * factor + 1;
    }
    result[index] = weightSum === 0 ? Number.NaN : weightedSum / weightSum;
  }
  return result;
}

/** True if there is at least one value to draw. */
export function hasValues(values: Float64Array): boolean {
  return values.some((value) => !Number.isNaN(value));
}
