/**
 * @file Experiments: the request, the children planned for it, and the run and evaluations that answered each child.
 */
import { AtelierError } from '../../contract/errors/errors.ts';
import { ExperimentRequest, type ExperimentChild, type ExperimentStatus } from '../../contract/model/experiments.ts';
import { EvaluationId, ExperimentId, ModelId, RunId } from '../../contract/model/primitives.ts';
import type { z } from 'zod';
import type { AuditStore } from '../audit/audit.ts';
import { canonicalJson, sha256Hex } from '../connection/canonical.ts';
import type { Database } from '../connection/connection.ts';
import { freeId } from '../connection/ids.ts';

export type ParsedExperiment = z.output<typeof ExperimentRequest>;
export type ChildStatus = ExperimentChild['status'];

export type StoredExperiment = {
  id: ExperimentId;
  name: string;
  status: ExperimentStatus;
  modelId: ModelId;
  request: ParsedExperiment;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  reason: string | null;
};

export type StoredChild = {
  ordinal: number;
  /** The plan as made; the studio knows its format. */
  plan: unknown;
  runId: RunId | null;
  status: ChildStatus;
  reason: string | null;
  /** Evaluations made so far, by the number of the planned test. */
  evaluations: Map<number, EvaluationId>;
};

type Row = {
  id: string;
  name: string;
  status: ExperimentStatus;
  model_id: string;
  request_json: string;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  reason: string | null;
};

export type ExperimentStore = ReturnType<typeof createExperimentStore>;

export function createExperimentStore(database: Database, audit: AuditStore) {
  /** Stores the request and every child as waiting. */
  async function create(request: ParsedExperiment, name: string, plans: readonly unknown[]): Promise<StoredExperiment> {
    return await database.transaction(async () => {
      const json = canonicalJson(request);
      const sha256 = sha256Hex(json);
      const id = ExperimentId.parse(await freeId(database, 'experiment', `${request.kind}-${sha256.slice(0, 8)}`));
      await database.run(
        `INSERT INTO experiment (id, kind, name, status, model_id, request_json, request_sha256, created_at)
         VALUES (?, ?, ?, 'queued', ?, ?, ?, ?)`,
        [id, request.kind, name, request.modelId, json, sha256, new Date().toISOString()],
      );
      for (const [ordinal, plan] of plans.entries()) {
        await database.run(
          `INSERT INTO experiment_child (experiment_id, ordinal, plan_json, status) VALUES (?, ?, ?, 'waiting')`,
          [id, ordinal, JSON.stringify(plan)],
        );
      }
      await audit.append('experiment.created', { experimentId: id, requestSha256: sha256, children: plans.length });
      return await get(id);
    });
  }

  async function get(experimentId: ExperimentId): Promise<StoredExperiment> {
    const row = await database.get<Row>('SELECT * FROM experiment WHERE id = ?', [experimentId]);
    if (row !== undefined) return toExperiment(row);
    throw new AtelierError('NOT_FOUND', `There is no experiment with the id "${experimentId}".`, {
      place: { field: 'experimentId' },
      remedy: 'The list of experiments shows the ids that exist.',
    });
  }

  /** Newest first. */
  async function list(): Promise<StoredExperiment[]> {
    return (await database.all<Row>('SELECT * FROM experiment ORDER BY created_at DESC, rowid DESC')).map(toExperiment);
  }

  /** The newest experiment with exactly this request, whatever its outcome. */
  async function findSame(request: ParsedExperiment): Promise<StoredExperiment | null> {
    const row = await database.get<Row>(
      'SELECT * FROM experiment WHERE request_sha256 = ? ORDER BY created_at DESC, rowid DESC LIMIT 1',
      [sha256Hex(canonicalJson(request))],
    );
    return row === undefined ? null : toExperiment(row);
  }

  async function children(experimentId: ExperimentId): Promise<StoredChild[]> {
    const rows = await database.all<{
      ordinal: number;
      plan_json: string;
      run_id: string | null;
      status: ChildStatus;
      reason: string | null;
    }>('SELECT * FROM experiment_child WHERE experiment_id = ? ORDER BY ordinal', [experimentId]);
    const tests = await database.all<{ ordinal: number; test: number; evaluation_id: string }>(
      'SELECT ordinal, test, evaluation_id FROM experiment_test WHERE experiment_id = ?',
      [experimentId],
    );
    return rows.map((row) => ({
      ordinal: row.ordinal,
      plan: JSON.parse(row.plan_json) as unknown,
      runId: row.run_id === null ? null : RunId.parse(row.run_id),
      status: row.status,
      reason: row.reason,
      evaluations: new Map(
        tests
          .filter((test) => test.ordinal === row.ordinal)
          .map((test) => [test.test, EvaluationId.parse(test.evaluation_id)]),
      ),
    }));
  }

  /** Sets the outcome of the whole experiment and records it in the audit log. */
  async function setStatus(
    experimentId: ExperimentId,
    status: ExperimentStatus,
    reason: string | null = null,
  ): Promise<void> {
    await database.transaction(async () => {
      const at = new Date().toISOString();
      const ended = status === 'queued' || status === 'running' ? null : at;
      await database.run(
        `UPDATE experiment SET status = ?, reason = ?, ended_at = ?,
           started_at = CASE WHEN ? = 'running' THEN ifnull(started_at, ?) ELSE started_at END WHERE id = ?`,
        [status, reason, ended, status, at, experimentId],
      );
      await audit.append(`experiment.${status}`, { experimentId });
    });
  }

  async function setChild(
    experimentId: ExperimentId,
    ordinal: number,
    change: { status: ChildStatus; reason?: string | null; runId?: RunId },
  ): Promise<void> {
    await database.run(
      `UPDATE experiment_child SET status = ?, reason = ?, run_id = ifnull(?, run_id) WHERE experiment_id = ? AND ordinal = ?`,
      [change.status, change.reason ?? null, change.runId ?? null, experimentId, ordinal],
    );
  }

  async function setTest(
    experimentId: ExperimentId,
    ordinal: number,
    test: number,
    evaluationId: EvaluationId,
  ): Promise<void> {
    await database.run(
      'INSERT OR REPLACE INTO experiment_test (experiment_id, ordinal, test, evaluation_id) VALUES (?, ?, ?, ?)',
      [experimentId, ordinal, test, evaluationId],
    );
  }

  /** The experiment that a run belongs to as a child; null for a standalone run. */
  async function ofRun(runId: RunId): Promise<ExperimentId | null> {
    const row = await database.get<{ experiment_id: string }>(
      'SELECT experiment_id FROM experiment_child WHERE run_id = ? LIMIT 1',
      [runId],
    );
    return row === undefined ? null : ExperimentId.parse(row.experiment_id);
  }

  /** Marks an experiment whose process ended while it ran; children in progress count as interrupted. */
  async function interrupt(experimentId: ExperimentId, reason: string): Promise<void> {
    await database.transaction(async () => {
      await database.run(
        `UPDATE experiment_child SET status = 'interrupted', reason = ? WHERE experiment_id = ? AND status = 'running'`,
        [reason, experimentId],
      );
      await setStatus(experimentId, 'interrupted', reason);
    });
  }

  return { create, get, list, findSame, children, setStatus, setChild, setTest, ofRun, interrupt };
}

function toExperiment(row: Row): StoredExperiment {
  return {
    id: ExperimentId.parse(row.id),
    name: row.name,
    status: row.status,
    modelId: ModelId.parse(row.model_id),
    request: ExperimentRequest.parse(JSON.parse(row.request_json)),
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    reason: row.reason,
  };
}
