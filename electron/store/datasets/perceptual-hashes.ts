/** @file How images look, for finding duplicates: one row per image, created once, whichever datasets contain it. */
import type { DuplicateMember } from '../../contract/model/curation.ts';
import { DatasetId, SampleId, type Split } from '../../contract/model/primitives.ts';
import type { SignalVerdict } from '../../contract/model/signals.ts';
import type { Database } from '../connection/connection.ts';
import { OVERRIDDEN } from './signals.ts';

/** As computed by `formats/perceptual-hash.ts`. */
export type StoredHash = { sha256: string; dhash: string; detail: number; tones: Uint8Array };

/** One image of a dataset under one name in one split, with the number of samples that ask about it. */
export type ImageUse = Omit<DuplicateMember, 'distance'>;

/** Samples of a dataset that a run or test may use, grouped by the image they ask about. */
export type UsableImage = { datasetId: string; sha256: string; split: Split; samples: number };

const BATCH = 500;

export type PerceptualHashStore = ReturnType<typeof createPerceptualHashStore>;

export function createPerceptualHashStore(database: Database) {
  /** Looks of the distinct images in these datasets. */
  async function ofDatasets(datasetIds: readonly string[]): Promise<StoredHash[]> {
    return await database.all<StoredHash>(
      `SELECT sha256, dhash, detail, tones FROM image_look
        WHERE sha256 IN (SELECT image_sha256 FROM sample WHERE dataset_id IN (SELECT value FROM json_each(?))) ORDER BY sha256`,
      [JSON.stringify(datasetIds)],
    );
  }

  /** Looks of images that opt out of training, in any dataset. */
  async function ofOptedOut(): Promise<StoredHash[]> {
    return await database.all<StoredHash>(
      `SELECT sha256, dhash, detail, tones FROM image_look
        WHERE sha256 IN (SELECT image_sha256 FROM signal_verdict WHERE verdict = 'opted-out') ORDER BY sha256`,
    );
  }

  /** Images in these datasets that have no look yet because they were imported before looks were stored. */
  async function missing(datasetIds: readonly string[]): Promise<string[]> {
    const rows = await database.all<{ sha256: string }>(
      `SELECT DISTINCT image_sha256 AS sha256 FROM sample WHERE dataset_id IN (SELECT value FROM json_each(?))
        AND image_sha256 NOT IN (SELECT sha256 FROM image_look)`,
      [JSON.stringify(datasetIds)],
    );
    return rows.map((row) => row.sha256);
  }

  /** Where the images of these datasets are used. */
  async function uses(datasetIds: readonly string[]): Promise<ImageUse[]> {
    type Row = Omit<ImageUse, 'sampleId' | 'datasetId' | 'split' | 'verdict'> & {
      sampleId: string;
      datasetId: string;
      split: Split;
      verdict: SignalVerdict | null;
    };
    const rows = await database.all<Row>(
      `SELECT s.dataset_id AS datasetId, d.name AS datasetName, s.image_sha256 AS imageSha256, s.image_name AS imageName,
              s.split, min(s.id) AS sampleId, count(*) AS samples, i.width, i.height, v.verdict
         FROM sample AS s JOIN dataset AS d ON d.id = s.dataset_id JOIN image AS i ON i.sha256 = s.image_sha256
         LEFT JOIN signal_verdict AS v ON v.dataset_id = s.dataset_id AND v.image_sha256 = s.image_sha256
        WHERE s.dataset_id IN (SELECT value FROM json_each(?))
        GROUP BY s.dataset_id, s.image_sha256, s.image_name, s.split ORDER BY min(s.position), s.dataset_id`,
      [JSON.stringify(datasetIds)],
    );
    return rows.map((row) => ({
      ...row,
      sampleId: SampleId.parse(row.sampleId),
      datasetId: DatasetId.parse(row.datasetId),
      verdict: row.verdict ?? 'unknown',
    }));
  }

  /** Images that may be used for training or testing; excludes those left out because of an opt-out. */
  async function usable(datasetIds: readonly string[]): Promise<UsableImage[]> {
    return await database.all<UsableImage>(
      `SELECT s.dataset_id AS datasetId, s.image_sha256 AS sha256, s.split, count(*) AS samples FROM sample AS s
        WHERE s.dataset_id IN (SELECT value FROM json_each(?1)) AND NOT EXISTS (
          SELECT 1 FROM held_back AS v WHERE v.dataset_id = s.dataset_id AND v.image_sha256 = s.image_sha256
             AND ${OVERRIDDEN} = 0)
        GROUP BY s.dataset_id, s.image_sha256, s.split ORDER BY min(s.position)`,
      [JSON.stringify(datasetIds), null],
    );
  }

  return {
    insert: (looks: readonly StoredHash[]) => insertHashes(database, looks),
    ofDatasets,
    ofOptedOut,
    missing,
    uses,
    usable,
  };
}

/** Stores the looks of images that the store holds; existing looks are kept. */
export async function insertHashes(database: Database, looks: readonly StoredHash[]): Promise<void> {
  for (let start = 0; start < looks.length; start += BATCH) {
    const batch = looks.slice(start, start + BATCH).map(({ sha256, dhash, detail, tones }) => ({
      sha256,
      dhash,
      detail,
      tones: Buffer.from(tones).toString('hex'),
    }));
    await database.run(
      `INSERT INTO image_look (sha256, dhash, detail, tones)
       SELECT value ->> 'sha256', value ->> 'dhash', value ->> 'detail', unhex(value ->> 'tones')
         FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
      [JSON.stringify(batch)],
    );
  }
}
