/**
 * @file Images that say nothing about training, where their import was told to leave them out or to ask. In datasets from
 * before, unknown images are used, as they were.
 */
import type { Migration } from './migration.ts';

const SCRIPT = `
CREATE TABLE unknown_image (
  dataset_id TEXT NOT NULL REFERENCES dataset (id),
  image_sha256 TEXT NOT NULL REFERENCES image (sha256),
  reason TEXT NOT NULL,
  PRIMARY KEY (dataset_id, image_sha256)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER unknown_image_is_immutable BEFORE UPDATE ON unknown_image
BEGIN SELECT RAISE(ABORT, 'what an import left out cannot be changed, only decided about'); END;

-- Every image that is left out unless somebody decides otherwise.
CREATE VIEW held_back AS
  SELECT dataset_id, image_sha256, 'opted-out' AS cause, reason FROM signal_verdict WHERE verdict = 'opted-out'
  UNION ALL
  SELECT dataset_id, image_sha256, 'unknown' AS cause, reason FROM unknown_image;
`;

export const migration012: Migration = { version: 12, name: 'unknown-images', script: SCRIPT };
