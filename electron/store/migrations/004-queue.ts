/**
 * @file The queue and its waiting entries, experiments with their children, and the question an evaluation asked if it
 * was not the sample's own.
 */
import type { Migration } from './migration.ts';

const SCRIPT = `
CREATE TABLE experiment (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('sweep', 'contest', 'exam', 'study')),
  name TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'interrupted', 'failed')),
  model_id TEXT NOT NULL REFERENCES model (id),
  -- Complete, with every default filled in: it never changes.
  request_json TEXT NOT NULL,
  request_sha256 TEXT NOT NULL,
  created_at TEXT NOT NULL,
  started_at TEXT,
  ended_at TEXT,
  reason TEXT
) STRICT;
CREATE INDEX experiment_by_created ON experiment (created_at);
CREATE INDEX experiment_by_request ON experiment (request_sha256);

CREATE TABLE experiment_child (
  experiment_id TEXT NOT NULL REFERENCES experiment (id),
  ordinal INTEGER NOT NULL,
  -- What is done and for which tables: planned once, never changed.
  plan_json TEXT NOT NULL,
  run_id TEXT REFERENCES run (id),
  status TEXT NOT NULL CHECK (status IN ('waiting', 'running', 'completed', 'interrupted', 'failed')),
  reason TEXT,
  PRIMARY KEY (experiment_id, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX experiment_child_by_run ON experiment_child (run_id);

-- Which evaluation answered which test of a child.
CREATE TABLE experiment_test (
  experiment_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  test INTEGER NOT NULL,
  evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
  PRIMARY KEY (experiment_id, ordinal, test),
  FOREIGN KEY (experiment_id, ordinal) REFERENCES experiment_child (experiment_id, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE queue_entry (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('run', 'evaluation', 'experiment')),
  run_id TEXT REFERENCES run (id),
  experiment_id TEXT REFERENCES experiment (id),
  -- Only for evaluations.
  request_json TEXT,
  title TEXT NOT NULL,
  -- Smaller comes first. What a person moves gets a number between its new neighbours.
  rank REAL NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('waiting', 'working')),
  created_at TEXT NOT NULL,
  started_at TEXT,
  -- The process that put it in line or works on it; null once that has ended.
  owner TEXT,
  owner_host TEXT,
  owner_pid INTEGER,
  heartbeat_at TEXT
) STRICT;
CREATE INDEX queue_entry_by_rank ON queue_entry (rank);
CREATE UNIQUE INDEX queue_entry_by_run ON queue_entry (run_id) WHERE kind = 'run';
CREATE UNIQUE INDEX queue_entry_by_experiment ON queue_entry (experiment_id) WHERE kind = 'experiment';

ALTER TABLE evaluation ADD COLUMN mode TEXT NOT NULL DEFAULT 'reasoning';
ALTER TABLE evaluation_item ADD COLUMN question TEXT;
ALTER TABLE evaluation_item ADD COLUMN answer TEXT;
ALTER TABLE evaluation_item ADD COLUMN variant INTEGER;
`;

export const migration004: Migration = { version: 4, name: 'queue', script: SCRIPT };
