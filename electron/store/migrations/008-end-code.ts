/**
 * @file The error code of a run that ended early, stored beside the message: the command line has its own exit status
 * for a full disk.
 */
import type { Migration } from './migration.ts';

const SCRIPT = `
-- Null: it is not known, the run completed, or somebody stopped it.
ALTER TABLE run ADD COLUMN end_code TEXT;
`;

export const migration008: Migration = { version: 8, name: 'end-code', script: SCRIPT };
