/**
 * @file Advantages of GRPO completions, equal to TRL's GRPOTrainer (golden/advantages.json).
 * A = (R - mean of the group) / (std + 1e-4), with the unbiased std; one value per completion (Eq. 2 of OThink-MR1).
 */
import type { GrpoConfig } from '../../../contract/model/recipe.ts';

const STD_EPSILON = 1e-4;

/** Rewards `[rows][functions]`; null = the function did not score this completion. */
export type RewardRows = readonly (readonly (number | null)[])[];

/** How several rewards become one: the weighted sum, or each reward normalised in its group first (GDPO). */
export type RewardAggregation = 'sum-then-normalize' | 'normalize-then-sum';

export type AdvantageResult = {
  /** [rows]; a row that no function scored has advantage 0. */
  advantages: number[];
  /** [rows] weighted total, null where no function scored the row. */
  totals: (number | null)[];
  /** Mean over the scored rows; null when there is none. */
  reward: number | null;
  /** Mean over groups of the std inside the group (groups with fewer than two scored rows are skipped). */
  rewardStd: number | null;
  /** Share of zero-variance groups: all totals equal, or fewer than two scored. */
  fracRewardZeroStd: number;
  /** Per function: mean over the rows it scored and mean std inside the groups; null when it scored none. */
  perFunction: { mean: number | null; std: number | null }[];
};

/**
 * Advantages of one batch whose rows are grouped in order: rows `0..G-1` are the completions of the first prompt.
 *
 * @param rewards `[rows][functions]`, rows a multiple of `numGenerations`.
 * @param weights `[functions]`, or `[rows][functions]` where they differ between rows.
 * @throws RangeError on shapes that do not fit or a reward that is not a finite number.
 */
export function computeAdvantages(
  rewards: RewardRows,
  weights: readonly number[] | readonly (readonly number[])[],
  numGenerations: number,
  scaleRewards: GrpoConfig['scaleRewards'],
  aggregation: RewardAggregation = 'sum-then-normalize',
): AdvantageResult {
  const weightsOf = byRow(weights);
  checkShapes(rewards, weightsOf, numGenerations);
  const totals = rewards.map((row, r) => weightedSum(row, weightsOf(r)));
  const groups = inGroups(totals, numGenerations);
  const groupStds = groups.map(unbiasedStd);
  const known = groupStds.filter((std) => std !== null);
  return {
    advantages:
      aggregation === 'normalize-then-sum'
        ? normalizeThenSum(rewards, weightsOf, numGenerations)
        : sumThenNormalize(totals, numGenerations, scaleRewards),
    totals,
    reward: mean(totals),
    rewardStd: mean(known),
    fracRewardZeroStd: groupStds.filter((std) => std === null || std < 1e-8).length / groupStds.length,
    perFunction: weightsOf(0).map((_, f) => {
      const column = rewards.map((row) => row[f] ?? null);
      return { mean: mean(column), std: mean(inGroups(column, numGenerations).map(unbiasedStd)) };
    }),
  };
}

type WeightsOf = (row: number) => readonly number[];

function byRow(weights: readonly number[] | readonly (readonly number[])[]): WeightsOf {
  const isShared = (given: typeof weights): given is readonly number[] => typeof given[0] !== 'object';
  return isShared(weights) ? () => weights : (row) => weights[row] ?? [];
}

function sumThenNormalize(
  totals: readonly (number | null)[],
  numGenerations: number,
  scaleRewards: GrpoConfig['scaleRewards'],
): number[] {
  const batchStd = unbiasedStd(totals);
  return inGroups(totals, numGenerations).flatMap((group) => {
    const centre = mean(group);
    const std = scaleRewards === 'group' ? unbiasedStd(group) : batchStd;
    return group.map((total) => {
      if (total === null || centre === null) return 0;
      if (scaleRewards === 'none') return total - centre;
      return std === null ? 0 : (total - centre) / (std + STD_EPSILON);
    });
  });
}

/** GDPO (TRL `multi_objective_aggregation="normalize_then_sum"`): z-score per reward and group, sum, z-score of the batch. */
function normalizeThenSum(rewards: RewardRows, weightsOf: WeightsOf, numGenerations: number): number[] {
  const columns = weightsOf(0).map((_, f) =>
    sumThenNormalize(
      rewards.map((row) => row[f] ?? null),
      numGenerations,
      'group',
    ),
  );
  const sums = rewards.map((row, r) =>
    row.every((value) => value === null)
      ? null
      : weightsOf(r).reduce((sum, weight, f) => sum + weight * (columns[f]?.[r] ?? 0), 0),
  );
  const centre = mean(sums);
  const std = unbiasedStd(sums);
  return sums.map((sum) =>
    sum === null || centre === null || std === null ? 0 : (sum - centre) / (std + STD_EPSILON),
  );
}

/** Null rewards add nothing. A row of nulls has no total at all. */
function weightedSum(row: readonly (number | null)[], weights: readonly number[]): number | null {
  if (row.every((value) => value === null)) return null;
  return row.reduce<number>((sum, value, f) => sum + (value ?? 0) * (weights[f] ?? 0), 0);
}

function inGroups<T>(rows: readonly T[], size: number): T[][] {
  return Array.from({ length: rows.length / size }, (_, g) => rows.slice(g * size, (g + 1) * size));
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Sample standard deviation (n - 1) of the known values; null for fewer than two. */
function unbiasedStd(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  const centre = mean(known);
  if (centre === null || known.length < 2) return null;
  const squares = known.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (known.length - 1));
}

function checkShapes(rewards: RewardRows, weightsOf: WeightsOf, numGenerations: number): void {
  if (!Number.isInteger(numGenerations) || numGenerations < 2) {
    throw new RangeError(`A group needs at least two completions, not ${numGenerations}.`);
  }
  if (rewards.length === 0 || rewards.length % numGenerations !== 0) {
    throw new RangeError(`${rewards.length} rewards do not divide into groups of ${numGenerations}.`);
  }
  rewards.forEach((row, r) => {
    if (row.length !== weightsOf(r).length) {
      throw new RangeError(`Row ${r} has ${row.length} rewards, but there are ${weightsOf(r).length} weights.`);
    }
    row.forEach((value, f) => {
      if (value !== null && !Number.isFinite(value)) throw new RangeError(`Reward ${f} of row ${r} is ${value}.`);
    });
  });
}
