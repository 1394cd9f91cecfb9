/** @file Short ids that you can read and type: a stem, followed by a number if the stem is taken. */
import { randomBytes } from 'node:crypto';
import type { Database } from './connection.ts';

type TableWithId = 'dataset' | 'run' | 'evaluation' | 'export' | 'model' | 'experiment' | 'handoff' | 'label_sheet';

/**
 * The first of `stem`, `stem-2`, `stem-3`, … that is not yet in the table. Call it inside the inserting transaction.
 */
export async function freeId(database: Database, table: TableWithId, stem: string): Promise<string> {
  const rows = await database.all<{ id: string }>(`SELECT id FROM ${table} WHERE id = ? OR substr(id, 1, ?) = ?`, [
    stem,
    stem.length + 1,
    `${stem}-`,
  ]);
  const taken = new Set(rows.map((row) => row.id));
  if (!taken.has(stem)) return stem;
  for (let count = 2; ; count += 1) {
    const id = `${stem}-${count}`;
    if (!taken.has(id)) return id;
  }
}

/** `prefix-` followed by eight random hex digits. */
export function randomStem(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}
