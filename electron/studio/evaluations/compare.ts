/** @file Which of two evaluations is better, if that can be told: paired by question, with a test and an interval. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { EvaluationComparison, EvaluationSummary } from '../../contract/model/evaluations.ts';
import type { EvaluationId } from '../../contract/model/primitives.ts';
import type { StudioCore } from '../context.ts';
import { pairItems } from './pairs.ts';
import { mcnemar, mcnemarChiSquared, pairedDifference, wilson } from '../../method/statistics.ts';

/** Below so many changed answers only the exact test is used. */
const EXACT_BELOW = 25;
const SIGNIFICANT = 0.05;

/**
 * Compares `b` with `a`. Neither is called better where the interval of the difference holds 0, or p ≥ 0.05.
 * @throws AtelierError BAD_INPUT where the two were not asked a single question in common
 */
export async function compareEvaluations(
  { store }: Pick<StudioCore, 'store'>,
  { a, b }: { a: EvaluationId; b: EvaluationId },
): Promise<EvaluationComparison> {
  const [first, second] = [await store.evaluations.get(a), await store.evaluations.get(b)];
  const pairs = pairItems(await store.evaluations.items(a), await store.evaluations.items(b));
  const { both, onlyFirst: lost, onlySecond: gained, neither } = pairs.counts;
  const n = both + lost + gained + neither;
  if (n === 0) {
    throw new AtelierError('BAD_INPUT', `The evaluations ${a} and ${b} have no question in common.`, {
      place: { field: 'b' },
      remedy: 'Compare two evaluations of the same dataset, split and mode.',
    });
  }
  const difference = pairedDifference(pairs.counts);
  const test: EvaluationComparison['mcnemar'] =
    gained + lost < EXACT_BELOW
      ? { method: 'exact', p: mcnemar(pairs.counts).exactP }
      : { method: 'chi-squared', p: mcnemarChiSquared(pairs.counts) };
  const isDecided = test.p < SIGNIFICANT && (difference.low > 0 || difference.high < 0);
  const verdict = !isDecided ? 'undecided' : difference.value > 0 ? 'second' : 'first';
  return {
    first,
    second,
    n,
    firstAccuracy: wilson(both + lost, n),
    secondAccuracy: wilson(both + gained, n),
    both,
    lost,
    gained,
    neither,
    difference,
    mcnemar: test,
    verdict,
    sentence: sentenceOf(verdict, { n, gained, lost, difference, p: test.p }, first, second),
    lostItems: pairs.lost,
    gainedItems: pairs.gained,
  };
}

function sentenceOf(
  verdict: EvaluationComparison['verdict'],
  {
    n,
    gained,
    lost,
    difference,
    p,
  }: Pick<EvaluationComparison, 'n' | 'gained' | 'lost' | 'difference'> & { p: number },
  first: EvaluationSummary,
  second: EvaluationSummary,
): string {
  const by = `${points(difference.value)} points (95% interval ${points(difference.low)} to ${points(difference.high)}; ${gained} gained, ${lost} lost of ${n}; p ${p < 0.001 ? '< 0.001' : `= ${p.toFixed(3)}`})`;
  if (verdict === 'undecided') return `Which is better cannot be told from these questions: ${by}.`;
  const winner = verdict === 'second' ? second : first;
  const name = winner.runId === null ? 'The base model' : `The run ${winner.runId}`;
  return `${name} is better (the ${verdict} evaluation): ${by}.`;
}

function points(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(1)}`;
}
