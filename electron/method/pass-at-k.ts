/** @file pass@k: what a model gets right in at least one of k sampled answers. */
import type { PassAtK, PassComparison } from '../contract/model/evaluations.ts';
import { comparePaired } from './paired-comparison.ts';
import { meanInterval } from './statistics.ts';

/**
 * The unbiased estimate of the probability that at least one of k answers is right, from n answers of which c are right:
 * 1 − C(n − c, k) / C(n, k) (Chen et al. 2021, arXiv 2107.03374, Eq. 1), as the product that they compute.
 *
 * @throws RangeError unless 0 ≤ c ≤ n and 1 ≤ k ≤ n
 */
export function passAtK(n: number, c: number, k: number): number {
  const whole = [n, c, k].every((value) => Number.isInteger(value));
  if (!whole || c < 0 || c > n || k < 1 || k > n) {
    throw new RangeError(`pass@${k} cannot be estimated from ${c} right answers of ${n}.`);
  }
  if (n - c < k) return 1;
  let missed = 1;
  for (let i = n - c + 1; i <= n; i += 1) missed *= 1 - k / i;
  return 1 - missed;
}

/**
 * The curve for k = 1 … n over several questions.
 *
 * @param right right answers to each question
 * @param n answers to each question
 */
export function passCurve(right: readonly number[], n: number): PassAtK[] {
  return Array.from({ length: n }, (_, index) => {
    const k = index + 1;
    const { mean, low, high } = meanInterval(right.map((c) => passAtK(n, c, k)));
    return { k, value: mean, low: Math.max(0, low ?? 0), high: Math.min(1, high ?? 1) };
  });
}

/** Whether each sampled answer was right, in the order drawn, by question. */
export type SampledRight = ReadonlyMap<string, readonly boolean[]>;

/**
 * Compares two models on the questions that both sampled, with as many answers to each as both have. The verdict is the
 * paired test on questions with at least one right answer. Null if they share no question.
 */
export function comparePasses(first: SampledRight, second: SampledRight): PassComparison | null {
  const shared = [...first.keys()].filter((id) => second.has(id));
  const lengths = shared.flatMap((id) => [first.get(id)?.length ?? 0, second.get(id)?.length ?? 0]);
  const perQuestion = Math.min(...lengths);
  if (shared.length === 0 || perQuestion === 0) return null;
  const counts = (side: SampledRight): number[] =>
    shared.map((id) => (side.get(id) ?? []).slice(0, perQuestion).filter(Boolean).length);
  const [a, b] = [counts(first), counts(second)];
  const pairs = { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 };
  for (const [at, count] of a.entries()) {
    const after = (b[at] ?? 0) > 0;
    pairs[count > 0 ? (after ? 'both' : 'onlyFirst') : after ? 'onlySecond' : 'neither'] += 1;
  }
  const comparison = comparePaired(pairs);
  if (comparison === null) return null;
  return {
    perQuestion,
    questions: shared.length,
    first: passCurve(a, perQuestion),
    second: passCurve(b, perQuestion),
    comparison,
    verdict: ({ better: 'widened', worse: 'narrowed', undecided: 'undecided' } as const)[comparison.verdict],
  };
}
