/** @file The samples of a dataset picture by picture, in the order of each picture's first question. */
import { MOST_QUESTIONS_OF_A_TILE, type PicturePage } from '../../contract/model/datasets.ts';
import { SampleId } from '../../contract/model/primitives.ts';
import type { Database, SqlValue } from '../connection/connection.ts';
import { readSamples } from './dataset-rows.ts';
import type { SampleQuery } from './dataset-types.ts';
import { sampleConditions } from './sample-filter.ts';

export type PictureQuery = SampleQuery & { find?: SampleId | undefined };

type QuestionRow = { id: string; image_sha256: string; prompt: string; answer: string };

export async function readPictures(database: Database, query: PictureQuery): Promise<PicturePage> {
  const { where, params } = sampleConditions(query.datasetId, query);
  const counts = await database.get<{ samples: number; total: number }>(
    `SELECT count(*) AS samples, count(DISTINCT image_sha256) AS total FROM sample WHERE ${where}`,
    params,
  );
  const page = await database.all<{ image: string }>(
    `SELECT image_sha256 AS image FROM sample WHERE ${where}
      GROUP BY image_sha256 ORDER BY min(position) LIMIT ? OFFSET ?`,
    [...params, query.limit, query.offset],
  );
  const images = page.map(({ image }) => image);
  const questions = await questionsOf(database, where, params, images);
  const firsts = images.flatMap((image) => questions.get(image)?.[0]?.id ?? []);
  const samples = await readSamples(database, 'WHERE s.id IN (SELECT value FROM json_each(?)) ORDER BY position', [
    JSON.stringify(firsts),
  ]);
  return {
    total: counts?.total ?? 0,
    samples: counts?.samples ?? 0,
    pictures: samples.map((sample) => {
      const own = questions.get(sample.imageSha256) ?? [];
      return { sample, questions: own.slice(0, MOST_QUESTIONS_OF_A_TILE), ids: own.map(({ id }) => id) };
    }),
    found: query.find === undefined ? null : await placeOf(database, where, params, query.find),
  };
}

async function questionsOf(database: Database, where: string, params: SqlValue[], images: readonly string[]) {
  const rows = await database.all<QuestionRow>(
    `SELECT id, image_sha256, prompt, answer FROM sample
      WHERE ${where} AND image_sha256 IN (SELECT value FROM json_each(?)) ORDER BY position`,
    [...params, JSON.stringify(images)],
  );
  const byImage = new Map<string, { id: SampleId; prompt: string; answer: string }[]>();
  for (const { id, image_sha256: image, prompt, answer } of rows) {
    const question = { id: SampleId.parse(id), prompt, answer };
    const known = byImage.get(image);
    if (known === undefined) byImage.set(image, [question]);
    else known.push(question);
  }
  return byImage;
}

/** How many pictures come before that of a sample; null if the filter leaves it out. */
async function placeOf(
  database: Database,
  where: string,
  params: SqlValue[],
  sampleId: SampleId,
): Promise<number | null> {
  const own = await database.get<{ first: number | null }>(
    `SELECT min(position) AS first FROM sample
      WHERE ${where} AND image_sha256 = (SELECT image_sha256 FROM sample WHERE id = ?)`,
    [...params, sampleId],
  );
  const first = own?.first ?? null;
  if (first === null) return null;
  const before = await database.get<{ n: number }>(
    `SELECT count(*) AS n FROM (SELECT min(position) AS first FROM sample WHERE ${where} GROUP BY image_sha256)
      WHERE first < ?`,
    [...params, first],
  );
  return before?.n ?? 0;
}
