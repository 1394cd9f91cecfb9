/** @file Decisions about opted-out images, and their effect. Each decision is added and audited, and never changes. */
import type { DatasetSummary } from '../../contract/model/datasets.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { OverrideRequest, OverrideResult, Signal } from '../../contract/model/signals.ts';
import type { AuditStore } from '../audit/audit.ts';
import { canonicalJson, sha256Hex } from '../connection/canonical.ts';
import type { Database } from '../connection/connection.ts';
import { readSignals, type EvidenceFile } from './signal-rows.ts';

export type ExcludedCounts = DatasetSummary['excluded'];

/** True if the newest decision about the image of `v` (a row of `held_back`), no later than ?2 if given, is to use it. */
export const OVERRIDDEN = `ifnull((SELECT d.use FROM signal_decision AS d
  WHERE d.dataset_id = v.dataset_id AND d.image_sha256 = v.image_sha256 AND (?2 IS NULL OR d.decided_at <= ?2)
  ORDER BY d.id DESC LIMIT 1), 0)`;

/** `which` absent: the images that opted out. */
export type Decision = Omit<OverrideRequest, 'which'> & Partial<Pick<OverrideRequest, 'which'>>;

export type SignalStore = ReturnType<typeof createSignalStore>;

export function createSignalStore(database: Database, audit: AuditStore) {
  /**
   * Records, also in the audit log, that opted-out images are used after all (or no longer), with the reason.
   * @throws AtelierError NOT_FOUND if the dataset does not exist, CONFLICT if there is nothing to decide
   */
  async function decide(request: Decision): Promise<OverrideResult> {
    const { datasetId, imageSha256, use, basis, reason } = request;
    return await database.transaction(async () => {
      const images = await undecided(request);
      const decidedAt = new Date().toISOString();
      await database.run(
        `INSERT INTO signal_decision (dataset_id, image_sha256, use, basis, reason, decided_at)
         SELECT ?2, value, ?3, ?4, ?5, ?6 FROM json_each(?1)`,
        [JSON.stringify(images), datasetId, use ? 1 : 0, basis, reason, decidedAt],
      );
      await audit.append('dataset.override', {
        datasetId,
        use,
        basis,
        reason,
        decidedAt,
        images: images.length,
        ...(imageSha256 === undefined ? { imagesSha256: sha256Hex(canonicalJson(images)) } : { imageSha256 }),
      });
      return { datasetId, images, excluded: (await excludedCounts(database, datasetId)).get(datasetId) ?? NONE };
    });
  }

  /** The opted-out images covered by the request that are not yet in the requested state. */
  async function undecided({ datasetId, imageSha256, which = 'opted-out', use }: Decision): Promise<string[]> {
    if ((await database.get('SELECT 1 FROM dataset WHERE id = ?', [datasetId])) === undefined) {
      throw new AtelierError('NOT_FOUND', `There is no dataset with the id "${datasetId}".`, {
        place: { field: 'datasetId' },
        remedy: 'The list of datasets shows the ids that exist.',
      });
    }
    const rows = await database.all<{ sha256: string; overridden: 0 | 1 }>(
      `SELECT v.image_sha256 AS sha256, ${OVERRIDDEN} AS overridden FROM held_back AS v
        WHERE v.dataset_id = ?1 AND (v.image_sha256 = ?3 OR (?3 IS NULL AND v.cause = ?4)) ORDER BY 1`,
      [datasetId, null, imageSha256 ?? null, which],
    );
    const images = rows.filter((row) => (row.overridden === 1) !== use).map((row) => row.sha256);
    if (images.length > 0) return images;
    const what =
      imageSha256 === undefined
        ? `No image of the dataset ${datasetId}`
        : `The image ${imageSha256} of the dataset ${datasetId}`;
    const held = which === 'unknown' ? 'was left out as unknown' : 'has opted out';
    const state = rows.length === 0 ? held : use ? 'is left out any more' : 'is used in spite of an opt-out';
    const message =
      imageSha256 === undefined
        ? `${what} ${state}.`
        : `${what} ${state.replace(/^(has|is|was)/, '$1 not').replace(' any more', '')}.`;
    throw new AtelierError('CONFLICT', message, {
      place: { field: imageSha256 === undefined ? 'datasetId' : 'imageSha256' },
      remedy: 'There is nothing to decide; nothing was changed.',
    });
  }

  /** Signals against training that the same images carried in earlier imports: an opt-out follows its image. */
  async function earlierOptOuts(
    imageSha256s: readonly string[],
  ): Promise<{ imageSha256: string; datasetId: string; signal: Signal }[]> {
    type Row = Signal & { image_sha256: string; dataset_id: string };
    const rows = await database.all<Row>(
      `SELECT image_sha256, dataset_id, kind, value, scope, trust, locator, raw, statement FROM signal
        WHERE value IN ('disallow', 'constrained') AND scope <> 'infer'
          AND image_sha256 IN (SELECT value FROM json_each(?)) ORDER BY id`,
      [JSON.stringify(imageSha256s)],
    );
    return rows.map(({ image_sha256: imageSha256, dataset_id: datasetId, ...signal }) => ({
      imageSha256,
      datasetId,
      signal,
    }));
  }

  /** What a dataset's images said at its import, by image; omits images that said nothing. */
  async function saidBy(datasetId: string, imageSha256s: readonly string[]): Promise<Map<string, Signal[]>> {
    const facts = await readSignals(database, datasetId, imageSha256s);
    return new Map([...facts].map(([sha256, { signals }]) => [sha256, signals]));
  }

  /** The files beside a dataset's images that were kept as evidence, without their bytes. */
  async function evidenceOf(datasetId: string): Promise<Pick<EvidenceFile, 'name' | 'sha256'>[]> {
    return await database.all('SELECT name, sha256 FROM signal_evidence WHERE dataset_id = ?', [datasetId]);
  }

  /** Hash over a dataset's images that are left out now, or were at `asOf`; null if there are none. */
  async function exclusionSha256(datasetId: string, asOf?: string): Promise<string | null> {
    const rows = await database.all<{ sha256: string }>(
      `SELECT v.image_sha256 AS sha256 FROM held_back AS v WHERE v.dataset_id = ?1 AND ${OVERRIDDEN} = 0 ORDER BY 1`,
      [datasetId, asOf ?? null],
    );
    return rows.length === 0 ? null : sha256Hex(rows.map((row) => row.sha256).join('\n'));
  }

  return { decide, earlierOptOuts, saidBy, evidenceOf, exclusionSha256 };
}

const NONE: ExcludedCounts = { train: 0, test: 0 };

/** Number of samples left out, by dataset; omits datasets without any. */
export async function excludedCounts(database: Database, datasetId?: string): Promise<Map<string, ExcludedCounts>> {
  const rows = await database.all<{ dataset_id: string; train: number; test: number }>(
    `SELECT v.dataset_id, count(*) FILTER (WHERE s.split = 'train') AS train, count(*) FILTER (WHERE s.split = 'test') AS test
       FROM held_back AS v JOIN sample AS s ON s.dataset_id = v.dataset_id AND s.image_sha256 = v.image_sha256
      WHERE (?1 IS NULL OR v.dataset_id = ?1) AND ${OVERRIDDEN} = 0 GROUP BY v.dataset_id`,
    [datasetId ?? null, null],
  );
  return new Map(rows.map(({ dataset_id: id, train, test }) => [id, { train, test }]));
}
