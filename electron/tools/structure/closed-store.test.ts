/** @file Only the store uses SQL and the database; every other room goes through its repositories. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readImports, ROOT } from './import-graph.ts';

// A statement at the start of a string, as passed to `run`, `get`, `all` or `exec`.
const STATEMENT =
  /(['"`])\s*(?:SELECT\s[^'"`]*?\bFROM\b|INSERT\s+(?:OR\s+\w+\s+)?INTO\b|UPDATE\s+\w+\s+SET\b|DELETE\s+FROM\b|CREATE\s+(?:UNIQUE\s+)?(?:TABLE|INDEX|TRIGGER)\b|PRAGMA\s|VACUUM\b|WITH\s+\w+\s+AS\s*\()/;

/** What a file does that only the store may do; empty if nothing. */
function breaches(file: string, text: string, imports: readonly string[]): string[] {
  const found: string[] = [];
  const statement = STATEMENT.exec(text);
  if (statement !== null) found.push(`${file} holds SQL: ${statement[0].slice(1, 60)}`);
  if (/\bstore\.db\b/.test(text)) found.push(`${file} reaches for the database of the store`);
  for (const target of imports)
    if (target === 'electron/store/connection/connection.ts') found.push(`${file} imports ${target}`);
  return found;
}

describe('the closed store', () => {
  it.each([
    ['await db.run(`INSERT INTO run (id) VALUES (?)`, [id]);'],
    ["await db.all<Row>('SELECT id\\n FROM run WHERE id = ?', [id]);"],
    ["const sql = 'UPDATE run SET name = ?';"],
    ["await db.exec('PRAGMA user_version = 9');"],
    ['await store.db.transaction(work);'],
  ])('finds %s', (text) => {
    expect(breaches('x.ts', text, [])).toHaveLength(1);
  });

  it.each([
    ["const label = 'Select images from the list';"],
    ["const text = 'UPDATE: the run has ended';"],
    ['await store.transaction(() => store.runs.create(recipe));'],
  ])('does not mind %s', (text) => {
    expect(breaches('x.ts', text, [])).toEqual([]);
  });

  it('holds in every file of the product', () => {
    const outside = [...readImports()].filter(([file]) => !file.startsWith('electron/store/'));
    expect(outside.length).toBeGreaterThan(300);
    const found = outside.flatMap(([file, imports]) => breaches(file, readFileSync(join(ROOT, file), 'utf8'), imports));
    expect(found).toEqual([]);
  });
});
