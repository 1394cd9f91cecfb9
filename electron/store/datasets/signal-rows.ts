/** @file Signals as rows: written with their dataset, and read back for a page of samples. */
import type { Exclusion, Override, OverrideBasis, Signal, SignalVerdict } from '../../contract/model/signals.ts';
import { batches, type Streamed } from '../connection/batches.ts';
import type { Database } from '../connection/connection.ts';

/** Each batch of rows is passed as one JSON array: one statement, however many rows there are. */
const BATCH = 500;

/** What one image of a dataset said. */
export type ImageSignals = { imageSha256: string; signals: Signal[]; verdict: SignalVerdict; reason: string };

/** An image that is left out because nothing is known about it. */
export type UnknownImage = { imageSha256: string; reason: string };

/** A file found beside the images. */
export type EvidenceFile = { name: string; sha256: string; bytes: Uint8Array };

/** Facts about a sample whose image said something. */
export type SignalFacts = {
  signals: Signal[];
  verdict: SignalVerdict;
  excluded: Exclusion | null;
  override: Override | null;
};

export const NO_SIGNALS: SignalFacts = { signals: [], verdict: 'unknown', excluded: null, override: null };

type DecisionRow = { image_sha256: string; use: 0 | 1; basis: OverrideBasis; reason: string; decided_at: string };

/** Call it in the transaction that writes the dataset and its images. */
export async function insertSignals(
  database: Database,
  datasetId: string,
  images: Streamed<ImageSignals>,
  evidence: readonly EvidenceFile[],
  at: string,
): Promise<{ optedOut: number }> {
  let optedOut = 0;
  for await (const all of batches(images)) {
    const batch = all.filter((image) => image.signals.length > 0);
    optedOut += batch.filter((image) => image.verdict === 'opted-out').length;
    const signals = batch.flatMap(({ imageSha256, signals: list }) =>
      list.map((signal, ordinal) => ({ ...signal, imageSha256, ordinal })),
    );
    await database.run(
      `INSERT INTO signal (dataset_id, image_sha256, ordinal, kind, value, scope, trust, locator, raw, statement, read_at)
       SELECT ?2, value ->> 'imageSha256', value ->> 'ordinal', value ->> 'kind', value ->> 'value', value ->> 'scope',
         value ->> 'trust', value ->> 'locator', value ->> 'raw', value ->> 'statement', ?3 FROM json_each(?1)`,
      [JSON.stringify(signals), datasetId, at],
    );
    const verdicts = batch.map(({ imageSha256, verdict, reason }) => ({ imageSha256, verdict, reason }));
    await database.run(
      `INSERT INTO signal_verdict (dataset_id, image_sha256, verdict, reason)
       SELECT ?2, value ->> 'imageSha256', value ->> 'verdict', value ->> 'reason' FROM json_each(?1)`,
      [JSON.stringify(verdicts), datasetId],
    );
  }
  for (const { name, sha256, bytes } of evidence) {
    await database.run('INSERT INTO signal_evidence (dataset_id, name, sha256, bytes) VALUES (?, ?, ?, ?)', [
      datasetId,
      name,
      sha256,
      Buffer.from(bytes),
    ]);
  }
  return { optedOut };
}

function overrideOf(decision: DecisionRow | undefined): Override | null {
  return decision?.use === 1
    ? { basis: decision.basis, reason: decision.reason, decidedAt: decision.decided_at }
    : null;
}

/** Images that an import leaves out because they say nothing about training. Call it like `insertSignals`. */
export async function insertUnknown(
  database: Database,
  datasetId: string,
  images: Streamed<UnknownImage>,
): Promise<number> {
  let count = 0;
  for await (const batch of batches(images)) {
    count += batch.length;
    await database.run(
      `INSERT INTO unknown_image (dataset_id, image_sha256, reason)
       SELECT ?2, value ->> 'imageSha256', value ->> 'reason' FROM json_each(?1)`,
      [JSON.stringify(batch), datasetId],
    );
  }
  return count;
}

/** By image; omits images that said nothing. Ignores decisions made after `asOf` (ISO 8601). */
export async function readSignals(
  database: Database,
  datasetId: string,
  imageSha256s: readonly string[],
  asOf?: string,
): Promise<Map<string, SignalFacts>> {
  const facts = new Map<string, SignalFacts>();
  const any = `SELECT 1 FROM signal_verdict WHERE dataset_id = ?1 UNION ALL SELECT 1 FROM unknown_image WHERE dataset_id = ?1 LIMIT 1`;
  if ((await database.get(any, [datasetId])) === undefined) return facts;
  const images = [...new Set(imageSha256s)];
  for (let start = 0; start < images.length; start += BATCH) {
    const batch = JSON.stringify(images.slice(start, start + BATCH));
    const within = 'dataset_id = ?1 AND image_sha256 IN (SELECT value FROM json_each(?2))';
    const rows = await database.all<Signal & { image_sha256: string }>(
      `SELECT image_sha256, kind, value, scope, trust, locator, raw, statement FROM signal WHERE ${within} ORDER BY image_sha256, ordinal`,
      [datasetId, batch],
    );
    const verdicts = await database.all<{ image_sha256: string; verdict: SignalVerdict; reason: string }>(
      `SELECT image_sha256, verdict, reason FROM signal_verdict WHERE ${within}`,
      [datasetId, batch],
    );
    const decisions = await database.all<DecisionRow>(
      `SELECT image_sha256, use, basis, reason, decided_at FROM signal_decision
        WHERE ${within} AND (?3 IS NULL OR decided_at <= ?3) ORDER BY id`,
      [datasetId, batch, asOf ?? null],
    );
    const latest = new Map(decisions.map((decision) => [decision.image_sha256, decision]));
    const unknown = await database.all<{ image_sha256: string; reason: string }>(
      `SELECT image_sha256, reason FROM unknown_image WHERE ${within}`,
      [datasetId, batch],
    );
    for (const { image_sha256: sha256, verdict, reason } of verdicts) {
      const override = overrideOf(verdict === 'opted-out' ? latest.get(sha256) : undefined);
      const excluded = verdict === 'opted-out' && override === null ? { cause: 'opted-out' as const, reason } : null;
      facts.set(sha256, { signals: [], verdict, excluded, override });
    }
    for (const { image_sha256: sha256, reason } of unknown) {
      const known = facts.get(sha256) ?? { ...NO_SIGNALS, signals: [] };
      const override = overrideOf(latest.get(sha256));
      const excluded = override === null ? { cause: 'unknown' as const, reason } : null;
      facts.set(sha256, { ...known, override, excluded });
    }
    for (const { image_sha256: sha256, ...signal } of rows) facts.get(sha256)?.signals.push(signal);
  }
  return facts;
}
