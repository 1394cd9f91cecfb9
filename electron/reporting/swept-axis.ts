/**
 * @file Where the values of a sweep stand on its axis. KL weights span decades, so they stand on a logarithmic axis, and
 * a weight of 0 one step before the smallest. Pure.
 */

/** Values further apart than this factor would crowd at one end of a linear axis. */
const WIDE = 20;

/** The place of each value, from 0 (the first) to 1 (the last). @param values in ascending order, none below 0 */
export function sweptPlaces(values: readonly number[]): number[] {
  const positive = values.filter((value) => value > 0);
  const [smallest = 1, largest = 1] = [positive[0], positive.at(-1)];
  const logarithmic = largest / smallest >= WIDE;
  const gap = Math.log(largest / smallest) / Math.max(1, positive.length - 1);
  const at = (value: number): number => (!logarithmic ? value : value > 0 ? Math.log(value) : Math.log(smallest) - gap);
  const [from, to] = [at(values[0] ?? 0), at(values.at(-1) ?? 1)];
  return values.map((value) => (to === from ? 0.5 : (at(value) - from) / (to - from)));
}
