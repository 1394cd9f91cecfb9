/**
 * @file The rest of a source's credit: its place in words, copyright notice, requested credit line and the address to
 * which a credit should lead. Two works that differ only in these are two sources.
 */
import type { Migration } from './migration.ts';

const SCRIPT = `
-- Canonical JSON of what is stated beyond title, author, licence and address; null: nothing.
ALTER TABLE source ADD COLUMN credit_json TEXT;
DROP INDEX source_identity;
CREATE UNIQUE INDEX source_identity
  ON source (title, ifnull(author, ''), ifnull(licence, ''), ifnull(url, ''), ifnull(credit_json, ''));
`;

export const migration009: Migration = { version: 9, name: 'credits', script: SCRIPT };
