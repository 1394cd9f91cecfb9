/** @file The checkpoint that stands for a complete run, if it is not the last one (`loadBestModelAtEnd`). */
import type { Migration } from './migration.ts';

const SCRIPT = `
ALTER TABLE run ADD COLUMN result_step INTEGER;
`;

export const migration018: Migration = { version: 18, name: 'result-step', script: SCRIPT };
