/** @file The report on chosen datasets before a run: skews, and leaks from their training data into each test. */
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import type { DatasetSummary } from '../../../contract/model/datasets.ts';
import { ReadinessRequest } from '../../../contract/model/readiness.ts';
import { importDataset } from '../import/import.ts';
import { readinessOf } from './readiness.ts';
import { freshDataFolder } from '../testing/data-folder.ts';
import { writeFolder, type Row } from '../testing/pictures.ts';
import { scenery } from '../testing/scenery.ts';

const on = freshDataFolder();

type Entry = { image: Buffer; answer: string; split: 'train' | 'test'; more?: Row };

async function dataset(name: string, entries: readonly Entry[]): Promise<DatasetSummary> {
  const rows = entries.map(({ answer, split, more }, index) => ({
    file_name: `${index}.png`,
    question: 'How many hills?',
    answer,
    split,
    author: `Author ${index % 4}`,
    licence: 'CC0-1.0',
    ...more,
  }));
  const images = Object.fromEntries(entries.map(({ image }, index) => [`${index}.png`, image]));
  const folder = await writeFolder(join(on.work, name), rows, images);
  return (await importDataset(on.store, { path: folder, name })).dataset;
}

/** Eight sceneries, six of them for training; the given answers are assigned in turn. */
async function sceneries(name: string, first: number, answers: readonly string[]): Promise<DatasetSummary> {
  return await dataset(
    name,
    await Promise.all(
      Array.from({ length: 8 }, async (_, index): Promise<Entry> => ({
        image: await scenery(first + index),
        answer: answers[index % answers.length] ?? '',
        split: index < 6 ? 'train' : 'test',
      })),
    ),
  );
}

const readiness = (id: DatasetSummary['id'], more: object = {}) =>
  readinessOf(on.store, ReadinessRequest.parse({ datasetId: id, ...more }));

it('says nothing where nothing stands out, and names what was compared', async () => {
  const own = await sceneries('own', 0, ['0', '1', '2', '3']);
  const other = await sceneries('other', 100, ['0', '1', '2', '3']);
  expect(await readiness(own.id)).toEqual({
    datasetId: own.id,
    balance: [],
    compared: [
      { datasetId: own.id, name: 'own' },
      { datasetId: other.id, name: 'other' },
    ],
    leakage: [],
  });
});

it('warns of answers that can be given without looking', async () => {
  const skewed = await sceneries('skewed', 0, ['3', '3', '3', '3', '3', '1']);
  const { balance } = await readiness(skewed.id);
  expect(balance.join('\n')).toMatch(/most frequent is “3”/);
  expect(balance.join('\n')).toMatch(/Without looking at an image/);
});

it('finds the same and similar images in its own test and in tests of other datasets, one way only', async () => {
  const answers = ['0', '1', '2', '3'];
  const own = await sceneries('own', 0, answers);
  const copy = await sharp(await scenery(1))
    .jpeg({ quality: 60 })
    .toBuffer();
  const exam = await dataset('exam', [
    { image: await scenery(0), answer: '0', split: 'test' },
    { image: copy, answer: '1', split: 'test' },
    { image: await scenery(200), answer: '2', split: 'test' },
    // This is a test image in `own`, so it leaks in a run on `exam`, not in one on `own`.
    { image: await scenery(7), answer: '3', split: 'train' },
    { image: await scenery(201), answer: '2', split: 'train' },
  ]);
  expect((await readiness(own.id)).leakage).toEqual([
    { datasetId: exam.id, name: 'exam', same: 1, near: 1, samples: 2, of: 3 },
  ]);
  expect((await readiness(exam.id)).leakage).toEqual([
    { datasetId: own.id, name: 'own', same: 1, near: 0, samples: 1, of: 2 },
  ]);
  // A request that names the tests gets no others.
  expect(await readiness(own.id, { testOn: [] })).toMatchObject({ compared: [{ datasetId: own.id }], leakage: [] });

  const torn = await dataset('torn', [
    { image: await scenery(300), answer: '0', split: 'train' },
    {
      image: await sharp(await scenery(300))
        .resize(120)
        .png()
        .toBuffer(),
      answer: '1',
      split: 'test',
    },
    { image: await scenery(301), answer: '1', split: 'train' },
  ]);
  expect((await readiness(torn.id)).leakage).toEqual([
    { datasetId: torn.id, name: 'torn', same: 0, near: 1, samples: 1, of: 1 },
  ]);
});

it('leaves out images that are left out of training for their opt-out', async () => {
  const image = await sharp(await scenery(5))
    .withXmp(
      `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" plus:DataMining="http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED"/></rdf:RDF></x:xmpmeta>`,
    )
    .png()
    .toBuffer();
  const own = await dataset('own', [
    { image, answer: '0', split: 'train' },
    { image: await scenery(6), answer: '1', split: 'train' },
    { image: await scenery(8), answer: '2', split: 'train' },
  ]);
  const exam = await dataset('exam', [
    { image: await sharp(image).jpeg().toBuffer(), answer: '0', split: 'test' },
    { image: await scenery(9), answer: '1', split: 'train' },
    { image: await scenery(10), answer: '1', split: 'train' },
  ]);
  expect(own.excluded.train).toBe(1);
  expect((await readiness(own.id)).leakage).toEqual([]);
  await on.store.signals.decide({
    datasetId: own.id,
    use: true,
    basis: 'own-work',
    reason: 'I painted this myself in 2021.',
  });
  expect((await readiness(own.id)).leakage).toMatchObject([{ datasetId: exam.id, near: 1 }]);
});

it('refuses a dataset that is not there', async () => {
  await expect(readiness('dataset-none' as DatasetSummary['id'])).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
