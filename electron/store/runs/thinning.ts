/** @file Fewer points of a long series, chosen by SQL: evenly spaced steps, with the first and the last kept. */
import type { Database } from '../connection/connection.ts';

/**
 * Columns of at most `maxPoints` (at least 2) steps of a run, in order. Row r of n (from 0) is kept where
 * floor(r·(m−1)/(n−1)) is larger than for the row before: that gives exactly m rows, both ends among them. Only the
 * numbers of the steps are counted through, which the index holds; rows are read for the points alone.
 * `columns` and `condition` are SQL of our own; the condition leaves out points of those that were chosen.
 */
export async function thinnedSteps<Row>(
  database: Database,
  runId: string,
  maxPoints: number,
  columns: string,
  condition = '',
): Promise<Row[]> {
  return await database.all<Row>(
    `WITH numbered AS (
       SELECT step AS chosen, row_number() OVER (ORDER BY step) - 1 AS r, count(*) OVER () AS n
         FROM step WHERE run_id = ?1
     )
     SELECT ${columns} FROM numbered CROSS JOIN step ON step.run_id = ?1 AND step.step = numbered.chosen
      WHERE (n <= ?2 OR r = 0 OR (r * (?2 - 1)) / (n - 1) > ((r - 1) * (?2 - 1)) / (n - 1)) ${condition}
      ORDER BY chosen`,
    [runId, Math.max(2, Math.floor(maxPoints))],
  );
}
