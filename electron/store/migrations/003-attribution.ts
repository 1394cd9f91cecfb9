/**
 * @file Contribution: how much each group's own objective fell under the update of its step. Written with the step
 * during training (`measured`), or all at once by a replay (`exact`).
 */
import type { Migration } from './migration.ts';

const SCRIPT = `
CREATE TABLE attribution (
  run_id TEXT NOT NULL REFERENCES run (id),
  method TEXT NOT NULL CHECK (method IN ('measured', 'exact')),
  step INTEGER NOT NULL,
  -- Place of the group in its step; a sample that is drawn twice in one step has two rows.
  position INTEGER NOT NULL,
  sample_id TEXT NOT NULL,
  -- Inner product of the group's gradient with the step's negative update: above 0, the update served it.
  projection REAL NOT NULL,
  PRIMARY KEY (run_id, method, step, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE replay (
  run_id TEXT PRIMARY KEY REFERENCES run (id),
  finished_at TEXT NOT NULL,
  steps INTEGER NOT NULL,
  reproduced INTEGER NOT NULL CHECK (reproduced IN (0, 1)),
  -- The first step whose loss differed from the log, as JSON; null where none did.
  difference_json TEXT
) STRICT, WITHOUT ROWID;
`;

export const migration003: Migration = { version: 3, name: 'attribution', script: SCRIPT };
