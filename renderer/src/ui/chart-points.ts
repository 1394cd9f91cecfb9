/** @file What a chart needs before it can draw: fewer points than steps, gaps, calm axes, a sentence. */

/**
 * Indexes of the points worth drawing: all of them, or per bucket the lowest and highest of `values`
 * (first and last are kept), so that a spike survives the thinning. Ascending, at most about `most`.
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

/** The chosen points as the chart library wants them: NaN becomes a gap. */
export function pick(values: Float64Array, indexes: Int32Array): (number | null)[] {
  return Array.from(indexes, (index) => {
    const value = values[index];
    return value === undefined || Number.isNaN(value) ? null : value;
  });
}

/**
 * Right end of the step axis: grows in doublings up to the planned length, so that a live curve
 * moves into free space instead of being squeezed anew with every step.
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

/** True when there is at least one value to draw. */
export function hasValues(values: Float64Array): boolean {
  return values.some((value) => !Number.isNaN(value));
}
