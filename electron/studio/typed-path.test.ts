/** @file A path is understood as people type, paste and drag it. */
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { typedPath, wholePath } from './typed-path.ts';

let work: string;
beforeAll(async () => {
  work = await realpath(await mkdtemp(join(tmpdir(), 'atelier-path-')));
  await mkdir(join(work, 'Bär'.normalize('NFD'), 'two words'), { recursive: true });
  await mkdir(join(work, '"quoted"'));
});
afterAll(() => rm(work, { recursive: true, force: true }));

it.each<[string, (folder: string) => string]>([
  ['in quotes', (folder) => `"${folder}"`],
  ['in single quotes, with spaces around', (folder) => `  '${folder}' `],
  ['as an address', (folder) => pathToFileURL(folder).href],
])('%s', async (_, write) => {
  const folder = join(work, 'Bär'.normalize('NFD'), 'two words');
  expect(await typedPath(write(folder))).toBe(folder);
});

it('with accents composed otherwise than on the disk', async () => {
  const onDisk = join(work, 'Bär'.normalize('NFD'), 'two words');
  expect(await typedPath(join(work, 'Bär'.normalize('NFC'), 'two words'))).toBe(onDisk);
});

it('with ~ for the home folder, and literally where such a file exists', async () => {
  expect(await typedPath('~/surely-not-there')).toBe(join(homedir(), 'surely-not-there'));
  expect(await typedPath(join(work, '"quoted"'))).toBe(join(work, '"quoted"'));
});

it('refuses the address of another machine', async () => {
  await expect(typedPath('file://server/share')).rejects.toMatchObject({ code: 'BAD_INPUT' });
});

it('refuses a relative path for a file to be written, which would land where Atelier was started', async () => {
  expect(await wholePath('~/new.zip')).toBe(join(homedir(), 'new.zip'));
  for (const relative of ['new.zip', './new.zip', '"new.zip"'])
    await expect(wholePath(relative)).rejects.toMatchObject({ code: 'BAD_INPUT', place: { field: 'path' } });
});
