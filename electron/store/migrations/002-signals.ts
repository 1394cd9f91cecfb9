/**
 * @file What images say about their own use, the resulting verdicts, and the user's decisions to override them. Signals
 * and verdicts are written with their dataset and never change; decisions are added and never changed.
 */
import type { Migration } from './migration.ts';

const SCRIPT = `
CREATE TABLE signal (
  id INTEGER PRIMARY KEY,
  dataset_id TEXT NOT NULL REFERENCES dataset (id),
  image_sha256 TEXT NOT NULL REFERENCES image (sha256),
  ordinal INTEGER NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL CHECK (value IN ('allow', 'disallow', 'constrained', 'unknown', 'error')),
  scope TEXT NOT NULL,
  trust TEXT NOT NULL CHECK (trust IN ('trusted', 'valid', 'unsigned', 'invalid')),
  locator TEXT NOT NULL,
  -- The exact words, bounded; embedded ones can be read again from the image, which is kept as it came.
  raw TEXT NOT NULL,
  statement TEXT NOT NULL,
  read_at TEXT NOT NULL,
  UNIQUE (dataset_id, image_sha256, ordinal)
) STRICT;
CREATE INDEX signal_by_image ON signal (image_sha256, value);
CREATE TRIGGER signal_is_immutable BEFORE UPDATE ON signal
BEGIN SELECT RAISE(ABORT, 'a signal cannot be changed after its import'); END;

-- Only for images that said something; no row = unknown.
CREATE TABLE signal_verdict (
  dataset_id TEXT NOT NULL REFERENCES dataset (id),
  image_sha256 TEXT NOT NULL REFERENCES image (sha256),
  verdict TEXT NOT NULL CHECK (verdict IN ('opted-out', 'allowed', 'unknown')),
  reason TEXT NOT NULL,
  PRIMARY KEY (dataset_id, image_sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX signal_verdict_opted_out ON signal_verdict (dataset_id) WHERE verdict = 'opted-out';
CREATE TRIGGER signal_verdict_is_immutable BEFORE UPDATE ON signal_verdict
BEGIN SELECT RAISE(ABORT, 'a verdict cannot be changed after its import'); END;

-- Files that lay beside images when they were imported (tdmrep.json, headers, sidecar XMP), whole.
CREATE TABLE signal_evidence (
  dataset_id TEXT NOT NULL REFERENCES dataset (id),
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (dataset_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE signal_decision (
  id INTEGER PRIMARY KEY,
  dataset_id TEXT NOT NULL REFERENCES dataset (id),
  image_sha256 TEXT NOT NULL REFERENCES image (sha256),
  use INTEGER NOT NULL CHECK (use IN (0, 1)),
  basis TEXT NOT NULL CHECK (basis IN ('own-work', 'permission', 'other')),
  reason TEXT NOT NULL,
  decided_at TEXT NOT NULL
) STRICT;
CREATE INDEX signal_decision_by_image ON signal_decision (dataset_id, image_sha256, id);
CREATE TRIGGER signal_decision_is_never_updated BEFORE UPDATE ON signal_decision
BEGIN SELECT RAISE(ABORT, 'a decision can only be followed by another'); END;
CREATE TRIGGER signal_decision_is_never_deleted BEFORE DELETE ON signal_decision
BEGIN SELECT RAISE(ABORT, 'a decision can only be followed by another'); END;

-- Where a licence or the authors were read; null for what is not stated, and for imports of older versions.
ALTER TABLE sample ADD COLUMN licence_source TEXT;
ALTER TABLE sample ADD COLUMN authors_source TEXT;
`;

export const migration002: Migration = { version: 2, name: 'signals', script: SCRIPT };
