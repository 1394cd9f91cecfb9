/**
 * @file A completion on which no reward has an opinion has no total reward, so the column may now be null. SQLite
 * cannot drop a NOT NULL constraint, so the table is rebuilt. Existing rows keep their zeros: a 0 that stood for "no
 * opinion" cannot be distinguished from an earned 0.
 */
import type { Migration } from './migration.ts';

const SCRIPT = `
CREATE TABLE completion_007 (
  run_id TEXT NOT NULL,
  step INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  sample_id TEXT NOT NULL REFERENCES sample (id),
  group_index INTEGER NOT NULL,
  text TEXT NOT NULL,
  tokens INTEGER NOT NULL,
  truncated INTEGER NOT NULL CHECK (truncated IN (0, 1)),
  scores_json TEXT NOT NULL,
  -- Null: no reward had an opinion.
  reward REAL,
  advantage REAL NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('correct', 'wrong', 'unparsed')),
  PRIMARY KEY (run_id, step, ordinal),
  FOREIGN KEY (run_id, step) REFERENCES step (run_id, step) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO completion_007
  SELECT run_id, step, ordinal, sample_id, group_index, text, tokens, truncated, scores_json, reward, advantage, verdict
    FROM completion;
DROP TABLE completion;
ALTER TABLE completion_007 RENAME TO completion;
CREATE INDEX completion_by_sample ON completion (run_id, sample_id, step);
`;

export const migration007: Migration = { version: 7, name: 'no-opinion', script: SCRIPT };
