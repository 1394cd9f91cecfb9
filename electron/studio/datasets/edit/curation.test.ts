/** @file Curating a dataset: duplicates, leakage, splits, edits and undo; a run keeps the data it started with. */
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { DuplicatesRequest, LeakageRequest, SplitRequest } from '../../../contract/model/curation.ts';
import type { DatasetSummary } from '../../../contract/model/datasets.ts';
import type { DatasetId, SampleId } from '../../../contract/model/primitives.ts';
import { addModel, recipeFor } from '../../../store/testing/fixture.ts';
import { withDatabase } from '../../../store/testing/raw-database.ts';
import { findDuplicates } from '../analysis/duplicates.ts';
import { editSamples, undoEdit } from './edit.ts';
import { datasetFacets } from '../analysis/facets.ts';
import { importDataset } from '../import/import.ts';
import { findLeakage } from '../analysis/leakage.ts';
import { splitDataset } from './resplit.ts';
import { snapshotSha256 } from '../snapshot.ts';
import { freshDataFolder } from '../testing/data-folder.ts';
import { scenery } from '../testing/scenery.ts';
import { writeFolder, type Row } from '../testing/pictures.ts';

const on = freshDataFolder();

/** Eight sceneries by three authors; `more` adds or changes rows and pictures. */
async function gallery(
  name: string,
  more: (rows: Row[], images: Record<string, Buffer>) => void | Promise<void> = () => undefined,
  first = 0,
): Promise<DatasetSummary> {
  const rows: Row[] = [];
  const images: Record<string, Buffer> = {};
  for (let index = 0; index < 8; index += 1) {
    images[`${index}.png`] = await scenery(first + index);
    rows.push({
      file_name: `${index}.png`,
      question: 'How many hills?',
      answer: String(index % 4),
      author: ['Ada', 'Grace', 'Mary'][index % 3],
      licence: 'CC-BY-4.0',
      scene: index < 4 ? 'coast' : 'town',
      split: index < 6 ? 'train' : 'test',
    });
  }
  await more(rows, images);
  const folder = await writeFolder(join(on.work, name), rows, images);
  return (await importDataset(on.store, { path: folder })).dataset;
}

const duplicates = (datasetId: DatasetId, more: object = {}) =>
  findDuplicates(on.store, DuplicatesRequest.parse({ datasetId, ...more }));
const leakage = (datasetId: DatasetId, more: object = {}) =>
  findLeakage(on.store, LeakageRequest.parse({ datasetId, ...more }));
const split = (datasetId: DatasetId, more: object) =>
  splitDataset(on.store, SplitRequest.parse({ datasetId, ...more }));

async function samplesOf(dataset: DatasetSummary) {
  return await on.store.datasets.allSamples(dataset.id);
}

describe('duplicates and leakage', () => {
  it('finds a copy that was encoded anew, made smaller or turned upright, and nothing else', async () => {
    const dataset = await gallery('copies', async (rows, images) => {
      const original = images['2.png'] ?? Buffer.alloc(0);
      images['jpeg.jpg'] = await sharp(original).jpeg({ quality: 40 }).toBuffer();
      images['small.webp'] = await sharp(original).resize(90).webp({ quality: 60 }).toBuffer();
      // The same picture stored on its side, with an orientation tag that turns it upright.
      images['turned.jpg'] = await sharp(await sharp(original).rotate(270).png().toBuffer())
        .withMetadata({ orientation: 6 })
        .jpeg()
        .toBuffer();
      for (const [index, name] of ['jpeg.jpg', 'small.webp', 'turned.jpg'].entries())
        rows.push({ ...rows[2], file_name: name, split: index === 0 ? 'test' : 'train' });
    });
    const report = await duplicates(dataset.id);
    expect(report).toMatchObject({ images: 11, plainImages: 0, total: 1 });
    expect(report.groups[0]).toMatchObject({ kind: 'near', leaks: true, optOutNearby: false });
    expect(report.groups[0]?.members.map((member) => member.imageName).sort()).toEqual([
      '2.png',
      'jpeg.jpg',
      'small.webp',
      'turned.jpg',
    ]);
    const leaks = await leakage(dataset.id);
    expect(leaks).toMatchObject({ total: 3, testSamples: 1 });
    expect(new Set(leaks.pairs.map((pair) => pair.test.imageName))).toEqual(new Set(['jpeg.jpg']));
    expect(dataset.leakage).toEqual({ same: 0, near: 1 });
  });

  it('finds what trains in one dataset and tests in another, the same bytes or nearly', async () => {
    const first = await gallery('first');
    const second = await gallery(
      'second',
      async (rows, images) => {
        images['again.png'] = await scenery(0);
        images['nearly.jpg'] = await sharp(await scenery(1))
          .jpeg({ quality: 70 })
          .toBuffer();
        rows.push({ ...rows[0], file_name: 'again.png', split: 'test' });
        rows.push({ ...rows[1], file_name: 'nearly.jpg', split: 'test' });
      },
      100,
    );
    const report = await leakage(second.id);
    expect(report.compared.map(({ name }) => name)).toEqual(['second', 'first']);
    expect(
      report.pairs.map(({ kind, train, test }) => [kind, train.datasetName, train.imageName, test.imageName]),
    ).toEqual([
      ['same', 'first', '0.png', 'again.png'],
      ['near', 'first', '1.png', 'nearly.jpg'],
    ]);
    expect(await leakage(second.id, { against: [] })).toMatchObject({ total: 0 });
    expect((await leakage(first.id)).total).toBe(2);
    expect((await duplicates(second.id, { across: true })).total).toBe(2);
  });

  it('tells no two plain pictures for alike', async () => {
    const plain = (background: string) =>
      sharp({ create: { width: 60, height: 60, channels: 3, background } })
        .png()
        .toBuffer();
    const dataset = await gallery('plain', async (rows, images) => {
      images['white.png'] = await plain('#ffffff');
      images['cream.png'] = await plain('#fdfdfa');
      for (const name of ['white.png', 'cream.png']) rows.push({ ...rows[0], file_name: name });
    });
    expect(await duplicates(dataset.id)).toMatchObject({ images: 10, plainImages: 2, total: 0 });
  });
});

describe('edits', () => {
  it('set values in one transaction, are recorded without names, and can be undone to the very same data', async () => {
    const dataset = await gallery('edited');
    const before = await samplesOf(dataset);
    const {
      edit,
      changed,
      dataset: after,
    } = await editSamples(on.store, {
      datasetId: dataset.id,
      select: { filter: { author: 'Ada' } },
      set: { licence: 'cc0-1.0', authors: ['Ada Lovelace'], addTags: ['blue', 'sea'], split: 'test', answer: '12' },
      note: 'asked her',
    });
    expect(changed).toBe(3);
    expect(edit).toMatchObject({ kind: 'edit', samples: 3, undoable: true, undoneBy: null, note: 'asked her' });
    expect(after).toMatchObject({ edits: 1, train: 4, test: 4, authors: 3 });
    expect(after.snapshotSha256).not.toBe(dataset.snapshotSha256);
    const now = await samplesOf(dataset);
    expect(snapshotSha256(now)).toBe(after.snapshotSha256);
    expect(now[0]).toMatchObject({
      licence: 'CC0-1.0',
      authors: ['Ada Lovelace'],
      tags: ['blue', 'sea'],
      answer: '12',
      split: 'test',
      sources: [{ title: '0.png', author: 'Ada Lovelace', licence: 'CC0-1.0', url: null }],
    });
    const [entry] = (await on.store.audit.page({ offset: 0, limit: 1 })).entries;
    expect(entry).toMatchObject({
      action: 'dataset.edited',
      body: { fields: ['addTags', 'answer', 'authors', 'licence', 'split'], samples: 3 },
    });
    expect(JSON.stringify(entry)).not.toContain('Lovelace');
    expect((await on.store.datasets.samples({ datasetId: dataset.id, offset: 0, limit: 9, tag: 'sea' })).total).toBe(3);

    const undone = await undoEdit(on.store, { datasetId: dataset.id });
    expect(undone.dataset).toMatchObject({ edits: 0, snapshotSha256: dataset.snapshotSha256, train: 6 });
    expect(await samplesOf(dataset)).toEqual(before);
    expect(await on.store.edits.list(dataset.id)).toMatchObject([
      { kind: 'undo', undoable: false },
      { kind: 'edit', undoneBy: undone.edit?.id, undoable: false },
    ]);
    expect((await on.store.audit.verify()).intact).toBe(true);
  });

  it('are undone newest first where they touch the same samples, in any order where they do not', async () => {
    const dataset = await gallery('order');
    const [a, b] = (await samplesOf(dataset)).map((sample) => sample.id);
    const set = async (sampleIds: (SampleId | undefined)[], tag: string) =>
      (
        await editSamples(on.store, {
          datasetId: dataset.id,
          select: { sampleIds: sampleIds.filter((id) => id !== undefined) },
          set: { addTags: [tag] },
        })
      ).edit?.id;
    const first = await set([a], 'one');
    const second = await set([a, b], 'two');
    const third = await set([b], 'three');
    await expect(undoEdit(on.store, { datasetId: dataset.id, editId: first })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await undoEdit(on.store, { datasetId: dataset.id, editId: third });
    await undoEdit(on.store, { datasetId: dataset.id, editId: second });
    await undoEdit(on.store, { datasetId: dataset.id, editId: first });
    expect((await samplesOf(dataset)).every((sample) => sample.tags.length === 0)).toBe(true);
    await expect(undoEdit(on.store, { datasetId: dataset.id })).rejects.toThrow('no edit of the dataset');
    await expect(undoEdit(on.store, { datasetId: dataset.id, editId: first })).rejects.toThrow('undone already');
    await expect(undoEdit(on.store, { datasetId: dataset.id, editId: 'edit-99' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('that cannot be made change nothing', async () => {
    const dataset = await gallery('refused');
    const all = { datasetId: dataset.id, select: { filter: {} } };
    for (const [set, reason] of [
      [{}, 'sets nothing'],
      [{ licence: 'ask my aunt' }, 'does not know a licence called'],
      [{ answer: '3' }, 'only one class'],
    ] as const)
      await expect(editSamples(on.store, { ...all, set })).rejects.toMatchObject({
        code: 'BAD_INPUT',
        message: expect.stringContaining(reason) as string,
      });
    const strangers = { sampleIds: ['ds-other-0001' as SampleId] };
    await expect(
      editSamples(on.store, { datasetId: dataset.id, select: strangers, set: { split: 'test' } }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await editSamples(on.store, { ...all, set: { licence: 'CC-BY-4.0', removeTags: ['none'] } })).toMatchObject({
      edit: null,
      changed: 0,
    });
    expect(await on.store.edits.list(dataset.id)).toEqual([]);
  });

  it('cannot be made behind the store’s back', async () => {
    const dataset = await gallery('guarded');
    const run = (sql: string) => withDatabase(on.home, (database) => database.run(sql));
    await expect(run(`UPDATE sample SET answer = '9'`)).rejects.toThrow('wrote down what it was');
    await run('DROP TRIGGER sample_change_is_recorded');
    await expect(run(`UPDATE sample SET prompt = 'x'`)).rejects.toThrow('cannot be changed after its import');
    await editSamples(on.store, { datasetId: dataset.id, select: { filter: {} }, set: { addTags: ['t'] } });
    await expect(run('DELETE FROM sample_before')).rejects.toThrow('cannot be changed');
    await expect(run('DELETE FROM dataset_edit')).rejects.toThrow('only be followed');
  });

  it('leave a run the data that it began with', async () => {
    const dataset = await gallery('running');
    const { summary: run } = await on.store.runs.create(recipeFor(await addModel(on.store), dataset));
    const then = await on.store.datasets.allSamples(dataset.id, 'train', run.createdAt);
    for (const set of [{ split: 'test' as const }, { answer: '77', authors: [] }])
      await editSamples(on.store, { datasetId: dataset.id, select: { filter: { author: 'Ada' } }, set });
    expect(await on.store.datasets.allSamples(dataset.id, 'train', run.createdAt)).toEqual(then);
    const whole = await on.store.datasets.allSamples(dataset.id, undefined, run.createdAt);
    expect(snapshotSha256(whole)).toBe(dataset.snapshotSha256);
    expect(await on.store.datasets.snapshotSha256At(dataset.id, run.createdAt)).toBe(dataset.snapshotSha256);
    expect(await on.store.datasets.snapshotSha256At(dataset.id)).not.toBe(dataset.snapshotSha256);
  });
});

describe('splits', () => {
  it('by a column keep its groups whole, and are undone like an edit', async () => {
    const dataset = await gallery('grouped');
    expect((await datasetFacets(on.store, dataset.id)).columns).toEqual([
      { name: 'author', groups: 3, empty: 0 },
      { name: 'scene', groups: 2, empty: 0 },
    ]);
    const planned = await split(dataset.id, { by: { kind: 'group', column: 'author' }, testShare: 0.3, dryRun: true });
    expect(planned).toMatchObject({ edit: null, groups: 3 });
    expect((await on.store.datasets.get(dataset.id)).edits).toBe(0);
    const made = await split(dataset.id, { by: { kind: 'group', column: 'author' }, testShare: 0.3 });
    expect(made).toMatchObject({ train: planned.train, test: planned.test, edit: { kind: 'split' } });
    const sides = new Map<string, Set<string>>();
    for (const { authors, split: side } of await samplesOf(dataset))
      sides.set(authors.join(), (sides.get(authors.join()) ?? new Set()).add(side));
    expect([...sides.values()].every((side) => side.size === 1)).toBe(true);
    expect(made.test).toBeGreaterThan(0);
    await undoEdit(on.store, { datasetId: dataset.id });
    expect((await on.store.datasets.get(dataset.id)).snapshotSha256).toBe(dataset.snapshotSha256);
  });

  it('by seed differ by seed, repeat themselves, and keep what looks alike together', async () => {
    const dataset = await gallery('seeded', async (rows, images) => {
      for (let index = 0; index < 8; index += 1) {
        images[`${index}.jpg`] = await sharp(images[`${index}.png`]).jpeg({ quality: 60 }).toBuffer();
        rows.push({ ...rows[index], file_name: `${index}.jpg`, split: index % 2 === 0 ? 'test' : 'train' });
      }
    });
    expect(dataset.leakage?.near).toBeGreaterThan(0);
    const sides = async (seed: number): Promise<string> => {
      await split(dataset.id, { by: { kind: 'seed' }, testShare: 0.5, seed });
      return (await samplesOf(dataset)).map((sample) => sample.split).join();
    };
    const first = await sides(1);
    expect(await sides(2)).not.toBe(first);
    expect(await sides(1)).toBe(first);
    expect((await on.store.datasets.get(dataset.id)).leakage).toEqual({ same: 0, near: 0 });
  });

  it('say so where a column divides nothing or badly', async () => {
    const dataset = await gallery('badly', (rows) => rows.forEach((row) => (row['scene'] = 'one')));
    await expect(split(dataset.id, { by: { kind: 'group', column: 'scene' } })).rejects.toThrow('belong together');
    await expect(split(dataset.id, { by: { kind: 'group', column: 'nope' } })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      remedy: expect.stringContaining('author, scene') as string,
    });
    const { warnings } = await split(dataset.id, { by: { kind: 'group', column: 'author' }, testShare: 0.05 });
    expect(warnings.join()).toContain('could not be divided further');
  });
});
