/** @file How evenly something is spread: shares, effective number, Gini coefficient, and words for them. Pure. */

export interface Spread {
  /** Most frequent first; null = not known. */
  values: { value: string | null; samples: number; share: number }[];
  distinct: number;
  /** Hill number of order 1: exp of the Shannon entropy (Hill 1973). */
  effective: number;
  /** Gini coefficient of the counts, 0 for one value or equal counts. */
  gini: number;
  total: number;
}

/** Counts values; a sample may carry several (its share is then split) or none (not known). */
export function spreadOf(samples: readonly (readonly string[])[]): Spread {
  const counts = new Map<string | null, number>();
  for (const values of samples) {
    const own: readonly (string | null)[] = values.length === 0 ? [null] : [...new Set(values)];
    for (const value of own) counts.set(value, (counts.get(value) ?? 0) + 1 / own.length);
  }
  const total = samples.length;
  const values = [...counts]
    .map(([value, weight]) => ({ value, samples: Math.round(weight), share: total === 0 ? 0 : weight / total }))
    .sort((a, b) => b.share - a.share || compare(a.value, b.value));
  return {
    values,
    distinct: values.length,
    effective: Math.exp(entropy(values.map(({ share }) => share))),
    gini: gini(values.map(({ share }) => share)),
    total,
  };
}

function compare(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Shannon entropy in nats. */
function entropy(shares: readonly number[]): number {
  return shares.reduce((sum, share) => (share > 0 ? sum - share * Math.log(share) : sum), 0);
}

/** Mean absolute difference over twice the mean (Gini 1912). */
function gini(shares: readonly number[]): number {
  const sorted = [...shares].sort((a, b) => a - b);
  const sum = sorted.reduce((all, share) => all + share, 0);
  if (sorted.length < 2 || sum === 0) return 0;
  const weighted = sorted.reduce((all, share, at) => all + (at + 1) * share, 0);
  return Math.max(0, (2 * weighted) / (sorted.length * sum) - (sorted.length + 1) / sorted.length);
}
