/** @file The samples of a dataset picture by picture. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatasetId, SampleId } from '../../contract/model/primitives.ts';
import { sha256Hex } from '../connection/canonical.ts';
import { openStore, type Store } from '../connection/open.ts';
import type { NewSample } from './dataset-types.ts';

/** Each letter is a picture; its questions stand apart in the table. */
const ROWS = ['a', 'b', 'a', 'c', 'b', 'a'];

let home: string;
let store: Store;
let datasetId: DatasetId;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'atelier-tiles-'));
  store = await openStore(home);
  const sample = (letter: string, position: number): NewSample => ({
    position,
    imageSha256: sha256Hex(letter),
    imageName: `${letter}.png`,
    task: 'counting',
    prompt: `Question ${position}?`,
    answer: String(position),
    split: letter === 'c' ? 'test' : 'train',
    licence: null,
    authors: [],
    sources: [],
    extra: {},
  });
  const images = [...new Set(ROWS)].map((letter) => ({
    sha256: sha256Hex(letter),
    format: 'png',
    sizeBytes: 1,
    width: 1,
    height: 1,
  }));
  ({ id: datasetId } = await store.datasets.insert({
    name: 'Letters',
    origin: '/letters',
    snapshotSha256: sha256Hex('letters'),
    warnings: [],
    request: {},
    images,
    samples: ROWS.map(sample),
  }));
});

afterAll(async () => {
  await store.close();
  await rm(home, { recursive: true, force: true });
});

const idsOf = (...positions: number[]): Promise<SampleId[]> =>
  store.datasets
    .samples({ datasetId, offset: 0, limit: 100 })
    .then(({ samples }) => positions.map((position) => samples[position]!.id));

describe('the pictures of a dataset', () => {
  it('come once each, in the order of their first question, with all of their questions', async () => {
    const page = await store.datasets.pictures({ datasetId, offset: 0, limit: 100 });
    expect(page).toMatchObject({ total: 3, samples: 6, found: null });
    expect(
      page.pictures.map(({ sample, questions }) => [sample.imageName, questions.map(({ answer }) => answer)]),
    ).toEqual([
      ['a.png', ['0', '2', '5']],
      ['b.png', ['1', '4']],
      ['c.png', ['3']],
    ]);
    expect(page.pictures[0]!.ids).toEqual(await idsOf(0, 2, 5));
    expect(page.pictures[0]!.sample.position).toBe(0);
  });

  it('come page by page', async () => {
    const { total, pictures } = await store.datasets.pictures({ datasetId, offset: 1, limit: 1 });
    expect(total).toBe(3);
    expect(pictures.map(({ sample }) => sample.imageName)).toEqual(['b.png']);
  });

  it('keep only the questions that a filter selects, and count them', async () => {
    const page = await store.datasets.pictures({ datasetId, offset: 0, limit: 100, search: 'question 4' });
    expect(page).toMatchObject({ total: 1, samples: 1 });
    expect(page.pictures[0]).toMatchObject({ sample: { position: 4 }, questions: [{ answer: '4' }] });
  });

  it('say where the picture of a sample is, or that the filter leaves it out', async () => {
    const [last, other] = await idsOf(5, 4);
    const found = async (find: SampleId, split?: 'test') =>
      (await store.datasets.pictures({ datasetId, offset: 0, limit: 1, find, ...(split && { split }) })).found;
    expect(await found(last!)).toBe(0);
    expect(await found(other!)).toBe(1);
    expect(await found(other!, 'test')).toBeNull();
  });
});
