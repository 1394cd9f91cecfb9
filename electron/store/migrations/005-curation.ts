/**
 * @file Dataset curation: how images look (for duplicates), tags, and edits of samples. An edit first records the
 * previous state, so that every earlier state can still be read: a run keeps the data that it started with.
 */
import type { Migration } from './migration.ts';

const SCRIPT = `
ALTER TABLE sample ADD COLUMN tags_json TEXT NOT NULL DEFAULT '[]';
-- Images on both sides of the split, {"same": n, "near": n}; null = not looked at.
ALTER TABLE dataset ADD COLUMN leakage_json TEXT;

CREATE TABLE image_look (
  sha256 TEXT PRIMARY KEY REFERENCES image (sha256),
  -- 64 bits as 16 hex digits.
  dhash TEXT NOT NULL CHECK (length(dhash) = 16),
  -- How much there is to compare, 0 to 64: bits that stand for a real step in brightness.
  detail INTEGER NOT NULL,
  -- Mean colours of 8 × 8 fields, 192 bytes.
  tones BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE dataset_edit (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  dataset_id TEXT NOT NULL REFERENCES dataset (id),
  at TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('edit', 'split', 'undo')),
  summary TEXT NOT NULL,
  note TEXT,
  samples INTEGER NOT NULL,
  snapshot_before TEXT NOT NULL,
  snapshot_after TEXT NOT NULL,
  undoes TEXT UNIQUE REFERENCES dataset_edit (id)
) STRICT;
CREATE INDEX dataset_edit_by_dataset ON dataset_edit (dataset_id, seq);

-- What a sample was before an edit.
CREATE TABLE sample_before (
  edit_seq INTEGER NOT NULL REFERENCES dataset_edit (seq),
  sample_id TEXT NOT NULL REFERENCES sample (id),
  task TEXT NOT NULL,
  answer TEXT NOT NULL,
  split TEXT NOT NULL,
  licence TEXT,
  authors_json TEXT NOT NULL,
  tags_json TEXT NOT NULL,
  licence_source TEXT,
  authors_source TEXT,
  -- Ids of its sources in their order.
  sources_json TEXT NOT NULL,
  PRIMARY KEY (edit_seq, sample_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sample_before_by_sample ON sample_before (sample_id, edit_seq);

DROP TRIGGER sample_is_immutable;
CREATE TRIGGER sample_keeps_its_identity BEFORE UPDATE ON sample
WHEN NEW.id IS NOT OLD.id OR NEW.dataset_id IS NOT OLD.dataset_id OR NEW.position IS NOT OLD.position
  OR NEW.image_sha256 IS NOT OLD.image_sha256 OR NEW.image_name IS NOT OLD.image_name
  OR NEW.prompt IS NOT OLD.prompt OR NEW.extra_json IS NOT OLD.extra_json
BEGIN SELECT RAISE(ABORT, 'image and question of a sample cannot be changed after its import'); END;
CREATE TRIGGER sample_change_is_recorded BEFORE UPDATE ON sample
WHEN NOT EXISTS (
  SELECT 1 FROM sample_before AS b
   WHERE b.sample_id = OLD.id AND b.edit_seq = (SELECT max(seq) FROM dataset_edit WHERE dataset_id = OLD.dataset_id)
     AND b.task IS OLD.task AND b.answer IS OLD.answer AND b.split IS OLD.split AND b.licence IS OLD.licence
     AND b.authors_json IS OLD.authors_json AND b.tags_json IS OLD.tags_json
     AND b.licence_source IS OLD.licence_source AND b.authors_source IS OLD.authors_source
)
BEGIN SELECT RAISE(ABORT, 'a sample can only be changed by an edit that wrote down what it was'); END;
CREATE TRIGGER sample_before_is_never_updated BEFORE UPDATE ON sample_before
BEGIN SELECT RAISE(ABORT, 'what a sample was cannot be changed'); END;
CREATE TRIGGER sample_before_is_never_deleted BEFORE DELETE ON sample_before
BEGIN SELECT RAISE(ABORT, 'what a sample was cannot be changed'); END;
CREATE TRIGGER dataset_edit_is_never_updated BEFORE UPDATE ON dataset_edit
BEGIN SELECT RAISE(ABORT, 'an edit can only be followed by another'); END;
CREATE TRIGGER dataset_edit_is_never_deleted BEFORE DELETE ON dataset_edit
BEGIN SELECT RAISE(ABORT, 'an edit can only be followed by another'); END;
`;

export const migration005: Migration = { version: 5, name: 'curation', script: SCRIPT };
