/** @file How often Atelier ended unexpectedly while it worked on an entry of the queue. */
import type { Migration } from './migration.ts';

const SCRIPT = `
ALTER TABLE queue_entry ADD COLUMN losses INTEGER NOT NULL DEFAULT 0;
`;

export const migration020: Migration = { version: 20, name: 'losses', script: SCRIPT };
