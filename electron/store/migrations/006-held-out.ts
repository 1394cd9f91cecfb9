/**
 * @file Results on held-out samples during a run, and the severity of a warning. The event table is rebuilt because
 * SQLite cannot change the list of types that a check allows.
 */
import type { Migration } from './migration.ts';

const SCRIPT = `
CREATE TABLE run_held_out (
  run_id TEXT NOT NULL REFERENCES run (id),
  step INTEGER NOT NULL CHECK (step >= 0),
  -- Accuracy, format, unparsed, thinking and length, with counts and intervals.
  point_json TEXT NOT NULL,
  recorded_at TEXT NOT NULL,
  PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;

ALTER TABLE run_warning ADD COLUMN severity TEXT CHECK (severity IN ('info', 'warning', 'problem'));

CREATE TABLE run_event_006 (
  run_id TEXT NOT NULL REFERENCES run (id),
  seq INTEGER NOT NULL CHECK (seq > 0),
  type TEXT NOT NULL CHECK (type IN ('status', 'step', 'checkpoint', 'warning', 'evaluation')),
  ref INTEGER,
  body_json TEXT,
  at TEXT NOT NULL,
  PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO run_event_006 SELECT run_id, seq, type, ref, body_json, at FROM run_event;
DROP TABLE run_event;
ALTER TABLE run_event_006 RENAME TO run_event;
`;

export const migration006: Migration = { version: 6, name: 'held-out', script: SCRIPT };
