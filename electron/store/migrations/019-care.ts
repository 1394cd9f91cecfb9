/** @file Tags on runs, and a trash for runs and models: `removed_at` is set while they are in it. */
import type { Migration } from './migration.ts';

const SCRIPT = `
ALTER TABLE run ADD COLUMN tags_json TEXT NOT NULL DEFAULT '[]';
ALTER TABLE run ADD COLUMN removed_at TEXT;
ALTER TABLE model ADD COLUMN removed_at TEXT;
`;

export const migration019: Migration = { version: 19, name: 'care', script: SCRIPT };
