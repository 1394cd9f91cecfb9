/** @file Compares two evaluations question by question and says which one is better, if the questions can show it. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { EvaluationComparison, EvaluationSummary } from '../../contract/model/evaluations.ts';
import type { PairedComparison } from '../../contract/model/paired-comparison.ts';
import type { EvaluationId } from '../../contract/model/primitives.ts';
import { compareMetrics } from '../../method/metric-comparison.ts';
import { comparePaired, pairItems } from '../../method/paired-comparison.ts';
import { wilson } from '../../method/statistics.ts';
import { comparisonText } from '../../reporting/comparison-text.ts';
import type { StudioCore } from '../context.ts';

/**
 * Compares `b` with `a`.
 * @throws AtelierError BAD_INPUT if the two have no questions in common
 */
export async function compareEvaluations(
  { store }: Pick<StudioCore, 'store'>,
  { a, b }: { a: EvaluationId; b: EvaluationId },
): Promise<EvaluationComparison> {
  const [first, second] = [await store.evaluations.get(a), await store.evaluations.get(b)];
  for (const [field, { id, mode }] of [
    ['a', first],
    ['b', second],
  ] as const) {
    if (mode !== 'samples' && mode !== 'drift') continue;
    throw new AtelierError(
      'BAD_INPUT',
      `The evaluation ${id} has several sampled answers to each question, which are not paired.`,
      {
        place: { field },
        remedy: 'Compare two evaluations with greedy answers; `atelier compare --explain` uses the sampled ones.',
      },
    );
  }
  const items = [await store.evaluations.items(a), await store.evaluations.items(b)] as const;
  const pairs = pairItems(...items);
  const metrics = compareMetrics(...items);
  const comparison = comparePaired(pairs.counts);
  if (comparison === null) {
    throw new AtelierError('BAD_INPUT', `The evaluations ${a} and ${b} have no question in common.`, {
      place: { field: 'b' },
      remedy: 'Compare two evaluations of the same dataset, split and mode.',
    });
  }
  const { n, both, lost, gained } = comparison;
  return {
    ...comparison,
    first,
    second,
    firstAccuracy: wilson(both + lost, n),
    secondAccuracy: wilson(both + gained, n),
    ...(metrics.length === 0 ? {} : { metrics }),
    sentence: sentenceOf(comparison, first, second),
    lostItems: pairs.lost,
    gainedItems: pairs.gained,
  };
}

function sentenceOf(comparison: PairedComparison, first: EvaluationSummary, second: EvaluationSummary): string {
  const by = comparisonText(comparison);
  const saw = detailWords(first, second);
  if (comparison.verdict === 'undecided') return `These questions cannot tell which one is better: ${by}.${saw}`;
  const [winner, place] = comparison.verdict === 'better' ? [second, 'second'] : [first, 'first'];
  const name = winner.runId === null ? 'The base model' : `The run ${winner.runId}`;
  return `${name} is better (the ${place} evaluation): ${by}.${saw}`;
}

/** Says that the two did not see the same detail of the pictures, if both are known. */
function detailWords(first: EvaluationSummary, second: EvaluationSummary): string {
  const [a, b] = [first.maxPixels, second.maxPixels];
  if (a === b || a === null || b === null) return '';
  return ` The first saw at most ${a.toLocaleString('en')} pixels of each picture, the second ${b.toLocaleString('en')}.`;
}
