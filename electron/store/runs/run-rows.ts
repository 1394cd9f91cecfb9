/** @file Converts run rows to the contract's summaries. */
import { ErrorCode } from '../../contract/errors/errors.ts';
import { EvaluationSummary, NoLook } from '../../contract/model/evaluations.ts';
import { EvaluationId, Proportion } from '../../contract/model/primitives.ts';
import { isElsewhere } from '../../contract/model/handoffs.ts';
import { RunSummary, type RunEvent, type RunStatus, type RunTag } from '../../contract/model/runs.ts';
import type { Database, SqlParams } from '../connection/connection.ts';
import type { OwnerRecord } from '../connection/owner.ts';
import { comparePaired } from '../../method/paired-comparison.ts';
import { compareMetrics } from '../../method/metric-comparison.ts';
import { countPairs, measuredAnswers } from '../evaluations/paired-counts.ts';
import { thinnedSteps } from './thinning.ts';

/** A change to a run's own row: the resulting summary, and the event for watchers. */
export type RunChange = { summary: RunSummary; event: RunEvent };

const SPARKLINE_POINTS = 60;
/** The last steps are the best predictor of how long the next ones take. */
const TIMED_STEPS = 20;

export type RunRow = OwnerRecord & {
  id: string;
  recipe_sha256: string;
  name: string;
  method: string;
  status: RunStatus;
  model_id: string;
  model_name: string;
  dataset_id: string;
  dataset_name: string;
  /** Of all datasets of a mixture; null if there is one. */
  mixture_names: string | null;
  step: number;
  steps: number;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  reason: string | null;
  end_code: string | null;
  device: string | null;
  last_checkpoint_step: number | null;
  seconds_per_step: number | null;
  base_id: string | null;
  base_json: string | null;
  tuned_id: string | null;
  tuned_json: string | null;
  base_parts_json: string | null;
  tuned_parts_json: string | null;
  no_look_json: string | null;
  has_metrics: number;
  base_lenient_json: string | null;
  tuned_lenient_json: string | null;
  experiment_id: string | null;
  tags_json: string;
  removed_at: string | null;
};

/**
 * Newest reasoning evaluation on the run's test split alone. A run on a mixture has only evaluations of its own: those of
 * one of its datasets do not stand for it.
 */
const NEWEST = (whose: string): string => `(SELECT id FROM evaluation AS e
      WHERE ${whose} AND e.dataset_id = run.dataset_id AND e.split = 'test' AND e.mode = 'reasoning'
        AND json_extract(e.summary_json, '$.byDataset') IS NULL
        AND (SELECT json_extract(canonical_json, '$.mixture') FROM recipe WHERE sha256 = run.recipe_sha256) IS NULL
      ORDER BY e.created_at DESC LIMIT 1)`;

/** Prefers an evaluation explicitly assigned to the run; otherwise uses the newest one on the same test split. */
const SELECT_RUN = `
SELECT run.*, model.name AS model_name, dataset.name AS dataset_name,
  (SELECT group_concat(named.name, ' + ') FROM recipe, json_each(recipe.canonical_json, '$.mixture') AS part
     JOIN dataset AS named ON named.id = json_extract(part.value, '$.datasetId')
     WHERE recipe.sha256 = run.recipe_sha256) AS mixture_names,
  (SELECT ifnull(max(step), 0) FROM step WHERE run_id = run.id) AS step,
  ifnull(run.result_step, (SELECT max(step) FROM checkpoint WHERE run_id = run.id)) AS last_checkpoint_step,
  (SELECT avg(seconds) FROM (SELECT seconds FROM step WHERE run_id = run.id ORDER BY step DESC LIMIT ${TIMED_STEPS}))
    AS seconds_per_step,
  (SELECT experiment_id FROM experiment_child WHERE run_id = run.id LIMIT 1) AS experiment_id,
  base.id AS base_id, json_extract(base.summary_json, '$.accuracy') AS base_json,
  json_extract(base.summary_json, '$.byDataset') AS base_parts_json,
  json_extract(tuned.summary_json, '$.byDataset') AS tuned_parts_json,
  json_extract(base.summary_json, '$.lenient') AS base_lenient_json,
  json_extract(tuned.summary_json, '$.lenient') AS tuned_lenient_json,
  tuned.id AS tuned_id, json_extract(tuned.summary_json, '$.accuracy') AS tuned_json,
  json_extract(base.summary_json, '$.metrics') IS NOT NULL AND json_extract(tuned.summary_json, '$.metrics') IS NOT NULL
    AS has_metrics,
  ifnull(json_extract(tuned.summary_json, '$.noLook'), json_extract(base.summary_json, '$.noLook')) AS no_look_json
FROM run JOIN model ON model.id = run.model_id JOIN dataset ON dataset.id = run.dataset_id
  LEFT JOIN evaluation AS base
    ON base.id = ifnull(run.base_evaluation_id, ${NEWEST('e.model_id = run.model_id AND e.run_id IS NULL')})
  LEFT JOIN evaluation AS tuned
    ON tuned.id = ifnull(run.tuned_evaluation_id, ${NEWEST('e.run_id = run.id')})`;

/** Runs selected by `clause` (WHERE … ORDER BY … on `run`). */
export async function readRuns(database: Database, clause: string, params: SqlParams = []): Promise<RunRow[]> {
  return await database.all<RunRow>(`${SELECT_RUN} ${clause}`, params);
}

export async function toRunSummary(database: Database, row: RunRow): Promise<RunSummary> {
  const active = row.status === 'running' || row.status === 'queued';
  return RunSummary.parse({
    id: row.id,
    name: row.name,
    method: row.method,
    status: row.status,
    modelId: row.model_id,
    modelName: row.model_name,
    datasetId: row.dataset_id,
    datasetName: nameOfData(row),
    step: row.step,
    steps: row.steps,
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    reason: row.reason,
    endCode: ErrorCode.nullable().catch(null).parse(row.end_code),
    sparkline: await sparkline(database, row.id),
    lastCheckpointStep: row.last_checkpoint_step,
    secondsPerStep: row.seconds_per_step,
    secondsLeft: active && row.seconds_per_step !== null ? (row.steps - row.step) * row.seconds_per_step : null,
    base: proportion(row.base_json),
    tuned: proportion(row.tuned_json),
    lenient: { base: proportion(row.base_lenient_json), tuned: proportion(row.tuned_lenient_json) },
    ...byDataset(row),
    evaluationIds: { base: row.base_id, tuned: row.tuned_id },
    comparison: await comparisonOf(database, row),
    ...(row.has_metrics === 1 ? { metrics: await metricsOf(database, row) } : {}),
    noLook: row.no_look_json === null ? null : NoLook.parse(JSON.parse(row.no_look_json)),
    ...(row.experiment_id === null ? {} : { experimentId: row.experiment_id }),
    ...(isElsewhere(row.device) ? { elsewhere: true } : {}),
    ...(row.tags_json === '[]' ? {} : { tags: tagsOf(row) }),
    ...(row.removed_at === null ? {} : { removedAt: row.removed_at }),
  });
}

export function tagsOf(row: Pick<RunRow, 'tags_json'>): RunTag[] {
  return JSON.parse(row.tags_json) as RunTag[];
}

/** The name of the run's dataset, or those of its mixture. */
function nameOfData(row: RunRow): string {
  return row.mixture_names ?? row.dataset_name;
}

/** Whether every word of a search occurs somewhere in what a list shows of a run. */
export function isFound(row: RunRow, search: string): boolean {
  const shown = [row.name, row.id, row.method, row.model_name, nameOfData(row), ...tagsOf(row)]
    .join('\n')
    .toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => shown.includes(word));
}

function byDataset({ base_parts_json, tuned_parts_json }: RunRow): Pick<RunSummary, 'byDataset'> {
  const read = (json: string | null): NonNullable<EvaluationSummary['byDataset']> =>
    json === null ? [] : (EvaluationSummary.shape.byDataset.parse(JSON.parse(json)) ?? []);
  const [base, tuned] = [read(base_parts_json), read(tuned_parts_json)];
  if (base.length === 0 && tuned.length === 0) return {};
  const parts = new Map([...base, ...tuned].map(({ datasetId, name }) => [datasetId, name]));
  return {
    byDataset: [...parts].map(([datasetId, name]) => ({
      datasetId,
      name,
      base: base.find((each) => each.datasetId === datasetId)?.accuracy ?? null,
      tuned: tuned.find((each) => each.datasetId === datasetId)?.accuracy ?? null,
    })),
  };
}

function proportion(json: string | null): Proportion | null {
  return json === null ? null : Proportion.parse(JSON.parse(json));
}

async function comparisonOf(database: Database, { base_id, tuned_id }: RunRow): Promise<RunSummary['comparison']> {
  if (base_id === null || tuned_id === null) return null;
  return comparePaired(await countPairs(database, EvaluationId.parse(base_id), EvaluationId.parse(tuned_id)));
}

async function metricsOf(database: Database, { base_id, tuned_id }: RunRow): Promise<RunSummary['metrics']> {
  if (base_id === null || tuned_id === null) return [];
  return compareMetrics(
    await measuredAnswers(database, EvaluationId.parse(base_id)),
    await measuredAnswers(database, EvaluationId.parse(tuned_id)),
  );
}

async function sparkline(database: Database, runId: string): Promise<number[]> {
  const rows = await thinnedSteps<{ reward: number }>(
    database,
    runId,
    SPARKLINE_POINTS,
    'reward',
    'AND reward IS NOT NULL',
  );
  return rows.map((row) => row.reward);
}
