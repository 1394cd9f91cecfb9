/** @file Hand-offs of experiments: one folder with several runs, each of which is a hand-off of its own. */
import type { Migration } from './migration.ts';

const SCRIPT = `
CREATE TABLE handoff_experiment (
  id TEXT PRIMARY KEY,
  experiment_id TEXT NOT NULL REFERENCES experiment (id),
  manifest_sha256 TEXT NOT NULL UNIQUE,
  body_json TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
-- The folder that a run was handed off in, and which part of the experiment it is; none for a run of its own.
ALTER TABLE handoff ADD COLUMN parent_id TEXT REFERENCES handoff_experiment (id);
ALTER TABLE handoff ADD COLUMN ordinal INTEGER;
CREATE INDEX handoff_parent ON handoff (parent_id);
`;

export const migration017: Migration = { version: 17, name: 'handoff experiments', script: SCRIPT };
