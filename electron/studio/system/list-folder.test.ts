/** @file Folders of this machine are listed for the browser, within the home folder and no further. */
import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FolderRequest } from '../../contract/model/folders.ts';
import { listFolder } from './list-folder.ts';

let home: string;
let outside: string;

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'atelier-home-')));
  outside = realpathSync(mkdtempSync(join(tmpdir(), 'atelier-outside-')));
  vi.stubEnv('HOME', home);
  for (const folder of ['birds 10', 'birds 9', '.hidden']) mkdirSync(join(home, folder));
  for (const file of ['table.csv', 'notes.txt', 'all.ZIP', 'reward.ts', 'a.jpg', 'b.PNG'])
    writeFileSync(join(home, file), '');
});
afterEach(() => vi.unstubAllEnvs());

function list(request: Partial<FolderRequest> = {}) {
  return listFolder(FolderRequest.parse(request));
}

it('begins in the home folder, with folders in the order that people expect, and counts its pictures', async () => {
  const listing = await list();
  expect(listing).toMatchObject({ path: home, parent: null, pictures: 2, leftOut: 0 });
  expect(listing.places[0]).toEqual({ kind: 'home', path: home });
  expect(listing.entries).toEqual(
    ['birds 9', 'birds 10'].map((name) => ({ name, path: join(home, name), kind: 'folder' })),
  );
});

it('shows the files that can be chosen, after the folders', async () => {
  const named = async (files: FolderRequest['files']) =>
    (await list({ files })).entries.filter(({ kind }) => kind === 'file').map(({ name }) => name);
  expect(await named('tables')).toEqual(['all.ZIP', 'table.csv']);
  expect(await named('code')).toEqual(['reward.ts']);
});

it.skipIf(process.platform === 'win32')('understands a path as people write it, and a file as its folder', async () => {
  const folder = join(home, 'birds 9');
  for (const path of ['~/birds 9', `"${folder}"`, pathToFileURL(folder).href, ` ${folder}`])
    expect(await list({ path })).toMatchObject({ path: folder, parent: home });
  expect((await list({ path: join(home, 'table.csv') })).path).toBe(home);
});

it.skipIf(process.platform === 'win32')('does not leave the home folder, by a path or by a link', async () => {
  await expect(list({ path: outside })).rejects.toMatchObject({ code: 'BAD_INPUT', remedy: 'Type its path instead.' });
  await expect(list({ path: join(home, '..') })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  symlinkSync(outside, join(home, 'a way out'));
  symlinkSync(join(home, 'birds 9'), join(home, 'a way in'));
  symlinkSync(join(home, 'nowhere'), join(home, 'broken'));
  expect((await list()).entries.map(({ name }) => name)).toEqual(['a way in', 'birds 9', 'birds 10']);
  await expect(list({ path: join(home, 'a way out') })).rejects.toMatchObject({ code: 'BAD_INPUT' });
});

it('says so if a folder is not there', async () => {
  await expect(list({ path: join(home, 'nothing here') })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
