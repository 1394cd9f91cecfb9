/** @file Thins out a long series in SQL: evenly spaced steps, always including the first and the last. */
import type { Database } from '../connection/connection.ts';

/**
 * Columns of at most `maxPoints` (at least 2) steps of a run, in order. Row r of n (counting from 0) is kept if
 * floor(r·(m−1)/(n−1)) is larger than for the previous row: this yields exactly m rows, including both ends. Only the
 * step numbers, which the index holds, are scanned; full rows are read only for the selected points. `columns` and
 * `condition` are our own SQL; the condition drops points from those selected.
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
