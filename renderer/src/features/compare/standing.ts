/** @file Which run is better on the same questions, as far as the paired tests support it. */
import type { EvaluationComparison, EvaluationId, EvaluationSummary } from '../../../../electron/contract/api/index.ts';

export type Entrant = { key: string; name: string; evaluation: EvaluationSummary | undefined };
export type Outcome = EvaluationComparison['verdict'];

const REVERSED: Record<Outcome, Outcome> = { better: 'worse', worse: 'better', undecided: 'undecided' };

/** The known comparisons, by `pairKey`. */
export type Pairs = ReadonlyMap<string, EvaluationComparison>;

export function pairKey(first: EvaluationId, second: EvaluationId): string {
  return `${first} ${second}`;
}

/** How `row` compares with `column`; undefined while unknown. */
export function outcomeOf(
  pairs: Pairs,
  row: Entrant,
  column: Entrant,
): { outcome: Outcome; points: number } | undefined {
  if (row.evaluation === undefined || column.evaluation === undefined) return undefined;
  const straight = pairs.get(pairKey(column.evaluation.id, row.evaluation.id));
  if (straight !== undefined) {
    return { outcome: straight.verdict, points: straight.difference.value };
  }
  const turned = pairs.get(pairKey(row.evaluation.id, column.evaluation.id));
  if (turned === undefined) return undefined;
  return { outcome: REVERSED[turned.verdict], points: -turned.difference.value };
}

export type Standing =
  | { kind: 'tooFew' }
  /** One is better than all the others. */
  | { kind: 'best'; best: Entrant; others: Entrant[] }
  /** The run with the most correct answers is not significantly better than `rival`. */
  | { kind: 'noRanking'; leader: Entrant; rival: Entrant }
  | { kind: 'unknown' };

/** The conclusion about all runs together. */
export function standing(entrants: readonly Entrant[], pairs: Pairs): Standing {
  const asked = entrants.filter((entrant) => entrant.evaluation !== undefined);
  if (asked.length < 2) return { kind: 'tooFew' };
  const sorted = asked.toSorted((a, b) => (b.evaluation?.accuracy.value ?? 0) - (a.evaluation?.accuracy.value ?? 0));
  const [leader, ...others] = sorted;
  if (leader === undefined) return { kind: 'tooFew' };
  const outcomes = others.map((other) => ({ other, found: outcomeOf(pairs, leader, other) }));
  if (outcomes.some(({ found }) => found === undefined)) return { kind: 'unknown' };
  const rival = outcomes.find(({ found }) => found?.outcome !== 'better');
  return rival === undefined
    ? { kind: 'best', best: leader, others }
    : { kind: 'noRanking', leader, rival: rival.other };
}

/** What was asked: a dataset, or all those of a mixture. Only evaluations of the same can stand beside each other. */
export function dataKey({ datasetId, byDataset }: Pick<EvaluationSummary, 'datasetId' | 'byDataset'>): string {
  return keyOfDatasets(byDataset === undefined ? [datasetId] : byDataset.map((part) => part.datasetId));
}

export function keyOfDatasets(ids: readonly string[]): string {
  return ids.join(KEY_MARK);
}

/** The datasets of a key. */
export function datasetsOf(key: string): string[] {
  return key.split(KEY_MARK);
}

const KEY_MARK = '\n';

/** The newest evaluation of a run (runId) or of the untrained model (null), on what a key names, in one mode. */
export function newestFor(
  evaluations: readonly EvaluationSummary[],
  runId: string | null,
  data: string,
  mode: string,
): EvaluationSummary | undefined {
  return evaluations
    .filter(
      (entry) => entry.runId === runId && dataKey(entry) === data && entry.mode === mode && entry.split === 'test',
    )
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))[0];
}
