/**
 * @file Runs: their recipe, their progress from queued to finished, and who writes them. A run belongs to the process
 * that executes it. A run abandoned by another process becomes `interrupted` and can be resumed from its last
 * checkpoint. A run still waiting in the queue stays there, whatever happens to the process that queued it.
 */
import { AtelierError, type ErrorCode } from '../../contract/errors/errors.ts';
import { RunId, type DatasetId, type EvaluationId } from '../../contract/model/primitives.ts';
import { Recipe } from '../../contract/model/recipe.ts';
import type { RunDetail, RunFilter, RunStatus, RunSummary, RunWarning } from '../../contract/model/runs.ts';
import type { AuditStore } from '../audit/audit.ts';
import { canonicalJson, sha256Hex } from '../connection/canonical.ts';
import type { Database } from '../connection/connection.ts';
import { freeId } from '../connection/ids.ts';
import { mayBeAlive, type Owner } from '../connection/owner.ts';
import { createRunJournal, type CheckpointRecord } from './run-journal.ts';
import { createRunCare } from './run-care.ts';
import { usesDataset } from './uses-dataset.ts';
import { isFound, readRuns, tagsOf, toRunSummary, type RunChange, type RunRow } from './run-rows.ts';

export type RunEnd = { status: 'completed' } | { status: 'interrupted' | 'failed'; reason: string; code?: ErrorCode };

/** An earlier checkpoint to continue from, and the warning that says why. */
export interface Fallback {
  step: number;
  warning: RunWarning;
}

export type RunStore = ReturnType<typeof createRunStore>;

export function createRunStore(database: Database, audit: AuditStore, owner: Owner) {
  const { addStatus, truncateAfter, insertWarning, ...journal } = createRunJournal(database, assertWritable);

  async function rowOf(runId: RunId): Promise<RunRow> {
    const [row] = await readRuns(database, 'WHERE run.id = ?', [runId]);
    if (row !== undefined) return row;
    throw new AtelierError('NOT_FOUND', `There is no run with the id "${runId}".`, {
      place: { field: 'runId' },
      remedy: 'The list of runs shows the ids that exist.',
    });
  }

  async function assertWritable(runId: RunId): Promise<void> {
    const row = await database.get<{ status: RunStatus; owner: string | null }>(
      'SELECT status, owner FROM run WHERE id = ?',
      [runId],
    );
    if (row?.status === 'running' && row.owner === owner.token) return;
    if (row === undefined) await rowOf(runId);
    throw new AtelierError(
      'CONFLICT',
      `The run ${runId} is not written by this Atelier any more (it is ${row?.status ?? 'gone'}).`,
      {
        place: { field: 'runId' },
        remedy: 'Another Atelier took it over or marked it as interrupted; resume it from there.',
      },
    );
  }

  /** Records the run's current state for watchers; call it in the transaction that changed the state. */
  async function changed(runId: RunId): Promise<RunChange> {
    const summary = await summaryOf(runId);
    return { summary, event: await addStatus(runId, summary) };
  }

  /**
   * Stores the recipe (once per content) and a queued run of it that belongs to this process.
   * @param createdAt when its data was fixed, if that was before now; ISO 8601
   */
  async function create(recipe: Recipe, createdAt?: string): Promise<RunChange> {
    const canonical = canonicalJson(Recipe.parse(recipe));
    const sha256 = sha256Hex(canonical);
    return await database.transaction(async () => {
      const now = new Date().toISOString();
      const at = createdAt ?? now;
      await database.run(
        'INSERT INTO recipe (sha256, canonical_json, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
        [sha256, canonical, at],
      );
      const id = RunId.parse(await freeId(database, 'run', `run-${sha256.slice(0, 8)}`));
      await database.run(
        `INSERT INTO run (id, recipe_sha256, name, method, status, model_id, dataset_id, steps, created_at, owner, owner_host, owner_pid, heartbeat_at)
         VALUES (?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          id,
          sha256,
          recipe.name,
          recipe.method,
          recipe.modelId,
          recipe.datasetId,
          recipe.steps,
          at,
          owner.token,
          owner.host,
          owner.pid,
          now,
        ],
      );
      await audit.append('run.created', {
        runId: id,
        recipeSha256: sha256,
        datasetSha256: recipe.datasetSha256,
        modelSha256: recipe.modelSha256,
      });
      return await changed(id);
    });
  }

  /** From queued to running, on `device`. */
  async function begin(runId: RunId, device: string | null = null): Promise<RunChange> {
    return await database.transaction(async () => {
      const row = await rowOf(runId);
      refuseUnless(row, ['queued'], 'started');
      await take(runId, device);
      await audit.append('run.started', { runId });
      return await changed(runId);
    });
  }

  async function take(runId: RunId, device: string | null): Promise<void> {
    const at = new Date().toISOString();
    await database.run(
      `UPDATE run SET status = 'running', started_at = ifnull(started_at, ?), ended_at = NULL, reason = NULL, end_code = NULL, device = ifnull(?, device),
         owner = ?, owner_host = ?, owner_pid = ?, heartbeat_at = ? WHERE id = ?`,
      [at, device, owner.token, owner.host, owner.pid, at, runId],
    );
  }

  /** The device that the engine chose; known only after it has started. */
  async function setDevice(runId: RunId, device: string): Promise<void> {
    await database.run('UPDATE run SET device = ? WHERE id = ?', [device, runId]);
  }

  /** Ends a queued or running run. */
  async function end(runId: RunId, outcome: RunEnd): Promise<RunChange> {
    return await database.transaction(async () => {
      const row = await rowOf(runId);
      refuseUnless(row, ['queued', 'running'], 'ended');
      if (row.owner !== owner.token) await assertWritable(runId);
      return await endRow(runId, outcome);
    });
  }

  async function endRow(runId: RunId, outcome: RunEnd): Promise<RunChange> {
    const reason = outcome.status === 'completed' ? null : outcome.reason;
    const code = outcome.status === 'completed' ? null : (outcome.code ?? null);
    await database.run(
      'UPDATE run SET status = ?, reason = ?, end_code = ?, ended_at = ?, owner = NULL, owner_host = NULL, owner_pid = NULL WHERE id = ?',
      [outcome.status, reason, code, new Date().toISOString(), runId],
    );
    const step = await journal.lastStep(runId);
    await audit.append(`run.${outcome.status}`, { runId, step });
    return await changed(runId);
  }

  /** Ends a waiting run, whichever process queued it. */
  async function leaveLine(runId: RunId, reason: string): Promise<RunChange> {
    return await database.transaction(async () => {
      refuseUnless(await rowOf(runId), ['queued'], 'taken out of the queue');
      return await endRow(runId, { status: 'interrupted', reason });
    });
  }

  /**
   * Queues an interrupted or failed run again, to continue from its last checkpoint (or from the start if it has none).
   * Anything recorded after the checkpoint is removed and will be written again; the audit log records this.
   * @param fallback if the last checkpoints cannot be used: the one before them
   */
  async function resume(
    runId: RunId,
    fallback?: Fallback,
  ): Promise<RunChange & { checkpoint: CheckpointRecord | null; removedSteps: number }> {
    return await database.transaction(async () => {
      // The run's process may have died after this store was opened.
      await interruptOrphans();
      refuseUnless(await rowOf(runId), ['interrupted', 'failed'], 'resumed');
      const { checkpoint, removedSteps } = await takeBack(runId, fallback);
      const at = new Date().toISOString();
      await database.run(
        `UPDATE run SET status = 'queued', removed_at = NULL, ended_at = NULL, reason = NULL, end_code = NULL, owner = ?, owner_host = ?, owner_pid = ?, heartbeat_at = ? WHERE id = ?`,
        [owner.token, owner.host, owner.pid, at, runId],
      );
      return { ...(await changed(runId)), checkpoint, removedSteps };
    });
  }

  /** Takes an active run whose engine was lost back to its last checkpoint, from which it continues automatically. */
  async function rewind(runId: RunId, fallback?: Fallback): Promise<RunChange & { fromStep: number }> {
    return await database.transaction(async () => {
      await assertWritable(runId);
      const { fromStep } = await takeBack(runId, fallback, { by: 'atelier' });
      return { ...(await changed(runId)), fromStep };
    });
  }

  /** Removes everything recorded after the last checkpoint and audits the removal; call it inside a transaction. */
  async function takeBack(
    runId: RunId,
    fallback: Fallback | undefined,
    said: Record<string, string> = {},
  ): Promise<{ checkpoint: CheckpointRecord | null; fromStep: number; removedSteps: number }> {
    const kept = (await journal.checkpoints(runId)).filter(({ step }) => step <= (fallback?.step ?? Infinity));
    const checkpoint = kept.at(-1) ?? null;
    const fromStep = checkpoint?.step ?? 0;
    const removedSteps = await truncateAfter(runId, fromStep);
    // Chosen when the run had trained, which it now does again.
    await database.run('UPDATE run SET result_step = NULL WHERE id = ?', [runId]);
    if (fallback !== undefined) await insertWarning(runId, fallback.warning);
    await audit.append('run.resumed', { runId, fromStep, removedSteps, ...said });
    return { checkpoint, fromStep, removedSteps };
  }

  /** Lets one of its checkpoints stand for a run that has trained. */
  async function setResult(runId: RunId, step: number): Promise<RunChange> {
    return await database.transaction(async () => {
      await assertWritable(runId);
      await database.run('UPDATE run SET result_step = ? WHERE id = ?', [step, runId]);
      await audit.append('run.result', { runId, step });
      return await changed(runId);
    });
  }

  /** Sets the evaluation before or after the run that its card shows. */
  async function setEvaluation(runId: RunId, which: 'base' | 'tuned', evaluationId: EvaluationId): Promise<RunChange> {
    return await database.transaction(async () => {
      await rowOf(runId);
      const column = which === 'base' ? 'base_evaluation_id' : 'tuned_evaluation_id';
      await database.run(`UPDATE run SET ${column} = ? WHERE id = ?`, [evaluationId, runId]);
      return await changed(runId);
    });
  }

  /** Records that this process is still working on its runs. */
  async function heartbeat(): Promise<void> {
    await database.run(`UPDATE run SET heartbeat_at = ? WHERE owner = ? AND status IN ('queued', 'running')`, [
      new Date().toISOString(),
      owner.token,
    ]);
  }

  /**
   * Marks runs whose process has ended as interrupted. Leaves alone runs that are live in another process, and runs
   * waiting in the queue.
   */
  async function interruptOrphans(nowMs: number = Date.now()): Promise<RunSummary[]> {
    const active = `WHERE (run.status = 'running' OR (run.status = 'queued' AND NOT EXISTS
      (SELECT 1 FROM queue_entry WHERE kind = 'run' AND run_id = run.id AND queue_entry.status = 'waiting')))
      ORDER BY run.created_at`;
    const candidates = (await readRuns(database, active)).filter((row) => !mayBeAlive(row, owner, nowMs));
    if (candidates.length === 0) return [];
    return await database.transaction(async () => {
      const interrupted: RunSummary[] = [];
      for (const row of await readRuns(database, active)) {
        if (mayBeAlive(row, owner, nowMs)) continue;
        const from =
          row.last_checkpoint_step === null
            ? 'It has no checkpoint yet and starts again from the beginning.'
            : `It can be resumed from step ${row.last_checkpoint_step}.`;
        const reason = `Atelier ended while this run was ${row.status === 'queued' ? 'waiting' : `at step ${row.step}`}. ${from}`;
        interrupted.push((await endRow(RunId.parse(row.id), { status: 'interrupted', reason })).summary);
      }
      return interrupted;
    });
  }

  async function summaryOf(runId: RunId): Promise<RunSummary> {
    return await toRunSummary(database, await rowOf(runId));
  }

  /** Runs, newest first: those in the trash only if they are asked for, and then no others. */
  async function list({ search = '', tag, removed = false }: NonNullable<RunFilter> = {}): Promise<RunSummary[]> {
    const clause = `WHERE run.removed_at IS ${removed ? 'NOT NULL' : 'NULL'} ORDER BY run.created_at DESC, run.id`;
    const rows = (await readRuns(database, clause)).filter(
      (row) => isFound(row, search) && (tag === undefined || tagsOf(row).includes(tag)),
    );
    const summaries: RunSummary[] = [];
    for (const row of rows) summaries.push(await toRunSummary(database, row));
    return summaries;
  }

  async function get(runId: RunId): Promise<RunDetail> {
    const row = await rowOf(runId);
    return { summary: await toRunSummary(database, row), recipe: (await recipeOf(runId)).recipe, device: row.device };
  }

  /**
   * The recipe with its canonical text and hash, as recorded in the provenance.
   * @throws AtelierError VERIFICATION_FAILED if the text is not the one that its hash names
   */
  async function recipeOf(runId: RunId): Promise<{ recipe: Recipe; canonicalJson: string; sha256: string }> {
    const { recipe_sha256: sha256 } = await rowOf(runId);
    const row = await database.get<{ canonical_json: string }>('SELECT canonical_json FROM recipe WHERE sha256 = ?', [
      sha256,
    ]);
    if (row === undefined) throw new Error(`The recipe of ${runId} is missing.`);
    if (sha256Hex(row.canonical_json) !== sha256) {
      throw new AtelierError(
        'VERIFICATION_FAILED',
        `The recipe of ${runId} is not the one that the run was started with: the store was changed outside Atelier.`,
        { remedy: 'Restore the data folder from a backup. Atelier does not use, resume or sign a changed recipe.' },
      );
    }
    return { recipe: Recipe.parse(JSON.parse(row.canonical_json)), canonicalJson: row.canonical_json, sha256 };
  }

  /** Forgets checkpoints of a completed run, never its last one, and audits which. */
  async function forgetCheckpoints(runId: RunId, steps: readonly number[]): Promise<void> {
    await database.transaction(async () => {
      refuseUnless(await rowOf(runId), ['completed'], 'rid of its checkpoints');
      const removed = await database.run(
        `DELETE FROM checkpoint WHERE run_id = ?1 AND step IN (SELECT value FROM json_each(?2))
           AND step < (SELECT max(step) FROM checkpoint WHERE run_id = ?1)`,
        [runId, JSON.stringify(steps)],
      );
      if (removed.changes > 0) await audit.append('run.checkpoints-removed', { runId, steps: [...steps] });
    });
  }

  /** Runs of a dataset that have not ended. */
  async function activeRunsOf(datasetId: DatasetId): Promise<RunId[]> {
    const rows = await database.all<{ id: string }>(
      `SELECT id FROM run WHERE status IN ('queued', 'running') AND ${usesDataset('?1')}`,
      [datasetId],
    );
    return rows.map((row) => RunId.parse(row.id));
  }

  return {
    create,
    begin,
    end,
    leaveLine,
    resume,
    rewind,
    setDevice,
    setResult,
    setEvaluation,
    heartbeat,
    interruptOrphans,
    summary: summaryOf,
    list,
    get,
    recipeOf,
    activeRunsOf,
    forgetCheckpoints,
    ...createRunCare({ database, audit, rowOf, changed }),
    ...journal,
  };
}

function refuseUnless(row: RunRow, allowed: RunStatus[], action: string): void {
  if (allowed.includes(row.status)) return;
  throw new AtelierError('CONFLICT', `The run "${row.name}" (${row.id}) is ${row.status}, so it cannot be ${action}.`, {
    place: { field: 'runId' },
    remedy: `Only a run that is ${allowed.join(' or ')} can be ${action}.`,
  });
}
