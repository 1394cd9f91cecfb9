/** @file Where a model was downloaded from. Null for models from before, and for folders that a person added. */
import type { Migration } from './migration.ts';

const SCRIPT = `
-- {name, revision, endpoint, downloadedAt, cardSha256}
ALTER TABLE model ADD COLUMN origin_json TEXT;
`;

export const migration016: Migration = { version: 16, name: 'model-origin', script: SCRIPT };
