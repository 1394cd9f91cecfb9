/** @file What the answers of evaluations are worth, for comparisons that need no texts. */
import type { EvaluationItem } from '../../contract/model/evaluations.ts';
import { AnswerMetrics } from '../../contract/model/metrics.ts';
import { SampleId, type EvaluationId } from '../../contract/model/primitives.ts';
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

/** Answers with their metrics, and with what makes them answers to the same question. */
export async function measuredAnswers(
  database: Database,
  evaluationId: EvaluationId,
): Promise<Pick<EvaluationItem, 'sampleId' | 'variant' | 'question' | 'metrics'>[]> {
  const rows = await database.all<{
    sample_id: string;
    variant: number | null;
    question: string | null;
    metrics_json: string;
  }>(
    `SELECT sample_id, variant, question, metrics_json FROM evaluation_item
      WHERE evaluation_id = ? AND metrics_json IS NOT NULL ORDER BY ordinal`,
    [evaluationId],
  );
  return rows.map(({ sample_id, variant, question, metrics_json }) => ({
    sampleId: SampleId.parse(sample_id),
    metrics: AnswerMetrics.parse(JSON.parse(metrics_json)),
    ...(variant === null ? {} : { variant }),
    ...(question === null ? {} : { question }),
  }));
}
