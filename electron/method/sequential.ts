/**
 * @file Sequential looks: how a study can be looked at several times and still be wrong in at most 5% of cases. Each look
 * may spend a part of the 5%, by a spending function (Lan and DeMets 1983), and has its own level for p.
 *
 * The levels come from the joint distribution of the looks: the estimate from the first n seeds has, with itself from
 * the first N > n seeds, the covariance Var(N). Correlations between looks are therefore √(n/N), or larger where seeds
 * share their questions; larger ones make the looks spend less than they may, never more.
 */

/** `obrien-fleming`: almost nothing at early looks. `pocock`: about the same at every look. Both by Lan and DeMets. */
export type Spending = 'obrien-fleming' | 'pocock';

/** Looks at a study: the numbers of seeds at which it is judged, smallest first, and how the error is spent. */
export interface Looks {
  seeds: readonly number[];
  spending: Spending;
}

/** What may have been spent of a one-sided `alpha` when the share `t` of all seeds is in. */
export function spent(spending: Spending, alpha: number, t: number): number {
  if (t >= 1) return alpha;
  return spending === 'pocock' ? alpha * Math.log(1 + (Math.E - 1) * t) : 2 * upperTail(zOf(alpha / 2) / Math.sqrt(t));
}

/**
 * The one-sided level of each look: a p at or below it is a rejection. The probability that any look rejects by chance
 * is `alpha`. By recursive integration (Armitage, McPherson and Rowe 1969).
 */
export function levelsOfLooks({ seeds, spending }: Looks, alpha: number): number[] {
  const last = seeds.at(-1) ?? 1;
  const levels: number[] = [];
  let before = { spent: 0, share: 0, density: [] as Point[] };
  for (const n of seeds) {
    const share = n / last;
    const total = spent(spending, alpha, share);
    const c = boundary(before, share, total - before.spent);
    levels.push(upperTail(c));
    before = { spent: total, share, density: densityBelow(before, share, c) };
  }
  return levels;
}

/**
 * The smallest one-sided error rate with which one of the looks so far would reject (Liu and Anderson 2008): a p that
 * counts for all looks together, and can be corrected for the number of comparisons like any other.
 *
 * @param ps one-sided, one for each look that was taken, in order
 */
export function sequentialP(looks: Looks, ps: readonly number[]): number {
  const table = levelTable(looks);
  return ps.reduce((least, p, look) => Math.min(least, alphaFor(table, look, p)), 1);
}

/** How many looks a number of seeds allows. */
export function looksTaken({ seeds }: Looks, done: number): number {
  return seeds.filter((n) => n <= done).length;
}

/** A point of a density with its weight in an integral. */
interface Point {
  z: number;
  mass: number;
}

/** The density is cut off this far from 0, and integrated at this many places. */
const REACH = 8.5;
const PLACES = 240;

interface Before {
  share: number;
  density: readonly Point[];
}

/** Where the statistic of a look must lie, so that `spend` is the chance of a first rejection there. */
function boundary(before: Before, share: number, spend: number): number {
  let [low, high] = [-REACH, REACH];
  for (let turn = 0; turn < 60; turn++) {
    const middle = (low + high) / 2;
    if (chanceAbove(before, share, middle) > spend) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function chanceAbove({ share: from, density }: Before, share: number, c: number): number {
  if (from === 0) return upperTail(c);
  const spread = Math.sqrt(share - from);
  const [a, b] = [Math.sqrt(share), Math.sqrt(from)];
  return density.reduce((sum, { z, mass }) => sum + mass * upperTail((c * a - z * b) / spread), 0);
}

/** The density of the statistic at a look, where no look has rejected yet: below `c`, by Simpson's rule. */
function densityBelow({ share: from, density }: Before, share: number, c: number): Point[] {
  const width = (c + REACH) / PLACES;
  const [spread, a, b] = [Math.sqrt(share - from), Math.sqrt(share), Math.sqrt(from)];
  return Array.from({ length: PLACES + 1 }, (_, at) => {
    const z = -REACH + at * width;
    const value =
      from === 0
        ? bell(z)
        : density.reduce((sum, point) => sum + (point.mass * bell((z * a - point.z * b) / spread) * a) / spread, 0);
    const weight = at === 0 || at === PLACES ? 1 : at % 2 === 1 ? 4 : 2;
    return { z, mass: (value * weight * width) / 3 };
  });
}

/** For one-sided error rates from 0.5 down to 1e-12: the level of each look. Made once for each plan. */
interface LevelTable {
  alphas: number[];
  levels: number[][];
}

const tables = new Map<string, LevelTable>();

function levelTable(looks: Looks): LevelTable {
  const key = JSON.stringify([looks.seeds, looks.spending]);
  const known = tables.get(key);
  if (known !== undefined) return known;
  const alphas = Array.from({ length: 81 }, (_, at) => 0.5 * 10 ** (-at * 0.15));
  const table = { alphas, levels: alphas.map((alpha) => levelsOfLooks(looks, alpha)) };
  tables.set(key, table);
  return table;
}

/** The error rate whose level at a look is `p`, between the table's rows in equal ratios. */
function alphaFor({ alphas, levels }: LevelTable, look: number, p: number): number {
  const levelAt = (row: number): number => levels[row]?.[look] ?? 0;
  // With one look, or at a look that spends the whole rest, rates above 0.5 matter to no verdict: they count as they are.
  if (p >= levelAt(0)) return Math.min(1, Math.max(p, alphas[0] ?? 0.5));
  const row = alphas.findIndex((_, at) => levelAt(at) <= p);
  if (row <= 0) return alphas.at(-1) ?? 0;
  const [above, below] = [Math.log(levelAt(row - 1)), Math.log(Math.max(levelAt(row), Number.MIN_VALUE))];
  const part = (above - Math.log(p)) / (above - below);
  return Math.exp(Math.log(alphas[row - 1] ?? 1) * (1 - part) + Math.log(alphas[row] ?? 1) * part);
}

function bell(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

/** P(Z > z) of the normal distribution, to double precision (Hart 1968, as West 2005 gives it). */
export function upperTail(z: number): number {
  const x = Math.abs(z);
  const tail =
    x > 37 ? 0 : x < 7.07106781186547 ? hart(x) : bell(x) / (x + 1 / (x + 2 / (x + 3 / (x + 4 / (x + 0.65)))));
  return z >= 0 ? tail : 1 - tail;
}

const ABOVE = [
  3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931,
  220.206867912376,
];
const BELOW = [
  8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831,
  793.826512519948, 440.413735824752,
];

function hart(x: number): number {
  const at = (terms: readonly number[]): number => terms.reduce((sum, term) => sum * x + term, 0);
  return (Math.exp((-x * x) / 2) * at(ABOVE)) / at(BELOW);
}

/** The z with P(Z > z) = `tail`. */
function zOf(tail: number): number {
  let [low, high] = [-REACH, 40];
  for (let turn = 0; turn < 200 && high - low > 1e-13; turn++) {
    const middle = (low + high) / 2;
    if (upperTail(middle) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
