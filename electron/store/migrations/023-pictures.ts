/** @file The pictures of a dataset, each with the place of its first question, without reading the questions themselves. */
import type { Migration } from './migration.ts';

const SCRIPT = `
CREATE INDEX sample_by_picture ON sample (dataset_id, image_sha256, position, split);
`;

export const migration023: Migration = { version: 23, name: 'pictures', script: SCRIPT };
