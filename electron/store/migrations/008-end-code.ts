/** @file What ended a run early, as an error code beside the sentence: a full disk gives the command line its own status. */
import type { Migration } from './migration.ts';

const SCRIPT = `
-- Null: it is not known, the run completed, or somebody stopped it.
ALTER TABLE run ADD COLUMN end_code TEXT;
`;

export const migration008: Migration = { version: 8, name: 'end-code', script: SCRIPT };
