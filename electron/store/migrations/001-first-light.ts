/**
 * @file The first schema. All tables are STRICT, hashes are lower-case hex SHA-256, times are UTC ISO 8601, and columns
 * ending in `_json` hold JSON. Rows that a run or a signature refers to (samples, recipes, audit) cannot be updated:
 * triggers abort the statement.
 */
import type { Migration } from './migration.ts';

const DATA = `
CREATE TABLE licence (
  expression TEXT PRIMARY KEY,
  first_seen_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE source (
  id INTEGER PRIMARY KEY,
  title TEXT NOT NULL,
  author TEXT,
  licence TEXT REFERENCES licence (expression),
  url TEXT
) STRICT;
CREATE UNIQUE INDEX source_identity ON source (title, ifnull(author, ''), ifnull(licence, ''), ifnull(url, ''));

CREATE TABLE image (
  sha256 TEXT PRIMARY KEY,
  format TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  width INTEGER NOT NULL CHECK (width > 0),
  height INTEGER NOT NULL CHECK (height > 0),
  imported_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE dataset (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  created_at TEXT NOT NULL,
  origin TEXT NOT NULL,
  snapshot_sha256 TEXT NOT NULL,
  -- Counts over the samples, which never change: made once, at import.
  facts_json TEXT NOT NULL,
  warnings_json TEXT NOT NULL,
  request_json TEXT NOT NULL,
  -- 'counting@<hash of its table>' for data that ships with Atelier.
  starter_key TEXT UNIQUE,
  removed_at TEXT
) STRICT;
CREATE INDEX dataset_snapshot ON dataset (snapshot_sha256);

CREATE TABLE sample (
  id TEXT PRIMARY KEY,
  dataset_id TEXT NOT NULL REFERENCES dataset (id),
  position INTEGER NOT NULL,
  image_sha256 TEXT NOT NULL REFERENCES image (sha256),
  image_name TEXT NOT NULL,
  task TEXT NOT NULL,
  prompt TEXT NOT NULL,
  answer TEXT NOT NULL,
  split TEXT NOT NULL CHECK (split IN ('train', 'test')),
  licence TEXT REFERENCES licence (expression),
  authors_json TEXT NOT NULL,
  extra_json TEXT NOT NULL,
  UNIQUE (dataset_id, position)
) STRICT;
CREATE INDEX sample_by_split ON sample (dataset_id, split, position);
CREATE INDEX sample_by_licence ON sample (dataset_id, licence, position);
CREATE INDEX sample_by_image ON sample (image_sha256);
CREATE TRIGGER sample_is_immutable BEFORE UPDATE ON sample
BEGIN SELECT RAISE(ABORT, 'a sample cannot be changed after its import'); END;

CREATE TABLE sample_source (
  sample_id TEXT NOT NULL REFERENCES sample (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  source_id INTEGER NOT NULL REFERENCES source (id),
  PRIMARY KEY (sample_id, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX sample_source_by_source ON sample_source (source_id);
`;

const TRAINING = `
CREATE TABLE model (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  parameters INTEGER NOT NULL,
  licence TEXT,
  prompt_template TEXT NOT NULL,
  description TEXT,
  starter INTEGER NOT NULL CHECK (starter IN (0, 1)),
  registered_at TEXT NOT NULL,
  -- Set when the folder's bytes changed and were registered anew; runs keep the old row.
  replaced_at TEXT
) STRICT;
CREATE UNIQUE INDEX model_path ON model (path) WHERE replaced_at IS NULL;

CREATE TABLE recipe (
  sha256 TEXT PRIMARY KEY,
  canonical_json TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER recipe_is_immutable BEFORE UPDATE ON recipe
BEGIN SELECT RAISE(ABORT, 'a recipe cannot be changed'); END;

CREATE TABLE run (
  id TEXT PRIMARY KEY,
  recipe_sha256 TEXT NOT NULL REFERENCES recipe (sha256),
  name TEXT NOT NULL,
  method TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'interrupted', 'failed')),
  model_id TEXT NOT NULL REFERENCES model (id),
  dataset_id TEXT NOT NULL REFERENCES dataset (id),
  steps INTEGER NOT NULL CHECK (steps > 0),
  created_at TEXT NOT NULL,
  started_at TEXT,
  ended_at TEXT,
  reason TEXT,
  device TEXT,
  -- Who writes this run: only that process may append to it.
  owner TEXT,
  owner_host TEXT,
  owner_pid INTEGER,
  heartbeat_at TEXT,
  base_evaluation_id TEXT REFERENCES evaluation (id),
  tuned_evaluation_id TEXT REFERENCES evaluation (id)
) STRICT;
CREATE INDEX run_by_created ON run (created_at);
CREATE INDEX run_by_status ON run (status);
CREATE INDEX run_by_dataset ON run (dataset_id, status);

CREATE TABLE step (
  run_id TEXT NOT NULL REFERENCES run (id),
  step INTEGER NOT NULL CHECK (step > 0),
  reward REAL,
  kl REAL,
  beta REAL,
  loss REAL NOT NULL,
  seconds REAL NOT NULL,
  metrics_json TEXT NOT NULL,
  recorded_at TEXT NOT NULL,
  PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE completion (
  run_id TEXT NOT NULL,
  step INTEGER NOT NULL,
  -- Order in which the engine gave them; a sample can stand in two groups of one step.
  ordinal INTEGER NOT NULL,
  sample_id TEXT NOT NULL REFERENCES sample (id),
  group_index INTEGER NOT NULL,
  text TEXT NOT NULL,
  tokens INTEGER NOT NULL,
  truncated INTEGER NOT NULL CHECK (truncated IN (0, 1)),
  -- Exact: SQLite's own reading of decimal numbers can be off by the last bit, JavaScript's is not.
  scores_json TEXT NOT NULL,
  -- The same, for questions in SQL.
  reward REAL NOT NULL,
  advantage REAL NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('correct', 'wrong', 'unparsed')),
  PRIMARY KEY (run_id, step, ordinal),
  FOREIGN KEY (run_id, step) REFERENCES step (run_id, step) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX completion_by_sample ON completion (run_id, sample_id, step);

CREATE TABLE checkpoint (
  run_id TEXT NOT NULL REFERENCES run (id),
  step INTEGER NOT NULL,
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_warning (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES run (id),
  step INTEGER NOT NULL,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX run_warning_by_run ON run_warning (run_id, step);

-- What runs.watch replays. A 'step' row names its step in ref; the metrics stay in their own table.
CREATE TABLE run_event (
  run_id TEXT NOT NULL REFERENCES run (id),
  seq INTEGER NOT NULL CHECK (seq > 0),
  type TEXT NOT NULL CHECK (type IN ('status', 'step', 'checkpoint', 'warning')),
  ref INTEGER,
  body_json TEXT,
  at TEXT NOT NULL,
  PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;
`;

const RESULTS = `
CREATE TABLE evaluation (
  id TEXT PRIMARY KEY,
  model_id TEXT NOT NULL REFERENCES model (id),
  run_id TEXT REFERENCES run (id),
  step INTEGER,
  dataset_id TEXT NOT NULL REFERENCES dataset (id),
  split TEXT NOT NULL CHECK (split IN ('train', 'test')),
  created_at TEXT NOT NULL,
  correct INTEGER NOT NULL,
  n INTEGER NOT NULL,
  summary_json TEXT NOT NULL
) STRICT;
CREATE INDEX evaluation_by_run ON evaluation (run_id, created_at);
CREATE INDEX evaluation_by_model ON evaluation (model_id, dataset_id, split, created_at);

CREATE TABLE evaluation_item (
  evaluation_id TEXT NOT NULL REFERENCES evaluation (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  sample_id TEXT NOT NULL REFERENCES sample (id),
  text TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('correct', 'wrong', 'unparsed')),
  format_ok INTEGER NOT NULL CHECK (format_ok IN (0, 1)),
  tokens INTEGER NOT NULL,
  PRIMARY KEY (evaluation_id, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE export (
  id TEXT PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES run (id),
  step INTEGER NOT NULL,
  path TEXT NOT NULL,
  created_at TEXT NOT NULL,
  root_sha256 TEXT NOT NULL,
  files_json TEXT NOT NULL
) STRICT;
CREATE INDEX export_by_run ON export (run_id, created_at);

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  action TEXT NOT NULL,
  body_json TEXT NOT NULL,
  prev TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
-- INSERT OR REPLACE deletes without asking the trigger below, so a taken number is refused here.
CREATE TRIGGER audit_only_appends BEFORE INSERT ON audit
WHEN NEW.seq IS NOT (SELECT ifnull(max(seq), 0) + 1 FROM audit)
BEGIN SELECT RAISE(ABORT, 'the audit log can only grow'); END;
CREATE TRIGGER audit_is_never_updated BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log can only grow'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log can only grow'); END;
`;

export const migration001: Migration = { version: 1, name: 'first-light', script: DATA + TRAINING + RESULTS };
