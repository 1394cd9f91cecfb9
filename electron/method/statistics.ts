/** @file The statistics behind every figure that Atelier shows: intervals and paired tests, all exact or in closed form. */
import type { Proportion } from '../contract/model/primitives.ts';

/** 97.5% quantile of the normal distribution. */
const Z = 1.959963984540054;

/** Wilson's 95% score interval (Wilson 1927). With n = 0 nothing is known: 0 to 1. */
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
  // The square of a normal variable: P(χ²₁ > x) is the tail of Student's t with many degrees of freedom.
  const df = 1e6;
  return chi2 === 0 ? 1 : incompleteBeta(df / (df + chi2), df / 2, 0.5);
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

/** Mean over seeds (or any few measurements) with Student's 95% interval; no interval for fewer than two. */
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
  const half = (studentQuantile(n - 1) * std) / Math.sqrt(n);
  return { mean, std, low: mean - half, high: mean + half, n };
}

/** 97.5% quantile of Student's t with `df` degrees of freedom, by bisection of its distribution function. */
function studentQuantile(df: number): number {
  let [low, high] = [0, 1000];
  for (let i = 0; i < 100; i += 1) {
    const t = (low + high) / 2;
    // P(|T| > t) = I_x(df/2, 1/2) with x = df / (df + t²)
    if (incompleteBeta(df / (df + t * t), df / 2, 0.5) > 0.05) low = t;
    else high = t;
  }
  return (low + high) / 2;
}

/** Regularised incomplete beta function by Lentz's continued fraction (Numerical Recipes, section 6.4). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  let [f, c, d] = [1, 1, 0];
  for (let i = 0; i <= 300; i += 1) {
    const m = Math.floor(i / 2);
    const numerator =
      i === 0
        ? 1
        : i % 2 === 0
          ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
          : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + numerator * d);
    c = nonZero(1 + numerator / c);
    f *= c * d;
    if (Math.abs(1 - c * d) < 1e-14) break;
  }
  return front * (f - 1);
}

function nonZero(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value;
}

/** ln Γ(x) for x > 0 (Lanczos, g = 7). */
function logGamma(x: number): number {
  const c = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const t = x + 6.5;
  const sum = c.slice(1).reduce((total, coefficient, i) => total + coefficient / (x + i), c[0] ?? 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}

function checkCounts(correct: number, n: number): void {
  if (!Number.isInteger(correct) || !Number.isInteger(n) || correct < 0 || correct > n) {
    throw new RangeError(`${correct} of ${n} is not a share of counted items.`);
  }
}

/** Spearman's ρ (1904): the correlation of the ranks, ties at their mean rank. Null where one side never differs. */
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
