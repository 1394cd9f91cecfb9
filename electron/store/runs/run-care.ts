/**
 * @file Names, tags and the trash of runs. A run in the trash keeps its whole record, because exports, experiments and the
 * audit log refer to it; emptying the trash only forgets its checkpoints.
 */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { RunId } from '../../contract/model/primitives.ts';
import type { RunTag } from '../../contract/model/runs.ts';
import type { AuditStore } from '../audit/audit.ts';
import type { Database } from '../connection/connection.ts';
import type { RunChange, RunRow } from './run-rows.ts';

type Parts = {
  database: Database;
  audit: AuditStore;
  rowOf: (runId: RunId) => Promise<RunRow>;
  changed: (runId: RunId) => Promise<RunChange>;
};

export function createRunCare({ database, audit, rowOf, changed }: Parts) {
  /** The recipe keeps the name with which the run was started: its hash is in the papers. */
  async function rename(runId: RunId, name: string): Promise<RunChange> {
    return await database.transaction(async () => {
      const { name: before } = await rowOf(runId);
      if (name !== before) {
        await database.run('UPDATE run SET name = ? WHERE id = ?', [name, runId]);
        await database.run(`UPDATE queue_entry SET title = ? WHERE kind = 'run' AND run_id = ?`, [name, runId]);
        await audit.append('run.renamed', { runId, before, name });
      }
      return await changed(runId);
    });
  }

  /** Replaces the tags of a run; each is kept once, in alphabetical order. */
  async function setTags(runId: RunId, tags: readonly RunTag[]): Promise<RunChange> {
    return await database.transaction(async () => {
      await rowOf(runId);
      const kept = [...new Set(tags)].sort((a, b) => a.localeCompare(b, 'en'));
      await database.run('UPDATE run SET tags_json = ? WHERE id = ?', [JSON.stringify(kept), runId]);
      return await changed(runId);
    });
  }

  /** @throws AtelierError CONFLICT if the run, its experiment or an evaluation of it has not ended */
  async function remove(runId: RunId): Promise<RunChange> {
    return await database.transaction(async () => {
      const row = await rowOf(runId);
      const reason = await useOf(row);
      if (reason !== null) {
        throw new AtelierError('CONFLICT', `The run "${row.name}" (${runId}) cannot be removed: ${reason}`, {
          place: { field: 'runId' },
          remedy: 'Stop what uses it or wait for its end, then remove the run.',
        });
      }
      if (row.removed_at === null) {
        await database.run('UPDATE run SET removed_at = ? WHERE id = ?', [new Date().toISOString(), runId]);
        await audit.append('run.removed', { runId });
      }
      return await changed(runId);
    });
  }

  async function restore(runId: RunId): Promise<RunChange> {
    return await database.transaction(async () => {
      if ((await rowOf(runId)).removed_at !== null) {
        await database.run('UPDATE run SET removed_at = NULL WHERE id = ?', [runId]);
        await audit.append('run.restored', { runId });
      }
      return await changed(runId);
    });
  }

  /** What still needs a run, as a sentence; null if nothing does. */
  async function useOf({ id, status }: RunRow): Promise<string | null> {
    if (status === 'queued') return 'It waits in the queue.';
    if (status === 'running') return 'It is in progress.';
    const waiting = await database.get<{ title: string }>('SELECT title FROM queue_entry WHERE run_id = ? LIMIT 1', [
      id,
    ]);
    if (waiting !== undefined) return `"${waiting.title}" in the queue needs it.`;
    const experiment = await database.get<{ name: string }>(
      `SELECT experiment.name FROM experiment JOIN experiment_child ON experiment_child.experiment_id = experiment.id
        WHERE experiment_child.run_id = ? AND experiment.status IN ('queued', 'running') LIMIT 1`,
      [id],
    );
    return experiment === undefined ? null : `The experiment "${experiment.name}", which has not ended, needs it.`;
  }

  /**
   * Forgets every checkpoint of a run in the trash, and audits which. Call it before the files go.
   * @returns why nothing was forgotten, as a sentence; otherwise null
   */
  async function discard(runId: RunId): Promise<string | null> {
    return await database.transaction(async () => {
      const row = await rowOf(runId);
      if (row.removed_at === null) return 'It is not in the trash any more.';
      const reason = await useOf(row);
      if (reason !== null) return reason;
      const steps = await database.all<{ step: number }>('SELECT step FROM checkpoint WHERE run_id = ? ORDER BY step', [
        runId,
      ]);
      await database.run('DELETE FROM checkpoint WHERE run_id = ?', [runId]);
      await database.run('UPDATE run SET result_step = NULL WHERE id = ?', [runId]);
      if (steps.length > 0) {
        await audit.append('run.checkpoints-removed', { runId, steps: steps.map(({ step }) => step) });
        await changed(runId);
      }
      return null;
    });
  }

  return { rename, setTags, remove, restore, discard };
}
