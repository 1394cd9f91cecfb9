/** @file `atelier label` and `atelier datasets export-answers` in a terminal. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { picture } from '../studio/datasets/testing/pictures.ts';
import {
  clientOf,
  copyTinyModel,
  fakeEngine,
  openTestStudio,
  temporaryFolder,
} from '../studio/fixtures/test-studio.ts';
import type { SheetId } from '../contract/model/labels.ts';
import { commandRunner, type CommandRunner } from './testing/run-command.ts';

let folder: string;
let run: CommandRunner['run'];

beforeAll(async () => {
  folder = temporaryFolder();
  ({ run } = commandRunner({ home: join(folder, 'home'), cwd: folder, spawnEngine: fakeEngine }));
  mkdirSync(join(folder, 'birds'));
  for (let index = 0; index < 4; index += 1)
    writeFileSync(join(folder, 'birds', `${index}.png`), await picture(index * 40, 40));
  copyTinyModel(folder);
});

/** What a person does in the studio. */
async function answer(sheetId: SheetId, answers: readonly string[]): Promise<void> {
  const studio = await openTestStudio(join(folder, 'home'));
  for (const [position, text] of answers.entries())
    await clientOf(studio).labels.answer({ sheetId, positions: [position], set: { answer: text } });
  await studio.close();
}

describe('atelier label', () => {
  it('says what is missing', async () => {
    expect((await run('label')).out).toContain('There are no sheets.');
    const unsaid = await run('label', 'birds');
    expect(unsaid.status).toBe(2);
    expect(unsaid.err).toContain('--task');
    expect((await run('label', 'nowhere', '--task', 'count')).status).toBe(3);
    expect((await run('label', 'finish', 'nobody')).err).toContain('no sheet with the id or name "nobody"');
  });

  it('leads from a folder to a dataset, and to tables of its answers', async () => {
    const made = (await run('label', 'birds', '--task', 'transcribe', '--json')).json() as { sheet: { id: SheetId } };
    const proposed = await run('label', 'propose', 'birds', '--model', 'tiny');
    expect(proposed.out).toContain('4 proposals');
    const early = await run('label', 'finish', 'birds');
    expect(early.status).toBe(2);
    expect(early.err).toContain('No picture has an answer');
    await answer(made.sheet.id, ['Rosa', 'Canina', 'Lilium']);
    const finished = await run('label', 'finish', 'birds', '--author', 'Ada', '--licence', 'CC BY 4.0');
    expect(finished.out).toContain('3 samples (2 train, 1 test)');
    expect(finished.out).toContain('1 picture stays on the sheet');
    expect((await run('label')).out).toMatch(/birds +transcribe +3 +1 +4/);
    const written = await run('datasets', 'export-answers', 'birds', '--out', 'out', '--format', 'parquet');
    expect(written.out).toContain('3 answers about 3 pictures');
    expect((await run('datasets', 'export-answers', 'birds', '--out', 'out')).status).toBe(4);
    expect((await run('label', 'export', 'birds', '--out', 'sheet')).status).toBe(0);
    const [row] = readFileSync(join(folder, 'sheet', 'metadata.jsonl'), 'utf8').split('\n');
    expect(JSON.parse(row ?? '')).toMatchObject({ file_name: '0.png', answer: 'Rosa' });
  });

  it('takes a sheet off the list, and brings it back with its answers', async () => {
    expect((await run('label', 'restore', 'birds')).err).toContain('no removed sheet with the id or name "birds"');
    expect((await run('label', '--removed')).out).toContain('No sheet is removed.');
    const removed = await run('label', 'remove', 'birds');
    expect(removed.out).toMatch(/"birds" is off the list with its 3 answers.*label restore sheet-/);
    expect((await run('label')).out).toContain('There are no sheets.');
    expect((await run('label', 'finish', 'birds')).status).toBe(3);
    expect((await run('label', '--removed')).out).toMatch(/birds +transcribe +3 +1 +4/);
    expect((await run('label', 'restore', 'birds')).out).toContain('"birds" is back: 3 of 4 answered.');
    expect((await run('label')).out).toMatch(/birds +transcribe +3 +1 +4/);
  });

  it('says which question is asked, and counts one picture as one', async () => {
    mkdirSync(join(folder, 'one'));
    writeFileSync(join(folder, 'one', 'a.png'), readFileSync(join(folder, 'birds', '0.png')));
    writeFileSync(join(folder, 'one', 'b.png'), 'no picture');
    const { out } = await run('label', 'one', '--task', 'count');
    expect(out).toContain('1 picture waits for an answer.');
    expect(out).toContain('is the example of the task: "How many birds are there?"');
    expect(out.match(/b\.png/g)).toHaveLength(1);
    const asked = await run('label', 'birds', '--name', 'Nests', '--task', 'count', '--question', 'How many nests?');
    expect(asked.out).toContain('The question about every picture: "How many nests?"');
  });
});
