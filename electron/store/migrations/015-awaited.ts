/** @file Whether somebody waits for a queued evaluation. Entries from before count as queued, so that none is dropped. */
import type { Migration } from './migration.ts';

const SCRIPT = `
ALTER TABLE queue_entry ADD COLUMN awaited INTEGER NOT NULL DEFAULT 0 CHECK (awaited IN (0, 1));
`;

export const migration015: Migration = { version: 15, name: 'awaited', script: SCRIPT };
