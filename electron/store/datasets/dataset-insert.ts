/** @file Writes many samples in few statements, so that a large import locks the store only briefly. */
import { batches, type Streamed } from '../connection/batches.ts';
import type { Database } from '../connection/connection.ts';
import type { ImageRecord, NewSample } from './dataset-types.ts';
import { isSourceIn, toSourceRow, type SourceRow } from './source-rows.ts';

export type IdentifiedSample = NewSample & { id: string };

/** Writes images, licences, sources and samples. Call it in the transaction that wrote the dataset's own row. */
export async function insertSamples(
  database: Database,
  datasetId: string,
  images: Streamed<ImageRecord>,
  samples: Streamed<IdentifiedSample>,
  at: string,
): Promise<void> {
  for await (const batch of batches(images)) {
    await database.run(
      `INSERT INTO image (sha256, format, size_bytes, width, height, imported_at)
       SELECT value ->> 'sha256', value ->> 'format', value ->> 'sizeBytes', value ->> 'width', value ->> 'height', ?2
         FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
      [JSON.stringify(batch), at],
    );
  }
  for await (const batch of batches(samples)) {
    await insertLicences(database, batch, at);
    await database.run(
      `INSERT INTO sample (id, dataset_id, position, image_sha256, image_name, task, prompt, answer, split, licence, authors_json, extra_json, licence_source, authors_source)
       SELECT value ->> 'id', ?2, value ->> 'position', value ->> 'imageSha256', value ->> 'imageName', value ->> 'task',
         value ->> 'prompt', value ->> 'answer', value ->> 'split', value ->> 'licence', value ->> 'authorsJson', value ->> 'extraJson',
         value ->> 'licenceSource', value ->> 'authorsSource'
         FROM json_each(?1)`,
      [JSON.stringify(batch.map(toRow)), datasetId],
    );
    await insertSources(database, batch);
  }
}

function toRow({ sources: _sources, authors, extra, ...sample }: IdentifiedSample): unknown {
  return { ...sample, authorsJson: JSON.stringify(authors), extraJson: JSON.stringify(extra) };
}

async function insertLicences(database: Database, samples: readonly IdentifiedSample[], at: string): Promise<void> {
  const found = new Set(
    samples.flatMap((sample) => [sample.licence, ...sample.sources.map((source) => source.licence)]),
  );
  await database.run(
    `INSERT INTO licence (expression, first_seen_at) SELECT value, ?2 FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
    [JSON.stringify([...found].filter((licence) => licence !== null)), at],
  );
}

async function insertSources(database: Database, samples: readonly IdentifiedSample[]): Promise<void> {
  const distinct = new Map<string, SourceRow>();
  const links = samples.flatMap((sample) =>
    sample.sources.map((source, ordinal) => {
      const row = toSourceRow(source);
      distinct.set(JSON.stringify(row), row);
      return { sampleId: sample.id, ordinal, ...row };
    }),
  );
  await database.run(
    `INSERT INTO source (title, author, licence, url, credit_json)
     SELECT value ->> 'title', value ->> 'author', value ->> 'licence', value ->> 'url', value ->> 'credit_json'
       FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
    [JSON.stringify([...distinct.values()])],
  );
  const linked = await database.run(
    `INSERT INTO sample_source (sample_id, ordinal, source_id)
     SELECT link.value ->> 'sampleId', link.value ->> 'ordinal', source.id
       FROM json_each(?) AS link CROSS JOIN source ON ${isSourceIn('link.value')}`,
    [JSON.stringify(links)],
  );
  if (linked.changes !== links.length) throw new Error(`${linked.changes} of ${links.length} sources were stored.`);
}
