/** @file Whether an answer is right when it is read without its tags. Null in evaluations from before. */
import type { Migration } from './migration.ts';

const SCRIPT = `
ALTER TABLE evaluation_item ADD COLUMN lenient INTEGER CHECK (lenient IN (0, 1));
`;

export const migration014: Migration = { version: 14, name: 'lenient-reading', script: SCRIPT };
