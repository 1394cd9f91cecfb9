/**
 * @file Decides whether one arm of an experiment is better than another, equivalent to it, or neither yet, from
 * differences of accuracy that were measured once per seed and question.
 */
import studentT from '@stdlib/stats-base-dists-t';
import { SEEDS_TO_DECIDE } from './seeds-to-decide.ts';

/** The smallest difference of accuracies that matters, unless an experiment says otherwise: 2 points. */
export const SMALLEST_DIFFERENCE = 0.02;
/** Of every test here. */
export const ALPHA = 0.05;
/** The chance of a verdict that a number of seeds is chosen for. */
const POWER = 0.8;
/** More seeds than this are not proposed. */
const MOST_SEEDS = 10_000;

/**
 * Two one-sided t tests of equivalence (Schuirmann 1987): p below 0.05 says that the mean lies within ±`margin`.
 *
 * Where all values agree, a t test would be certain after two questions. Then p is the chance that none of the questions
 * shows a difference which a share `margin` of all questions has.
 *
 * @param se standard error of the mean, with `df` degrees of freedom
 * @param questions how many there were
 */
export function equivalenceP(
  { mean, se, df, questions }: { mean: number; se: number; df: number; questions: number },
  margin: number,
): number {
  if (!(se > 0)) return Math.abs(mean) < margin ? (1 - margin) ** questions : 1;
  return Math.max(studentT.cdf(-(mean + margin) / se, df), studentT.cdf((mean - margin) / se, df));
}

/** A mean over seeds and questions, where both are random. */
export interface CrossedMean {
  mean: number;
  se: number;
  /** Degrees of freedom of the standard error (Satterthwaite 1946). */
  df: number;
  questions: number;
  /** 95% interval, or a wider one for several looks. */
  low: number;
  high: number;
  /** Two-sided, of a mean of 0. Where all values agree and are not 0, that of a sign test over the questions. */
  p: number;
  /** The variances of seeds, questions and what is left (seed by question); never below 0. */
  variance: { seeds: number; questions: number; rest: number };
}

/**
 * The mean of a table of differences with seeds and questions as crossed random effects, by the two-way analysis of
 * variance without replication (Searle, Casella and McCulloch 1992, §4.3). All seeds share the questions, so neither the
 * spread over seeds nor a test over all answers alone shows how far another study could differ.
 *
 * @param differences a row per seed, a column per question
 * @param alpha the interval covers all but this share
 * @returns null with fewer than two seeds or questions
 */
export function crossedMean(differences: readonly (readonly number[])[], alpha = ALPHA): CrossedMean | null {
  const S = differences.length;
  const Q = differences[0]?.length ?? 0;
  if (differences.some((row) => row.length !== Q)) throw new RangeError('Every seed needs the same questions.');
  if (S < 2 || Q < 2) return null;
  const rows = differences.map((row) => sum(row) / Q);
  const columns = Array.from({ length: Q }, (_, q) => sum(differences.map((row) => row[q] ?? 0)) / S);
  const mean = sum(rows) / S;
  const msSeeds = (Q * squares(rows, mean)) / (S - 1);
  const msQuestions = (S * squares(columns, mean)) / (Q - 1);
  const ssRest = sum(
    differences.map((row, s) => sum(row.map((value, q) => (value - (rows[s] ?? 0) - (columns[q] ?? 0) + mean) ** 2))),
  );
  const dfRest = (S - 1) * (Q - 1);
  const msRest = ssRest / dfRest;
  const variance = {
    seeds: Math.max(0, (msSeeds - msRest) / Q),
    questions: Math.max(0, (msQuestions - msRest) / S),
    rest: msRest,
  };
  const parts = [
    { value: msSeeds, df: S - 1 },
    { value: msQuestions, df: Q - 1 },
    { value: -msRest, df: dfRest },
  ];
  // Where an effect seems smaller than noise, its variance counts as 0 and only the larger effect stands.
  const largest = msSeeds >= msQuestions ? { value: msSeeds, df: S - 1 } : { value: msQuestions, df: Q - 1 };
  const combined = sum(parts.map(({ value }) => value));
  const isCombined = combined > largest.value;
  const se = Math.sqrt(Math.max(combined, largest.value) / (S * Q));
  const df = isCombined
    ? Math.max(1, combined ** 2 / sum(parts.map(({ value, df: own }) => value ** 2 / own)))
    : largest.df;
  const half = studentT.quantile(1 - alpha / 2, df) * se;
  const p = se > 0 ? 2 * studentT.cdf(-Math.abs(mean) / se, df) : mean === 0 ? 1 : Math.min(1, 2 * 0.5 ** Q);
  return { mean, se, df, questions: Q, low: mean - half, high: mean + half, p, variance };
}

/** Holm's correction (1979): the p values of several claims, each as it counts among all of them. */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, at) => at).sort((a, b) => (ps[a] ?? 0) - (ps[b] ?? 0));
  const adjusted = new Array<number>(ps.length).fill(1);
  let largest = 0;
  for (const [rank, at] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (ps.length - rank) * (ps[at] ?? 1)));
    adjusted[at] = largest;
  }
  return adjusted;
}

/**
 * Seeds that give a verdict with 80% probability, whether the arms are equal (equivalence) or differ by `margin`
 * (difference), from the variances of a pilot.
 *
 * @param alpha level of the test: where a verdict is corrected for other comparisons or looks, its share of 0.05
 * @returns null if no number of seeds suffices, because the questions alone leave too much open
 */
export function seedsNeeded(
  { seeds, questions, rest }: CrossedMean['variance'],
  Q: number,
  margin: number,
  alpha = ALPHA,
): number | null {
  for (let n = SEEDS_TO_DECIDE; n <= MOST_SEEDS; n += n < 100 ? 1 : 10) {
    const se = Math.sqrt(seeds / n + questions / Q + rest / (n * Q));
    const t = (share: number): number => studentT.quantile(share, n - 1);
    const equivalent = t(1 - alpha) + t(1 - (1 - POWER) / 2);
    const different = t(1 - alpha / 2) + t(POWER);
    if (Math.max(equivalent, different) * se <= margin) return n;
  }
  return null;
}

export type Decision = 'better' | 'worse' | 'equivalent' | 'undecided';

/**
 * The verdict on one difference (second − first).
 * @param ps of the crossed mean and of its equivalence, corrected for the number of comparisons (`holm`)
 */
export function decide(
  crossed: CrossedMean | null,
  seeds: number,
  { difference, equivalence }: { difference: number; equivalence: number },
): Decision {
  if (crossed === null || seeds < SEEDS_TO_DECIDE) return 'undecided';
  if (difference < ALPHA) return crossed.mean > 0 ? 'better' : 'worse';
  return equivalence < ALPHA ? 'equivalent' : 'undecided';
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function squares(values: readonly number[], mean: number): number {
  return sum(values.map((value) => (value - mean) ** 2));
}
