/** @file Statistics that a few lucky or unlucky runs do not move, as rliable computes them (Agarwal et al., arXiv 2108.13264). */

/** Accuracies of one arm: a list for each task, with an entry for each seed. */
export type Scores = readonly (readonly number[])[];

/** Drawings of the bootstrap. */
const DRAWINGS = 2000;

/**
 * The mean of the middle half of all scores; as scipy's `trim_mean`, a quarter of the count, rounded down, is left out
 * at each end.
 */
export function interquartileMean(scores: Scores): number {
  const all = scores.flat().sort((a, b) => a - b);
  if (all.length === 0) throw new RangeError('The mean of no scores is not defined.');
  const cut = Math.floor(all.length / 4);
  const middle = all.slice(cut, all.length - cut);
  return middle.reduce((sum, score) => sum + score, 0) / middle.length;
}

/**
 * The 95% interval of a statistic by the stratified bootstrap: in each drawing, every task keeps its number of runs.
 * The drawings depend on nothing but the scores, so a figure never changes when it is computed again.
 */
export function stratifiedInterval(
  scores: Scores,
  statistic: (scores: Scores) => number = interquartileMean,
): { low: number; high: number } {
  const random = generator(0x5eed);
  const values = Array.from({ length: DRAWINGS }, () =>
    statistic(scores.map((runs) => runs.map(() => runs[Math.floor(random() * runs.length)] ?? NaN))),
  ).sort((a, b) => a - b);
  return { low: quantile(values, 0.025), high: quantile(values, 0.975) };
}

/** The probability that a run of the second arm scores above one of the first, ties counting half; the mean over tasks. */
export function probabilityOfImprovement(first: Scores, second: Scores): number {
  if (first.length !== second.length) throw new RangeError('Both arms need the same tasks.');
  const perTask = second.map((runs, task) => {
    const others = first[task] ?? [];
    const won = runs.flatMap((a) => others.map((b): number => (a > b ? 1 : a === b ? 0.5 : 0)));
    return won.reduce((sum, value) => sum + value, 0) / won.length;
  });
  return perTask.reduce((sum, value) => sum + value, 0) / perTask.length;
}

/** The performance profile: for each threshold, the share of all runs that score above it. */
export function performanceProfile(scores: Scores, thresholds: readonly number[]): number[] {
  const all = scores.flat();
  return thresholds.map((threshold) => all.filter((score) => score > threshold).length / all.length);
}

/** The 95% interval of the profile at each threshold, by the stratified bootstrap. */
export function profileBand(scores: Scores, thresholds: readonly number[]): { low: number; high: number }[] {
  return thresholds.map((threshold) =>
    stratifiedInterval(scores, (drawn) => performanceProfile(drawn, [threshold])[0] ?? 0),
  );
}

/** Linear interpolation between order statistics, as numpy's `percentile`. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)] ?? NaN, sorted[Math.ceil(at)] ?? NaN];
  return below + (above - below) * (at - Math.floor(at));
}

/** Uniform numbers in [0, 1): mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
