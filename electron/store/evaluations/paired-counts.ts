/** @file Compares the results of two evaluations on the same questions as counts, without reading their answers. */
import type { EvaluationId } from '../../contract/model/primitives.ts';
import type { PairedCounts } from '../../method/statistics.ts';
import type { Database } from '../connection/connection.ts';

/** The same pairs as `pairItems` in the method: same sample, wording and question. */
export async function countPairs(database: Database, first: EvaluationId, second: EvaluationId): Promise<PairedCounts> {
  const row = await database.get<Record<keyof PairedCounts, number | null>>(
    `SELECT sum(a AND b) AS both, sum(a AND NOT b) AS onlyFirst, sum(NOT a AND b) AS onlySecond,
       sum(NOT a AND NOT b) AS neither
       FROM (SELECT max(CASE WHEN evaluation_id = ?1 THEN verdict = 'correct' END) AS a,
                    max(CASE WHEN evaluation_id = ?2 THEN verdict = 'correct' END) AS b
               FROM evaluation_item WHERE evaluation_id IN (?1, ?2) GROUP BY sample_id, variant, question)
      WHERE a IS NOT NULL AND b IS NOT NULL`,
    [first, second],
  );
  const { both, onlyFirst, onlySecond, neither } = row ?? {};
  return { both: both ?? 0, onlyFirst: onlyFirst ?? 0, onlySecond: onlySecond ?? 0, neither: neither ?? 0 };
}
