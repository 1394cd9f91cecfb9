/** @file Hand-offs: job folders for other machines, and the run that came back from one. */
import type { Migration } from './migration.ts';

const SCRIPT = `
CREATE TABLE handoff (
  id TEXT PRIMARY KEY,
  recipe_sha256 TEXT NOT NULL REFERENCES recipe (sha256),
  manifest_sha256 TEXT NOT NULL UNIQUE,
  body_json TEXT NOT NULL,
  created_at TEXT NOT NULL,
  -- The run whose steps came from this folder; none until it was first taken back.
  run_id TEXT UNIQUE REFERENCES run (id)
) STRICT;
`;

export const migration013: Migration = { version: 13, name: 'handoffs', script: SCRIPT };
