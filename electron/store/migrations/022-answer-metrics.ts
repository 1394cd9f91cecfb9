/** @file How much of an answer is right, by metric, for kinds of answer that can be partly right. Null in others. */
import type { Migration } from './migration.ts';

const SCRIPT = `
ALTER TABLE evaluation_item ADD COLUMN metrics_json TEXT;
`;

export const migration022: Migration = { version: 22, name: 'answer-metrics', script: SCRIPT };
