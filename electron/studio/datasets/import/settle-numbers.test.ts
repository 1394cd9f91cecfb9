/** @file Numbers with commas in a table's answers: asked about, decided by the table, or rewritten when a person says so. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { localPictures } from '../../../pictures/work.ts';
import { engineSamples } from '../engine-samples.ts';
import { freshDataFolder } from '../testing/data-folder.ts';
import { picture } from '../testing/pictures.ts';
import { importDataset, inspectImport, type ImportInput } from './import.ts';

const on = freshDataFolder();

/** A table with these answers, as text in a CSV or as they are in JSON lines. */
async function table(answers: readonly (string | number)[], ending: 'csv' | 'jsonl' = 'csv'): Promise<string> {
  const folder = join(on.work, 'measured');
  await mkdir(folder, { recursive: true });
  for (const index of answers.keys()) await writeFile(join(folder, `${index}.png`), await picture(index));
  const lines =
    ending === 'csv'
      ? ['image;question;answer', ...answers.map((answer, index) => `${index}.png;How long?;${answer}`)]
      : answers.map((answer, index) => JSON.stringify({ image: `${index}.png`, question: 'How long?', answer }));
  await writeFile(join(folder, `metadata.${ending}`), `${lines.join('\n')}\n`);
  return folder;
}

const inspected = (path: string, more: Partial<ImportInput> = {}) =>
  inspectImport({ pictures: localPictures }, { path, testShare: 0, ...more });

async function answersOf(path: string, more: Partial<ImportInput>) {
  const { dataset } = await importDataset(on.store, { path, testShare: 0, ...more });
  return (await engineSamples(on.store, dataset.id, 'train')).map(({ answer }) => answer);
}

describe('numbers in answers', () => {
  it('are asked about where they can be read in two ways: nothing is imported until it is said', async () => {
    const path = await table(['1,234', '7', '12,500 m', '9']);
    const report = await inspected(path);
    expect(report.numbers).toEqual({ asks: true, answers: 2, example: '1,234', asWritten: 1234, decimalComma: 1.234 });
    expect(report.problems.map(({ row, field }) => [row, field])).toEqual([
      [2, 'answer'],
      [4, 'answer'],
    ]);
    expect(report.problems[0]?.reason).toMatch(/"1,234" may be 1234 or 1\.234\./);
    await expect(importDataset(on.store, { path })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('are asked about too where decimal commas make points doubtful', async () => {
    const report = await inspected(await table(['3,5', '1.234', '7']));
    expect(report.numbers).toMatchObject({ asks: true, answers: 1, example: '1.234', asWritten: 1.234 });
  });

  it('stay as they are, or become points with their own text kept, as a person says', async () => {
    const path = await table(['1,234', '3,5 m', '1.234', '7']);
    expect(await answersOf(path, { numbers: 'as-written' })).toEqual(['1,234', '3,5 m', '1.234', '7']);
    const { dataset, report } = await importDataset(on.store, { path, testShare: 0, numbers: 'decimal-comma' });
    const samples = await engineSamples(on.store, dataset.id, 'train');
    expect(samples.map(({ answer }) => answer)).toEqual(['1.234', '3.5 m', '1234', '7']);
    expect(report.warnings).toContainEqual(
      expect.stringMatching(/3 answers now have a point, such as 1\.234 for "1,234"/),
    );
  });

  it('are decided by decimal points elsewhere in the table, and the report says so', async () => {
    const path = await table(['1,234', '3.5', '7']);
    const report = await inspected(path);
    expect(report.numbers).toMatchObject({ asks: false, answers: 1 });
    expect(report.problems).toEqual([]);
    expect(report.warnings).toContainEqual(expect.stringMatching(/"1,234" is read as 1234, because .*"3\.5" in row 3/));
    expect(await answersOf(path, {})).toEqual(['1,234', '3.5', '7']);
  });

  it('are in no doubt where the file holds numbers, where things are counted, or where there are no marks', async () => {
    expect((await inspected(await table([1.234, 2, 3], 'jsonl'))).numbers).toBeNull();
    expect((await inspected(await table(['1,234', '2']), { task: 'counting' })).numbers).toBeNull();
    expect((await inspected(await table(['1.234', '0.5', 'red, blue']))).numbers).toBeNull();
  });

  it('with decimal commas only are no question: they stay as they are', async () => {
    const report = await inspected(await table(['3,5', '12,25', '7']));
    expect(report.numbers).toMatchObject({ asks: false, answers: 0, example: '3,5' });
    expect(report.problems).toEqual([]);
  });
});
