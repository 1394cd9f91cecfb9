/** @file Chooses the samples of a report, reads their pictures, and collects the credits of all pictures in the dataset. */
import sharp from 'sharp';
import type { Sample } from '../../contract/model/datasets.ts';
import type { EvaluationItem } from '../../contract/model/evaluations.ts';
import type { DatasetId, SampleId } from '../../contract/model/primitives.ts';
import type { StudioClient } from '../command.ts';
import type { Credit, ReportSample } from './report.ts';

/** Larger pictures are scaled down for the page. */
const MAX_EDGE = 480;
const PAGE = 500;

/** How many samples of each kind are shown, so that losses and lasting errors are visible too. */
const SHOWN = { gained: 4, lost: 3, neither: 2, both: 3 } as const;

/** Picks samples by what changed, in the order of the evaluation: never the best-looking ones. */
export function chooseSamples(base: readonly EvaluationItem[], tuned: readonly EvaluationItem[]): SampleId[] {
  const before = new Map(base.map((item) => [item.sampleId, item.verdict === 'correct']));
  const kinds: Record<keyof typeof SHOWN, SampleId[]> = { gained: [], lost: [], neither: [], both: [] };
  for (const { sampleId, verdict } of tuned) {
    const was = before.get(sampleId);
    if (was === undefined) continue;
    const is = verdict === 'correct';
    kinds[is ? (was ? 'both' : 'gained') : was ? 'lost' : 'neither'].push(sampleId);
  }
  return (Object.keys(SHOWN) as (keyof typeof SHOWN)[]).flatMap((kind) => kinds[kind].slice(0, SHOWN[kind]));
}

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
  const byLicence = new Map<string | null, { pictures: number; authors: Set<string> }>();
  for (let offset = 0; ; offset += PAGE) {
    const { total, samples } = await client.datasets.samples({ datasetId, offset, limit: PAGE });
    for (const sample of samples) {
      const entry = byLicence.get(sample.licence) ?? { pictures: 0, authors: new Set<string>() };
      entry.pictures += 1;
      for (const author of authorsOf(sample)) entry.authors.add(author);
      byLicence.set(sample.licence, entry);
    }
    if (samples.length === 0 || offset + samples.length >= total) break;
  }
  return [...byLicence]
    .map(([licence, { pictures, authors }]) => ({ licence, pictures, authors: [...authors].sort() }))
    .sort((a, b) => b.pictures - a.pictures);
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

function authorsOf(sample: Sample): string[] {
  const ofSources = sample.sources.map((source) => source.author).filter((author) => author !== null);
  return [...new Set([...sample.authors, ...ofSources])];
}

function answerOf({ text, verdict, formatOk }: EvaluationItem): ReportSample['base'] {
  return { text, verdict, formatOk };
}
