/**
 * @file Pictures that are being labelled, apart from every dataset. Each change keeps what its pictures were before, so
 * that it can be undone.
 */
import type { Migration } from './migration.ts';

const SCRIPT = `
CREATE TABLE label_sheet (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  folder TEXT NOT NULL,
  created_at TEXT NOT NULL,
  -- The id of a learning task.
  task TEXT NOT NULL,
  question TEXT NOT NULL,
  orientation TEXT NOT NULL CHECK (orientation IN ('upright', 'as-stored')),
  dataset_id TEXT REFERENCES dataset (id),
  removed_at TEXT
) STRICT;

CREATE TABLE label_item (
  sheet_id TEXT NOT NULL REFERENCES label_sheet (id),
  position INTEGER NOT NULL,
  image_sha256 TEXT NOT NULL REFERENCES image (sha256),
  -- Relative to the sheet's folder.
  name TEXT NOT NULL,
  -- Null = the sheet's question.
  question TEXT,
  answer TEXT NOT NULL DEFAULT '',
  left_out INTEGER NOT NULL DEFAULT 0 CHECK (left_out IN (0, 1)),
  proposal_json TEXT,
  answered_at TEXT,
  -- Why the image or a file beside it said no to training when the sheet was made.
  opted_out TEXT,
  -- What an answer should be instead, where the task cannot read this one.
  problem TEXT,
  -- The side it has had in a dataset of this sheet; what was held out once stays held out.
  split TEXT CHECK (split IN ('train', 'test')),
  PRIMARY KEY (sheet_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE label_change (
  seq INTEGER PRIMARY KEY,
  sheet_id TEXT NOT NULL REFERENCES label_sheet (id),
  at TEXT NOT NULL,
  stroke TEXT,
  -- [{"position", "question", "answer", "leftOut", "problem", "answeredAt"}]
  before_json TEXT NOT NULL
) STRICT;
CREATE INDEX label_change_by_sheet ON label_change (sheet_id, seq);
`;

export const migration021: Migration = { version: 21, name: 'labels', script: SCRIPT };
