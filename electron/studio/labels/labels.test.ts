/** @file From a folder of pictures to a dataset, through the contract: answers, undo, proposals, what is left behind. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LabelItem, SheetId } from '../../contract/model/labels.ts';
import type { EvaluationId } from '../../contract/model/primitives.ts';
import { resultOf } from '../../contract/model/result-events.ts';
import { answerGiverOf, answerOriginOf } from '../../method/answer-origin.ts';
import { startChild } from '../../store/testing/processes.ts';
import { picture } from '../datasets/testing/pictures.ts';
import { openTestStudio, clientOf, prepareStudio, type TestStudio } from '../fixtures/test-studio.ts';

let on: TestStudio;
let folder: string;

beforeEach(async () => {
  on = await prepareStudio();
  folder = join(on.home, 'photographs');
  mkdirSync(folder);
  for (let index = 0; index < 6; index += 1) writeFileSync(join(folder, `${index}.png`), await picture(index * 30, 40));
});
afterEach(() => on.studio.close());

async function sheetOf(task = 'count'): Promise<SheetId> {
  return (await resultOf(on.client.labels.create({ path: folder, task, question: 'How many birds?' }))).sheet.id;
}

async function itemsOf(sheetId: SheetId): Promise<LabelItem[]> {
  return (await on.client.labels.items({ sheetId })).items;
}

async function answer(sheetId: SheetId, answers: readonly string[]): Promise<void> {
  for (const [position, text] of answers.entries())
    await on.client.labels.answer({ sheetId, positions: [position], set: { answer: text } });
}

describe('a sheet', () => {
  it('holds every picture of a folder, names what cannot be read, and is no dataset', async () => {
    writeFileSync(join(folder, 'broken.png'), 'no picture');
    writeFileSync(join(folder, 'notes.txt'), 'no picture either');
    const before = await on.client.datasets.list();
    const made = await resultOf(on.client.labels.create({ path: folder, task: 'count' }));
    expect(made).toMatchObject({ skipped: 1, problems: [{ file: 'broken.png' }] });
    expect(made.sheet).toMatchObject({
      name: 'photographs',
      question: 'How many birds are there?',
      counts: { pictures: 6, answered: 0, proposed: 0, leftOut: 0, unreadable: 0 },
    });
    expect((await itemsOf(made.sheet.id)).map(({ name }) => name)).toEqual([0, 1, 2, 3, 4, 5].map((n) => `${n}.png`));
    expect(await on.client.datasets.list()).toEqual(before);
    expect(await on.client.labels.list()).toHaveLength(1);
  });

  it('counts an answer that the task cannot read apart, and says what it reads', async () => {
    const sheetId = await sheetOf();
    const { items, sheet } = await on.client.labels.answer({ sheetId, positions: [0], set: { answer: 'a flock' } });
    expect(items[0]?.problem).toBe('whole numbers');
    expect(sheet.counts).toMatchObject({ answered: 0, unreadable: 1 });
  });

  it('undoes the letters of one answer together, and many answers at once', async () => {
    const sheetId = await sheetOf();
    for (const text of ['1', '12', '123'])
      await on.client.labels.answer({ sheetId, positions: [2], set: { answer: text }, stroke: 'a' });
    await on.client.labels.answer({ sheetId, positions: [2], set: { answer: '7' }, stroke: 'b' });
    const many = await on.client.labels.answer({ sheetId, positions: [0, 1, 2, 3], set: { answer: '5' } });
    expect(many.sheet).toMatchObject({ undoable: 3, counts: { answered: 4 } });
    expect((await on.client.labels.undo({ sheetId }))?.items.map((item) => item.answer)).toEqual(['', '', '7', '']);
    expect((await on.client.labels.undo({ sheetId }))?.items.map((item) => item.answer)).toEqual(['123']);
    expect((await on.client.labels.undo({ sheetId }))?.items.map((item) => item.answer)).toEqual(['']);
    expect(await on.client.labels.undo({ sheetId })).toBeNull();
  });

  it('changes nothing where one of the pictures is not on it', async () => {
    const sheetId = await sheetOf();
    await expect(on.client.labels.answer({ sheetId, positions: [0, 99], set: { answer: '5' } })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('no picture 99'),
    });
    expect((await itemsOf(sheetId))[0]?.answer).toBe('');
  });

  it('has every answer that was saved after the process is killed', async () => {
    const sheetId = await sheetOf();
    await on.studio.close();
    const child = startChild(join(import.meta.dirname, 'testing', 'child.ts'), [on.home, sheetId]);
    const saved = new Map<number, number>();
    for (const round of [3, 4, 5]) {
      await child.line((line) => line === `saved ${round % 3} ${round}`);
      saved.set(round % 3, round);
    }
    child.process.kill('SIGKILL');
    await child.ended;
    const studio = await openTestStudio(on.home);
    on = { ...on, studio, client: clientOf(studio) };
    const answers = (await itemsOf(sheetId)).map((item) => Number(item.answer));
    for (const [position, round] of saved) expect(answers[position]).toBeGreaterThanOrEqual(round);
  });
});

describe('a dataset of a sheet', () => {
  it('has the answered pictures only, and says how each answer came about', async () => {
    const sheetId = await sheetOf();
    await answer(sheetId, ['1', '2', '3', 'none that reads', '5']);
    await on.client.labels.answer({ sheetId, positions: [4], set: { leftOut: true } });
    const { dataset, waiting } = await resultOf(
      on.client.labels.finish({ sheetId, author: 'Ada', licence: 'CC0-1.0' }),
    );
    expect(dataset).toMatchObject({ name: 'photographs', samples: 3, test: 1, orientation: 'upright' });
    expect(dataset.warnings.join(' ')).not.toContain('not read');
    expect(waiting).toBe(3);
    const { samples } = await on.client.datasets.samples({ datasetId: dataset.id });
    expect(samples.map((sample) => [sample.imageName, sample.prompt, sample.answer])).toEqual(
      ['1', '2', '3'].map((text, index) => [`${index}.png`, 'How many birds?', text]),
    );
    expect(samples.map(answerGiverOf)).toEqual(['typed', 'typed', 'typed']);
    expect(samples.every(({ licence, authors }) => licence === 'CC0-1.0' && authors[0] === 'Ada')).toBe(true);
    expect((await on.client.labels.get({ sheetId })).datasetId).toBe(dataset.id);
  });

  it('refuses to be made of one answer', async () => {
    const sheetId = await sheetOf();
    await answer(sheetId, ['1']);
    await expect(resultOf(on.client.labels.finish({ sheetId }))).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('holds the same pictures out the next time, even if the folder is gone', async () => {
    const sheetId = await sheetOf();
    await answer(sheetId, ['1', '2', '3']);
    const first = await resultOf(on.client.labels.finish({ sheetId }));
    const held = await on.client.datasets.samples({ datasetId: first.dataset.id, split: 'test' });
    rmSync(folder, { recursive: true });
    await answer(sheetId, ['1', '2', '4', '4', '5', '6']);
    const second = await resultOf(on.client.labels.finish({ sheetId }));
    expect(second.dataset.samples).toBe(6);
    expect(second.dataset.name).toBe(`${first.dataset.name} (2)`);
    const again = await on.client.datasets.samples({ datasetId: second.dataset.id, split: 'test' });
    expect(again.samples.map((sample) => sample.imageSha256)).toContain(held.samples[0]?.imageSha256);
    expect((await on.client.datasets.get({ datasetId: first.dataset.id })).samples).toBe(3);
  });

  it('leaves out a picture whose file said no, also after that file is gone', async () => {
    writeFileSync(join(folder, '0.png.headers.txt'), 'HTTP/1.1 200 OK\nx-robots-tag: noai\n');
    const sheetId = await sheetOf();
    expect((await itemsOf(sheetId))[0]?.optedOut).toMatch(/headers/);
    await answer(sheetId, ['1', '2', '3']);
    const first = await resultOf(on.client.labels.finish({ sheetId }));
    expect(first.dataset.excluded.train + first.dataset.excluded.test).toBe(1);
    rmSync(folder, { recursive: true });
    const second = await resultOf(on.client.labels.finish({ sheetId }));
    expect(second.dataset.samples).toBe(2);
  });
});

describe('a proposal', () => {
  it('is no answer until a person confirms or corrects it, and stays marked', async () => {
    const sheetId = await sheetOf('transcribe');
    const told: string[] = [];
    for await (const event of await on.client.labels.propose({ sheetId, modelId: on.modelId })) told.push(event.type);
    expect(told.filter((type) => type === 'item')).toHaveLength(6);
    expect(told.at(-1)).toBe('done');
    const before = await on.client.labels.get({ sheetId });
    expect(before.counts).toMatchObject({ answered: 0, proposed: 6 });
    await expect(resultOf(on.client.labels.finish({ sheetId }))).rejects.toMatchObject({ code: 'BAD_INPUT' });
    const { items } = await on.client.labels.answer({ sheetId, positions: [0, 1], set: { confirm: true } });
    expect(items[0]?.answer).toBe(items[0]?.proposal?.answer);
    await on.client.labels.answer({ sheetId, positions: [2], set: { answer: 'Rosa canina' } });
    const { dataset } = await resultOf(on.client.labels.finish({ sheetId }));
    const { samples } = await on.client.datasets.samples({ datasetId: dataset.id });
    expect(samples.map(answerGiverOf)).toEqual(['confirmed', 'confirmed', 'corrected']);
    const [model] = await on.client.models.list();
    expect(answerOriginOf(samples[0]!)).toMatchObject({
      by: 'model',
      model: model?.name,
      modelSha256: model?.sha256,
      runId: null,
    });
    const { entries } = await on.client.system.audit({ limit: 5 });
    expect(entries.find(({ action }) => action === 'labels.dataset-made')?.body).toMatchObject({
      confirmed: 2,
      corrected: 1,
      typed: 0,
    });
    // A person who changes a confirmed answer later has given it.
    await on.client.datasets.edit({
      datasetId: dataset.id,
      select: { sampleIds: [samples[0]!.id] },
      set: { answer: 'Another' },
    });
    expect(answerGiverOf(await on.client.datasets.sample({ sampleId: samples[0]!.id }))).toBe('corrected');
  });

  it('cannot be confirmed where there is none', async () => {
    const sheetId = await sheetOf();
    await expect(on.client.labels.answer({ sheetId, positions: [0], set: { confirm: true } })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('0.png'),
    });
  });
});

describe('an answer that is fixed after an evaluation', () => {
  it('changes the dataset, says by which answer was judged, and leaves a test question one', async () => {
    const { client, modelId, datasetId } = on;
    let evaluationId: EvaluationId | undefined;
    for await (const event of await client.evaluations.start({ modelId, datasetId }))
      if (event.type === 'done') evaluationId = event.evaluation.id;
    const page = async () => (await client.evaluations.page({ evaluationId: evaluationId! })).items;
    const [first] = await page();
    const before = await client.datasets.get({ datasetId });
    const fixed = await client.datasets.edit({
      datasetId,
      select: { sampleIds: [first!.sampleId] },
      set: { answer: '77' },
      note: 'Fixed',
    });
    expect(fixed.dataset.snapshotSha256).not.toBe(before.snapshotSha256);
    expect([fixed.dataset.train, fixed.dataset.test]).toEqual([before.train, before.test]);
    expect((await page())[0]).toMatchObject({ answer: '77', answerThen: first!.answer, verdict: first!.verdict });
    expect((await client.datasets.sample({ sampleId: first!.sampleId })).split).toBe('test');
    await client.datasets.undo({ datasetId, editId: fixed.edit!.id });
    expect((await page())[0]).toMatchObject({ answer: first!.answer, answerThen: null });
  });
});

describe.each(['jsonl', 'parquet'] as const)('answers written as %s', (format) => {
  it('come back as they were, with their pictures, splits and origins', async () => {
    const sheetId = await sheetOf();
    await answer(sheetId, ['1', '2', '3', '4']);
    const { dataset } = await resultOf(on.client.labels.finish({ sheetId, author: 'Ada' }));
    const destination = join(on.home, `out-${format}`);
    const written = await on.client.labels.write({ from: { datasetId: dataset.id }, destination, format });
    expect(written).toMatchObject({
      rows: 4,
      pictures: 4,
      tables: [`test/metadata.${format}`, `train/metadata.${format}`],
    });
    let back: { id: typeof dataset.id } | undefined;
    for await (const event of await on.client.datasets.import({ path: destination }))
      if (event.type === 'done') back = event.dataset;
    const facts = async (datasetId: typeof dataset.id): Promise<unknown[]> =>
      (await on.client.datasets.samples({ datasetId })).samples
        .map(({ imageSha256, prompt, answer: text, split, authors, extra }) => ({
          imageSha256,
          prompt,
          text,
          split,
          authors,
          origin: answerOriginOf({ extra }),
        }))
        .sort((a, b) => (a.imageSha256 < b.imageSha256 ? -1 : 1));
    expect(await facts(back!.id)).toEqual(await facts(dataset.id));
  });

  it('of a sheet are a folder too, and never overwrite one', async () => {
    const sheetId = await sheetOf();
    await answer(sheetId, ['1', '2']);
    const destination = join(on.home, `sheet-${format}`);
    await on.client.labels.write({ from: { sheetId }, destination, format });
    expect(readdirSync(destination).sort()).toEqual(['0.png', '1.png', `metadata.${format}`]);
    if (format === 'jsonl')
      expect(JSON.parse(readFileSync(join(destination, 'metadata.jsonl'), 'utf8').split('\n')[0]!)).toMatchObject({
        file_name: '0.png',
        answer: '1',
      });
    await expect(on.client.labels.write({ from: { sheetId }, destination, format })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(existsSync(join(destination, '0.png'))).toBe(true);
  });
});
