/** @file How often training drew each sample: what a bundle's manifest says about an image's use. */
import type { RunId } from '../../contract/model/primitives.ts';
import type { Database } from '../connection/connection.ts';

/**
 * Draws per sample id up to and with `throughStep`; a sample that stands in two groups of one step counts twice.
 * Null if the run recorded no completions (supervised training), so that nothing is claimed.
 */
export async function timesDrawn(
  database: Database,
  runId: RunId,
  throughStep: number,
): Promise<Map<string, number> | null> {
  const rows = await database.all<{ sample_id: string; draws: number }>(
    `SELECT sample_id, count(*) AS draws FROM completion
      WHERE run_id = ? AND step <= ? AND group_index = 0 GROUP BY sample_id`,
    [runId, throughStep],
  );
  return rows.length === 0 ? null : new Map(rows.map((row) => [row.sample_id, row.draws]));
}
