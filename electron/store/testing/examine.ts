/** @file For tests and the campaign: looks at a store from outside, over a connection of its own. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isInUse } from '../backup/store-copy.ts';
import { createBlobStore } from '../connection/blobs.ts';
import type { Database } from '../connection/connection.ts';
import { openStore } from '../connection/open.ts';
import { withDatabase } from './raw-database.ts';

export interface StoredRun {
  id: string;
  status: string;
  /** 0 if no step is stored. */
  lastStep: number;
}

/** The runs as they stand in the file; nothing is migrated, repaired or marked. */
export async function storedRuns(home: string): Promise<StoredRun[]> {
  if (!existsSync(join(home, 'atelier.sqlite'))) return [];
  return await withDatabase(home, (database) =>
    database.all<StoredRun>(
      'SELECT id, status, coalesce((SELECT max(step) FROM step WHERE run_id = run.id), 0) AS lastStep FROM run',
    ),
  );
}

/** The checkpoints as recorded. */
export async function storedCheckpoints(home: string): Promise<{ path: string; sha256: string }[]> {
  return await withDatabase(home, (database) => database.all('SELECT path, sha256 FROM checkpoint'));
}

/** The folders of the models as recorded. */
export async function storedModels(home: string): Promise<string[]> {
  return await withDatabase(home, async (database) =>
    (await database.all<{ path: string }>('SELECT path FROM model')).map(({ path }) => path),
  );
}

/** Whether an evaluation waits in the queue or is stored. */
export async function isQueuedOrEvaluated(home: string): Promise<boolean> {
  return await withDatabase(home, async (database) => {
    const row = await database.get<{ n: number }>(
      "SELECT (SELECT count(*) FROM queue_entry WHERE kind = 'evaluation') + (SELECT count(*) FROM evaluation) AS n",
    );
    return (row?.n ?? 0) > 0;
  });
}

/**
 * What is wrong with a store that no process has open, as sentences; empty if nothing is. Opens it once as Atelier
 * does, which marks what dead processes left.
 */
export async function examineStore(home: string): Promise<string[]> {
  const problems: string[] = [];
  if (await isInUse(join(home, 'atelier.sqlite'))) problems.push('A process still holds a lock on the store.');
  const store = await openStore(home);
  try {
    const audit = await store.audit.verify();
    if (!audit.intact) problems.push(`The audit log is broken: ${audit.reason ?? ''}`);
  } finally {
    await store.close();
  }
  const blobs = createBlobStore(join(home, 'blobs'));
  return await withDatabase(home, async (database) => {
    problems.push(...(await examineDatabase(database)));
    for (const { sha256 } of await database.all<{ sha256: string }>('SELECT sha256 FROM image'))
      if (!(await blobs.verify(sha256))) problems.push(`The image ${sha256} is missing or damaged.`);
    return problems;
  });
}

async function examineDatabase(database: Database): Promise<string[]> {
  const integrity = await database.all<{ integrity_check: string }>('PRAGMA integrity_check');
  const broken = await database.all<{ table: string }>('PRAGMA foreign_key_check');
  const running = await database.all<{ id: string }>(`SELECT id FROM run WHERE status = 'running'`);
  const gaps = await database.all<{ run_id: string }>(
    'SELECT run_id FROM step GROUP BY run_id HAVING count(*) <> max(step) OR min(step) <> 1',
  );
  return [
    ...integrity.filter(({ integrity_check: found }) => found !== 'ok').map((row) => `Damaged: ${row.integrity_check}`),
    ...broken.map(({ table }) => `A row of ${table} names a row that does not exist.`),
    ...running.map(({ id }) => `The run ${id} counts as running.`),
    ...gaps.map(({ run_id: id }) => `Steps are missing in the run ${id}.`),
  ];
}

/** How much is stored: rows that are only ever added, so less of them means that something was lost. */
export async function storedAmount(home: string): Promise<number> {
  return await withDatabase(home, async (database) => {
    const row = await database.get<{ n: number }>(
      'SELECT (SELECT count(*) FROM audit) + (SELECT count(*) FROM step) + (SELECT count(*) FROM sample) AS n',
    );
    return row?.n ?? 0;
  });
}
