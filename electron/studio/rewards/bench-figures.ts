/** @file Computes the bench's figures from scored groups: spread, dead prompts, agreement, pass@k. Pure. */

export type Score = number | null;
/** `[prompts][completions][rewards]`. */
export type ScoredGroups = readonly (readonly (readonly Score[])[])[];

/** Scores closer than this count as equal; in TRL, a group has no signal if its standard deviation is 0. */
const SAME = 1e-8;

export type Spread = { mean: number | null; groupStd: number | null; deadShare: number; notJudged: number };

/** Spread of one value per completion: `[prompts][completions]`. A group with fewer than two scores is dead. */
export function spreadOf(groups: readonly (readonly Score[])[]): Spread {
  const all = groups.flat();
  const known = all.filter((value) => value !== null);
  const stds = groups.map((group) => unbiasedStd(group.filter((value) => value !== null)));
  const knownStds = stds.filter((std) => std !== null);
  return {
    mean: meanOf(known),
    groupStd: meanOf(knownStds),
    deadShare: groups.length === 0 ? 0 : stds.filter(isDead).length / groups.length,
    notJudged: all.length - known.length,
  };
}

export function isDeadGroup(group: readonly Score[]): boolean {
  return isDead(unbiasedStd(group.filter((value) => value !== null)));
}

/** The scores of reward `index`, `[prompts][completions]`. */
export function columnOf(groups: ScoredGroups, index: number): Score[][] {
  return groups.map((group) => group.map((scores) => scores[index] ?? null));
}

/**
 * Correlation of two rewards within groups: each score is taken relative to its group's mean, because the model learns
 * only from that difference. Null if one of the two never varies within a group.
 */
export function agreementOf(groups: ScoredGroups, a: number, b: number): number | null {
  let [aa, bb, ab] = [0, 0, 0];
  for (const group of groups) {
    const pairs: [number, number][] = [];
    for (const scores of group) {
      const [x, y] = [scores[a] ?? null, scores[b] ?? null];
      if (x !== null && y !== null) pairs.push([x, y]);
    }
    const meanA = meanOf(pairs.map(([x]) => x)) ?? 0;
    const meanB = meanOf(pairs.map(([, y]) => y)) ?? 0;
    for (const [x, y] of pairs) {
      aa += (x - meanA) ** 2;
      bb += (y - meanB) ** 2;
      ab += (x - meanA) * (y - meanB);
    }
  }
  return aa < SAME || bb < SAME ? null : Math.max(-1, Math.min(1, ab / Math.sqrt(aa * bb)));
}

/**
 * pass@k: the chance that at least one of k of the n answers is correct, averaged over prompts. The unbiased
 * estimator 1 − C(n − c, k) / C(n, k) of Chen et al. 2021 (arXiv 2107.03374, Eq. 1).
 */
export function passAtK(groups: readonly (readonly boolean[])[], k: number): number {
  const values = groups.map((group) => {
    const n = group.length;
    const correct = group.filter(Boolean).length;
    if (n - correct < k) return 1;
    let miss = 1;
    for (let i = n - correct + 1; i <= n; i += 1) miss *= 1 - k / i;
    return 1 - miss;
  });
  return meanOf(values) ?? 0;
}

/** 1, 2, 4 … and the group size itself. */
export function passSizes(numGenerations: number): number[] {
  const sizes: number[] = [];
  for (let k = 1; k < numGenerations; k *= 2) sizes.push(k);
  return [...sizes, numGenerations];
}

export function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function isDead(std: number | null): boolean {
  return std === null || std < SAME;
}

function unbiasedStd(values: readonly number[]): number | null {
  const mean = meanOf(values);
  if (mean === null || values.length < 2) return null;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
