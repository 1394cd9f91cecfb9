/** @file A record of exports: where each was written, and the hash that its signature covers. */
import { AtelierError } from '../../contract/errors/errors.ts';
import { ExportSummary } from '../../contract/model/exports.ts';
import { ExportId, type RunId } from '../../contract/model/primitives.ts';
import type { AuditStore } from '../audit/audit.ts';
import type { Database } from '../connection/connection.ts';
import { freeId, randomStem } from '../connection/ids.ts';

type ExportRow = {
  id: string;
  run_id: string;
  step: number;
  path: string;
  created_at: string;
  root_sha256: string;
  files_json: string;
};

export type ExportStore = ReturnType<typeof createExportStore>;

export function createExportStore(database: Database, audit: AuditStore) {
  /** Records an export that is complete and in its final place. */
  async function insert(summary: Omit<ExportSummary, 'id' | 'createdAt'>): Promise<ExportSummary> {
    return await database.transaction(async () => {
      const id = await freeId(database, 'export', randomStem('exp'));
      const stored = ExportSummary.parse({ ...summary, id, createdAt: new Date().toISOString() });
      await database.run(
        'INSERT INTO export (id, run_id, step, path, created_at, root_sha256, files_json) VALUES (?, ?, ?, ?, ?, ?, ?)',
        [id, stored.runId, stored.step, stored.path, stored.createdAt, stored.rootSha256, JSON.stringify(stored.files)],
      );
      await audit.append('export.recorded', {
        exportId: id,
        runId: stored.runId,
        step: stored.step,
        rootSha256: stored.rootSha256,
      });
      return stored;
    });
  }

  /** Newest first; for one run or all. */
  async function list(filter: { runId?: RunId | undefined } = {}): Promise<ExportSummary[]> {
    const rows =
      filter.runId === undefined
        ? await database.all<ExportRow>('SELECT * FROM export ORDER BY created_at DESC, rowid DESC')
        : await database.all<ExportRow>('SELECT * FROM export WHERE run_id = ? ORDER BY created_at DESC, rowid DESC', [
            filter.runId,
          ]);
    return rows.map(toExport);
  }

  async function get(exportId: ExportId): Promise<ExportSummary> {
    const row = await database.get<ExportRow>('SELECT * FROM export WHERE id = ?', [exportId]);
    if (row !== undefined) return toExport(row);
    throw new AtelierError('NOT_FOUND', `There is no export with the id "${exportId}".`, {
      place: { field: 'exportId' },
    });
  }

  return { insert, list, get };
}

function toExport(row: ExportRow): ExportSummary {
  return ExportSummary.parse({
    id: ExportId.parse(row.id),
    runId: row.run_id,
    step: row.step,
    path: row.path,
    createdAt: row.created_at,
    rootSha256: row.root_sha256,
    files: JSON.parse(row.files_json) as unknown,
  });
}
