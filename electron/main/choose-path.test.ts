/** @file The dialog for a path opens for our own page only, and for what it may ask. */
import type { IpcMain } from 'electron';
import { expect, it } from 'vitest';
import { CHOOSE_CHANNEL, lendPathDialog } from './choose-path.ts';

const ownContents = { id: 1 };
const page = { url: 'studio://app/#/datasets', parent: null };

/** What the page gets, what the dialog was asked for, and what was refused. */
async function ask(event: object, kind: unknown, canceled = false) {
  const asked: unknown[] = [];
  const refused: string[] = [];
  let handler: (event: object, kind: unknown) => Promise<string | null> = async () => null;
  lendPathDialog({
    ipcMain: {
      handle: (channel: string, given: typeof handler) => {
        expect(channel).toBe(CHOOSE_CHANNEL);
        handler = given;
      },
    } as unknown as Pick<IpcMain, 'handle'>,
    dialog: {
      showOpenDialog: (async (options: { properties: string[] }) => {
        asked.push(options.properties);
        return { canceled, filePaths: canceled ? [] : ['/pictures'] };
      }) as never,
    },
    isOwnContents: (contents) => contents === ownContents,
    onRefused: (url) => refused.push(url),
  });
  const path = await handler({ sender: ownContents, senderFrame: page, ...event }, kind);
  return { path, asked, refused };
}

it('gives our page the path that was chosen, or null', async () => {
  expect(await ask({}, 'folder')).toEqual({
    path: '/pictures',
    asked: [['openDirectory', 'createDirectory']],
    refused: [],
  });
  expect(await ask({}, 'file')).toEqual({ path: '/pictures', asked: [['openFile']], refused: [] });
  expect(await ask({}, 'folder', true)).toMatchObject({ path: null, refused: [] });
});

it.each([
  ['another page', { senderFrame: { url: 'https://example.org/', parent: null } }, 'folder'],
  ['a frame inside the page', { senderFrame: { url: 'studio://app/', parent: page } }, 'folder'],
  ['a frame that is gone', { senderFrame: null }, 'folder'],
  ['contents that are not ours', { sender: { id: 2 } }, 'folder'],
  ['another kind of dialog', {}, 'save'],
  ['no kind', {}, undefined],
])('opens nothing for %s', async (_name, event, kind) => {
  expect(await ask(event, kind)).toMatchObject({ path: null, asked: [], refused: [expect.any(String)] });
});
