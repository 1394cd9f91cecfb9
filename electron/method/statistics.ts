/** @file The statistics behind every figure that Atelier shows: intervals and paired tests. */
import gammaln from '@stdlib/math-base-special-gammaln';
import studentT from '@stdlib/stats-base-dists-t';
import type { Proportion } from '../contract/model/primitives.ts';

/** 97.5% quantile of the normal distribution. */
const Z = 1.959963984540054;

/** Wilson's 95% score interval (Wilson 1927); 0 to 1 for n = 0. */
export function wilson(correct: number, n: number): Proportion {
  checkCounts(correct, n);
  if (n === 0) return { correct, n, value: 0, low: 0, high: 1 };
  const p = correct / n;
  const centre = (p + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n);
  const half = (Z / (1 + Z ** 2 / n)) * Math.sqrt((p * (1 - p)) / n + Z ** 2 / (4 * n ** 2));
  return {
    correct,
    n,
    value: p,
    low: correct === 0 ? 0 : Math.max(0, centre - half),
    high: correct === n ? 1 : Math.min(1, centre + half),
  };
}

/** The same items answered twice: right both times, only before, only after, never. */
export type PairedCounts = { both: number; onlyFirst: number; onlySecond: number; neither: number };

/** Counts pairs. Items that only one of the two sides answered are left out. */
export function pairedCounts(first: ReadonlyMap<string, boolean>, second: ReadonlyMap<string, boolean>): PairedCounts {
  const counts = { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 };
  for (const [id, a] of first) {
    const b = second.get(id);
    if (b === undefined) continue;
    counts[a ? (b ? 'both' : 'onlyFirst') : b ? 'onlySecond' : 'neither'] += 1;
  }
  return counts;
}

/**
 * McNemar's test of paired answers: two-sided exact p (binomial on the items that changed) and the less
 * conservative mid-p. Both are 1 when nothing changed.
 */
export function mcnemar({ onlyFirst, onlySecond }: Pick<PairedCounts, 'onlyFirst' | 'onlySecond'>): {
  exactP: number;
  midP: number;
} {
  const n = onlyFirst + onlySecond;
  if (n === 0) return { exactP: 1, midP: 1 };
  const fewer = Math.min(onlyFirst, onlySecond);
  let tail = 0;
  for (let k = 0; k <= fewer; k += 1) tail += Math.exp(logChoose(n, k) - n * Math.LN2);
  const exactP = Math.min(1, 2 * tail);
  if (onlyFirst === onlySecond) return { exactP: 1, midP: 1 - Math.exp(logChoose(n, fewer) - n * Math.LN2) };
  return { exactP, midP: Math.min(1, exactP - Math.exp(logChoose(n, fewer) - n * Math.LN2)) };
}

/**
 * McNemar's chi-squared test with Edwards' continuity correction, (|b − c| − 1)² / (b + c) on one degree of freedom
 * (Edwards 1948): two-sided p, for many changed items.
 */
export function mcnemarChiSquared({ onlyFirst, onlySecond }: Pick<PairedCounts, 'onlyFirst' | 'onlySecond'>): number {
  const n = onlyFirst + onlySecond;
  if (n === 0) return 1;
  const chi2 = Math.max(0, Math.abs(onlyFirst - onlySecond) - 1) ** 2 / n;
  // χ²₁ is the square of a normal variable, and Student's t with many degrees of freedom is practically normal.
  return 2 * studentT.cdf(-Math.sqrt(chi2), 1e6);
}

/**
 * Difference second − first of paired proportions with Newcombe's hybrid score interval
 * (Newcombe 1998, Statistics in Medicine 17:2635, method 10).
 */
export function pairedDifference(counts: PairedCounts): { value: number; low: number; high: number } {
  const { both: a, onlySecond: b, onlyFirst: c, neither: d } = counts;
  const n = a + b + c + d;
  if (n === 0) return { value: 0, low: -1, high: 1 };
  const [second, first] = [wilson(a + b, n), wilson(a + c, n)];
  const value = (b - c) / n;
  const margins = (a + b) * (c + d) * (a + c) * (b + d);
  const cross = a * d - b * c;
  const corrected = cross > 0 ? Math.max(cross - n / 2, 0) : cross;
  const phi = margins === 0 ? 0 : corrected / Math.sqrt(margins);
  const reach = (x: number, y: number): number => Math.sqrt(Math.max(0, x ** 2 - 2 * phi * x * y + y ** 2));
  return {
    value,
    low: value - reach(second.value - second.low, first.high - first.value),
    high: value + reach(second.high - second.value, first.value - first.low),
  };
}

/** Mean over seeds (or any few measurements) with Student's 95% interval; one value has no interval. */
export function meanInterval(values: readonly number[]): {
  mean: number;
  std: number | null;
  low: number | null;
  high: number | null;
  n: number;
} {
  const n = values.length;
  if (n === 0) throw new RangeError('The mean of no values is not defined.');
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { mean, std: null, low: null, high: null, n };
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  const half = (studentT.quantile(0.975, n - 1) * std) / Math.sqrt(n);
  return { mean, std, low: mean - half, high: mean + half, n };
}

/** Student's t-test that the mean of the values is 0: two-sided p. Null for one value; values that never differ decide it. */
export function meanIsZeroP(values: readonly number[]): number | null {
  const { mean, std, n } = meanInterval(values);
  if (std === null) return null;
  if (std === 0) return mean === 0 ? 1 : 0;
  return 2 * studentT.cdf(-Math.abs(mean) / (std / Math.sqrt(n)), n - 1);
}

/** ln of the binomial coefficient. */
function logChoose(n: number, k: number): number {
  return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1);
}

function checkCounts(correct: number, n: number): void {
  if (!Number.isInteger(correct) || !Number.isInteger(n) || correct < 0 || correct > n) {
    throw new RangeError(`${correct} of ${n} is not a share of counted items.`);
  }
}

/** Spearman's ρ (1904): the correlation of the ranks; ties share their mean rank. Null if one side is constant. */
export function rankCorrelation(first: readonly number[], second: readonly number[]): number | null {
  if (first.length !== second.length) throw new RangeError('Ranks need pairs.');
  const [a, b] = [ranksOf(first), ranksOf(second)];
  const middle = (first.length + 1) / 2;
  const sumOf = (value: (at: number) => number): number => a.reduce((sum, _, at) => sum + value(at), 0);
  const between = sumOf((at) => ((a[at] ?? 0) - middle) * ((b[at] ?? 0) - middle));
  const within = sumOf((at) => ((a[at] ?? 0) - middle) ** 2) * sumOf((at) => ((b[at] ?? 0) - middle) ** 2);
  return within === 0 ? null : between / Math.sqrt(within);
}

function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).sort((x, y) => (values[x] ?? 0) - (values[y] ?? 0));
  const ranks = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length;) {
    let end = start;
    while (end + 1 < order.length && values[order[end + 1] ?? 0] === values[order[start] ?? 0]) end++;
    for (let at = start; at <= end; at++) ranks[order[at] ?? 0] = (start + end) / 2 + 1;
    start = end + 1;
  }
  return ranks;
}
