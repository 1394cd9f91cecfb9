/**
 * @file The licence of a model with what it rests on: the statements in its folder, and the one that a person set. The
 * column `licence` stays what counts. Models from before have no evidence until their folder is added again.
 */
import type { Migration } from './migration.ts';

const SCRIPT = `
-- What the folder says altogether, and each statement as JSON.
ALTER TABLE model ADD COLUMN licence_found TEXT;
UPDATE model SET licence_found = licence;
ALTER TABLE model ADD COLUMN licence_evidence_json TEXT NOT NULL DEFAULT '[]';
-- What a person set: {licence, evidence, statedAt}; null = nothing.
ALTER TABLE model ADD COLUMN licence_stated_json TEXT;
`;

export const migration011: Migration = { version: 11, name: 'model-licence', script: SCRIPT };
