/** @file How much of each picture of a dataset a model sees, unless a run says otherwise. */
import type { Migration } from './migration.ts';

const SCRIPT = `
-- A level or a number of pixels, as JSON. Null: the default.
ALTER TABLE dataset ADD COLUMN detail_json TEXT;
`;

export const migration010: Migration = { version: 10, name: 'detail', script: SCRIPT };
