/**
 * @file Each sample's contribution to a run: how often it was drawn, each group's projection on the update of its step,
 * and whether a replay produced the same losses.
 */
import { SampleId, type RunId } from '../../contract/model/primitives.ts';
import type { Database } from '../connection/connection.ts';

export type ProjectionMethod = 'measured' | 'exact';

/** How much a step's update helped a sample's group, in units of the loss. */
export interface Projection {
  sampleId: SampleId;
  projection: number;
}

export interface ReplayRecord {
  finishedAt: string;
  steps: number;
  reproduced: boolean;
  difference: { step: number; logged: number; replayed: number } | null;
}

/** Writes the groups of one step in order. Omits numbers that are not finite: there the step changed nothing. */
export async function insertProjections(
  database: Database,
  runId: RunId,
  method: ProjectionMethod,
  step: number,
  projections: readonly Projection[],
): Promise<void> {
  const rows = projections
    .map(({ sampleId, projection }, position) => ({ position, sampleId, projection }))
    .filter(({ projection }) => Number.isFinite(projection));
  await database.run(
    `INSERT OR REPLACE INTO attribution (run_id, method, step, position, sample_id, projection)
     SELECT ?1, ?2, ?3, value ->> 'position', value ->> 'sampleId', value ->> 'projection' FROM json_each(?4)`,
    [runId, method, step, JSON.stringify(rows)],
  );
}

/** Removes everything recorded after a step, and any replay that went beyond it and so no longer matches the run. */
export async function truncateAttribution(database: Database, runId: RunId, step: number): Promise<void> {
  await database.run('DELETE FROM attribution WHERE run_id = ? AND step > ?', [runId, step]);
  await database.run('DELETE FROM replay WHERE run_id = ? AND steps > ?', [runId, step]);
}

export type ContributionStore = ReturnType<typeof createContributionStore>;

export function createContributionStore(database: Database) {
  /** Every projection up to and including a step, in order. */
  async function projectionsOf(
    runId: RunId,
    method: ProjectionMethod,
    throughStep: number,
  ): Promise<{ step: number; sampleId: SampleId; projection: number }[]> {
    const rows = await database.all<{ step: number; sample_id: string; projection: number }>(
      `SELECT step, sample_id, projection FROM attribution
        WHERE run_id = ? AND method = ? AND step <= ? ORDER BY step, position`,
      [runId, method, throughStep],
    );
    return rows.map((row) => ({
      step: row.step,
      sampleId: SampleId.parse(row.sample_id),
      projection: row.projection,
    }));
  }

  /** The last step with projections of a method; 0 = none. */
  async function projectedThrough(runId: RunId, method: ProjectionMethod): Promise<number> {
    const row = await database.get<{ step: number | null }>(
      'SELECT max(step) AS step FROM attribution WHERE run_id = ? AND method = ?',
      [runId, method],
    );
    return row?.step ?? 0;
  }

  /** Stores a complete replay, replacing any earlier one. */
  async function saveReplay(
    runId: RunId,
    record: ReplayRecord,
    steps: ReadonlyMap<number, readonly Projection[]>,
  ): Promise<void> {
    await database.transaction(async () => {
      await database.run("DELETE FROM attribution WHERE run_id = ? AND method = 'exact'", [runId]);
      for (const [step, projections] of steps) await insertProjections(database, runId, 'exact', step, projections);
      await database.run(
        'INSERT OR REPLACE INTO replay (run_id, finished_at, steps, reproduced, difference_json) VALUES (?, ?, ?, ?, ?)',
        [
          runId,
          record.finishedAt,
          record.steps,
          record.reproduced ? 1 : 0,
          record.difference === null ? null : JSON.stringify(record.difference),
        ],
      );
    });
  }

  async function replayOf(runId: RunId): Promise<ReplayRecord | null> {
    const row = await database.get<{
      finished_at: string;
      steps: number;
      reproduced: number;
      difference_json: string | null;
    }>('SELECT * FROM replay WHERE run_id = ?', [runId]);
    if (row === undefined) return null;
    return {
      finishedAt: row.finished_at,
      steps: row.steps,
      reproduced: row.reproduced === 1,
      difference: row.difference_json === null ? null : (JSON.parse(row.difference_json) as ReplayRecord['difference']),
    };
  }

  /**
   * Every draw of a sample, step by step, with the token count and mean reward of its group (null: no reward had an
   * opinion).
   */
  async function groupsDrawn(
    runId: RunId,
    throughStep: number,
  ): Promise<{ step: number; sampleId: SampleId; tokens: number; reward: number | null; signal: number }[]> {
    const rows = await database.all<{
      step: number;
      sample_id: string;
      tokens: number;
      reward: number | null;
      signal: number;
    }>(
      // A sample drawn twice in one step has two groups, distinguished by the position of their first completion.
      `SELECT step, sample_id, sum(tokens) AS tokens, avg(reward) AS reward, sum(abs(advantage)) AS signal
         FROM (SELECT *, sum(group_index = 0) OVER (PARTITION BY step ORDER BY ordinal) AS place
                 FROM completion WHERE run_id = ? AND step <= ?)
        GROUP BY step, place ORDER BY step, place`,
      [runId, throughStep],
    );
    return rows.map((row) => ({
      step: row.step,
      sampleId: SampleId.parse(row.sample_id),
      tokens: row.tokens,
      reward: row.reward,
      signal: row.signal,
    }));
  }

  /**
   * Draws per sample id up to and including `throughStep`; a sample in two groups of one step counts twice. Null if the
   * run recorded no completions (supervised training), so that the result claims nothing.
   */
  async function timesDrawn(runId: RunId, throughStep: number): Promise<Map<string, number> | null> {
    const rows = await database.all<{ sample_id: string; draws: number }>(
      `SELECT sample_id, count(*) AS draws FROM completion
        WHERE run_id = ? AND step <= ? AND group_index = 0 GROUP BY sample_id`,
      [runId, throughStep],
    );
    return rows.length === 0 ? null : new Map(rows.map((row) => [row.sample_id, row.draws]));
  }

  /**
   * Steps that moved no weight beyond rounding: their learning rate was at most `tooSmall` (zero in the first step of a
   * warm-up), or every projection that was computed for them is zero.
   */
  async function idleSteps(runId: RunId, throughStep: number, tooSmall: number): Promise<Set<number>> {
    const rows = await database.all<{ step: number }>(
      `SELECT step FROM step WHERE run_id = ?1 AND step <= ?2 AND metrics_json ->> 'learningRate' <= ?3
        UNION
       SELECT step FROM attribution WHERE run_id = ?1 AND step <= ?2 GROUP BY step HAVING max(abs(projection)) = 0`,
      [runId, throughStep, tooSmall],
    );
    return new Set(rows.map(({ step }) => step));
  }

  return { idleSteps, projectionsOf, projectedThrough, saveReplay, replayOf, groupsDrawn, timesDrawn };
}
