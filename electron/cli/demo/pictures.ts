/** @file Reads the pictures of a report's samples, and collects the credits of all pictures in the dataset. */
import sharp from 'sharp';
import type { Sample } from '../../contract/model/datasets.ts';
import type { EvaluationItem } from '../../contract/model/evaluations.ts';
import type { DatasetId, SampleId } from '../../contract/model/primitives.ts';
import type { StudioClient } from '../command.ts';
import { answerOf, authorsOf, chooseSamples, creditsOf } from '../../reporting/report/choose.ts';
import type { Credit, ReportSample } from '../../reporting/report/facts.ts';

/** Larger pictures are scaled down for the page. */
const MAX_EDGE = 480;
const PAGE = 500;

/** Looks up the chosen samples and reads their pictures. If a picture cannot be read, only the picture is missing. */
export async function describeSamples(
  client: StudioClient,
  readImage: (sampleId: SampleId) => Promise<Buffer>,
  base: readonly EvaluationItem[],
  tuned: readonly EvaluationItem[],
): Promise<ReportSample[]> {
  const baseById = new Map(base.map((item) => [item.sampleId, item]));
  const tunedById = new Map(tuned.map((item) => [item.sampleId, item]));
  const described: ReportSample[] = [];
  for (const sampleId of chooseSamples(base, tuned)) {
    const [before, after] = [baseById.get(sampleId), tunedById.get(sampleId)];
    if (before === undefined || after === undefined) continue;
    const sample = await client.datasets.sample({ sampleId });
    described.push({
      sampleId,
      imageName: sample.imageName,
      image: await readImage(sampleId).then(imageAddress, () => null),
      question: sample.prompt,
      reference: sample.answer,
      licence: sample.licence,
      authors: authorsOf(sample),
      base: answerOf(before),
      tuned: answerOf(after),
    });
  }
  return described;
}

/** Licences and authors of every picture of a dataset, the most common licence first. */
export async function collectCredits(client: StudioClient, datasetId: DatasetId): Promise<Credit[]> {
  const all: Sample[] = [];
  for (;;) {
    const { total, samples } = await client.datasets.samples({ datasetId, offset: all.length, limit: PAGE });
    all.push(...samples);
    if (samples.length === 0 || all.length >= total) return creditsOf(all);
  }
}

/** The picture as a `data:` URL: small PNG, JPEG and WebP files unchanged, everything else as a small WebP. */
export async function imageAddress(bytes: Buffer): Promise<string> {
  const { format, width, height } = await sharp(bytes).metadata();
  if (bytes.length <= 96 * 1024 && Math.max(width, height) <= MAX_EDGE && ['png', 'jpeg', 'webp'].includes(format)) {
    return `data:image/${format};base64,${bytes.toString('base64')}`;
  }
  const small = await sharp(bytes)
    .autoOrient()
    .resize({ width: MAX_EDGE, height: MAX_EDGE, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 82 })
    .toBuffer();
  return `data:image/webp;base64,${small.toString('base64')}`;
}
