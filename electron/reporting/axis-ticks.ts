/** @file Round values for the axis of a chart. */

/** About four round values that hold all of the data. */
export function roundTicks(values: readonly number[], fromZero: boolean): number[] {
  if (values.length === 0) return [0, 1];
  const dataLow = values.reduce((a, b) => Math.min(a, b));
  const low = fromZero ? Math.min(0, dataLow) : dataLow;
  const high = values.reduce((a, b) => Math.max(a, b));
  const span = high - low > 1e-9 ? high - low : Math.max(1e-3, Math.abs(high) || 1);
  const rough = span / 4;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = magnitude * ([1, 2, 2.5, 5, 10].find((factor) => factor * magnitude >= rough) ?? 10);
  const [start, end] = [Math.floor(low / step), Math.max(Math.ceil(high / step), Math.floor(low / step) + 1)];
  return Array.from({ length: end - start + 1 }, (_, i) => Number(((start + i) * step).toPrecision(10)));
}
