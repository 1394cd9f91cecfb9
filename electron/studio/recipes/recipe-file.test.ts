/** @file A recipe from somebody else: whatever the file is, it is read or refused by name. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../fixtures/test-studio.ts';
import { readRecipeFile } from './recipe-file.ts';

const file = join(temporaryFolder(), 'recipe.json');

it('reads the fields of a recipe', async () => {
  writeFileSync(file, '\ufeff{"steps": 50}');
  expect(await readRecipeFile(file)).toEqual({ steps: 50 });
});

it('reads YAML, with the names that another data folder has', async () => {
  writeFileSync(file, 'model: Nano\ndataset: Birds\nsteps: 50 # enough\n');
  expect(await readRecipeFile(file)).toEqual({ model: 'Nano', dataset: 'Birds', steps: 50 });
});

it('refuses a field that it does not know, with its line', async () => {
  writeFileSync(file, 'steps: 50\nrewards:\n  - name: accuracy\n    weight: 1\n    weigth: 2\n');
  await expect(readRecipeFile(file)).rejects.toMatchObject({ code: 'BAD_INPUT', place: { file, row: 5 } });
  writeFileSync(file, '{\n  "steps": 50,\n  "stepps": 9\n}');
  await expect(readRecipeFile(file)).rejects.toMatchObject({
    message: `The file ${file} is not a recipe: line 3, stepps is not a field of a recipe.`,
    place: { file, row: 3, field: 'stepps' },
  });
});

it('names a misspelt field before the one that is missing because of it', async () => {
  writeFileSync(file, 'mixture:\n  - dataset: a\n    weigt: 2\n  - dataset: b\n    weight: 1\n');
  await expect(readRecipeFile(file)).rejects.toMatchObject({
    message: expect.stringContaining('line 3, mixture.0.weigt is not a field of a recipe') as string,
    place: { file, row: 3, field: 'mixture.0.weigt' },
  });
});

it.each([
  ['is cut off', '{"steps": 5', /is not a recipe/],
  ['is a list', '[1]', /is not a recipe/],
  ['is nested without end', '['.repeat(1_000_000), /is not a recipe/],
  ['is no text', Buffer.from([0xff, 0xfe, 0x00]), /is not a recipe/],
])('refuses a file that %s, with its name and what to do', async (_, bytes, words) => {
  writeFileSync(file, bytes);
  await expect(readRecipeFile(file)).rejects.toMatchObject({
    code: 'BAD_INPUT',
    place: { file },
    message: expect.stringMatching(words) as string,
    remedy: expect.stringContaining('steps: 50') as string,
  });
});

it('names a file that is missing', async () => {
  await expect(readRecipeFile(`${file}.none`)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it.skipIf(process.platform === 'win32')('reads no device, which has no end', async () => {
  await expect(readRecipeFile('/dev/zero')).rejects.toMatchObject({ code: 'BAD_INPUT', place: { file: '/dev/zero' } });
});
