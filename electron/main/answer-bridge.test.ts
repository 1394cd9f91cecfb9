/** @file The bridge answers our own page only, and only what its schema allows. */
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IpcMain } from 'electron';
import { expect, it } from 'vitest';
import { answerBridge, BRIDGE_CHANNEL } from './answer-bridge.ts';

const ownContents = { id: 1 };
let savedAt = '/disk/backup.zip';
const page = { url: 'studio://app/#/datasets', parent: null };

/** What the page gets, and what was done for it. */
async function ask(request: unknown, { event = {}, canceled = false }: { event?: object; canceled?: boolean } = {}) {
  const done: unknown[] = [];
  const refused: string[] = [];
  let handler: (event: object, request: unknown) => Promise<string | null> = async () => null;
  answerBridge({
    ipcMain: {
      handle: (channel: string, given: typeof handler) => {
        expect(channel).toBe(BRIDGE_CHANNEL);
        handler = given;
      },
    } as unknown as Pick<IpcMain, 'handle'>,
    dialog: {
      showOpenDialog: (async (options: { properties: string[] }) => {
        done.push(options.properties);
        return { canceled, filePaths: canceled ? [] : ['/pictures'] };
      }) as never,
      showSaveDialog: (async ({ defaultPath }: { defaultPath: string }) => {
        done.push(defaultPath);
        return { canceled, filePath: canceled ? '' : savedAt };
      }) as never,
    },
    documents: () => '/documents',
    isOwnContents: (contents) => contents === ownContents,
    onRefused: (url) => refused.push(url),
    pathOf: async (what) => {
      if (what.kind === 'dataset') throw new Error('This dataset is not known.');
      return what.kind === 'home' ? '/home/data' : `/exports/${'exportId' in what ? what.exportId : what.kind}`;
    },
    exists: (path) => path !== '/exports/gone',
    showInFolder: (path) => done.push(`show ${path}`),
    startDrag: (contents, path) => done.push(contents === (ownContents as unknown) ? `drag ${path}` : 'wrong contents'),
    applyTheme: (theme) => done.push(theme),
    applyLanguage: (language) => done.push(language),
    accent: () => '#aa5500',
    allowCamera: async () => void done.push('camera'),
    report: async (of) => {
      if (of.kind === 'experiment') throw new Error('This experiment is not known.');
      return { fileName: 'apples-report.html', html: '<p>apples</p>' };
    },
    printed: async (html) => Buffer.from(`PDF of ${html}`),
    restore: async () => {
      done.push('restore');
      return null;
    },
  });
  const answer = await handler({ sender: ownContents, senderFrame: page, ...event }, request);
  return { answer, done, refused };
}

it.each([
  [{ ask: 'choose', kind: 'folder' }, '/pictures', ['openDirectory', 'createDirectory']],
  [{ ask: 'choose', kind: 'file' }, '/pictures', ['openFile']],
  [{ ask: 'save', name: 'atelier-2026-11-29.zip' }, '/disk/backup.zip', join('/documents', 'atelier-2026-11-29.zip')],
  [{ ask: 'reveal', what: { kind: 'home' } }, null, 'show /home/data'],
  [{ ask: 'reveal', what: { kind: 'export', exportId: 'x1' } }, null, 'show /exports/x1'],
  [{ ask: 'drag', exportId: 'x1' }, null, 'drag /exports/x1'],
  [{ ask: 'theme', theme: 'dark' }, null, 'dark'],
  [{ ask: 'language', language: 'de' }, null, 'de'],
  [{ ask: 'restore' }, null, 'restore'],
  [{ ask: 'camera' }, null, 'camera'],
] as const)('does %o', async (request, answer, done) => {
  expect(await ask(request)).toEqual({ answer, done: [done], refused: [] });
});

it('gives the accent colour, and null for a dialog that was cancelled', async () => {
  expect(await ask({ ask: 'accent' })).toMatchObject({ answer: '#aa5500', refused: [] });
  for (const request of [
    { ask: 'choose', kind: 'folder' },
    { ask: 'save', name: 'a.zip' },
  ])
    expect(await ask(request, { canceled: true })).toMatchObject({ answer: null, refused: [] });
});

it('says why something cannot be shown', async () => {
  const gone = await ask({ ask: 'drag', exportId: 'gone' });
  expect(gone).toEqual({ answer: expect.stringContaining('/exports/gone'), done: [], refused: [] });
  const unknown = await ask({ ask: 'reveal', what: { kind: 'dataset', datasetId: 'd' } });
  expect(unknown).toEqual({ answer: 'This dataset is not known.', done: [], refused: [] });
});

it.each([
  ['another page', { senderFrame: { url: 'https://example.org/', parent: null } }],
  ['a frame inside the page', { senderFrame: { url: 'studio://app/', parent: page } }],
  ['a frame that is gone', { senderFrame: null }],
  ['contents that are not ours', { sender: { id: 2 } }],
])('does nothing for %s', async (_name, event) => {
  const request = { ask: 'reveal', what: { kind: 'home' } };
  expect(await ask(request, { event })).toEqual({ answer: null, done: [], refused: [expect.any(String)] });
});

it.each([
  [undefined],
  ['choose'],
  [{ ask: 'choose', kind: 'save' }],
  [{ ask: 'save', name: '../../etc/passwd' }],
  [{ ask: 'reveal', what: { kind: 'path', path: '/etc/passwd' } }],
  [{ ask: 'reveal', what: { kind: 'home', path: '/etc/passwd' } }],
  [{ ask: 'drag', path: '/etc/passwd' }],
  [{ ask: 'theme', theme: 'blue' }],
  [{ ask: 'language', language: 'fr' }],
  [{ ask: 'quit' }],
  [{ ask: 'camera', audio: true }],
])('refuses %o', async (request) => {
  expect(await ask(request)).toEqual({ answer: null, done: [], refused: ['studio://app/#/datasets'] });
});

it('writes a report as PDF where the person chooses, and says why if it cannot', async () => {
  savedAt = join(mkdtempSync(join(tmpdir(), 'atelier-pdf-')), 'apples.pdf');
  const request = { ask: 'pdf', what: { kind: 'run', runId: 'run-1' } };
  expect(await ask(request, { canceled: true })).toMatchObject({ answer: null });
  expect(existsSync(savedAt)).toBe(false);
  expect(await ask(request)).toEqual({ answer: null, done: [join('/documents', 'apples-report.pdf')], refused: [] });
  expect(readFileSync(savedAt, 'utf8')).toBe('PDF of <p>apples</p>');
  const unknown = await ask({ ask: 'pdf', what: { kind: 'experiment', experimentId: 'x' } });
  expect(unknown).toEqual({ answer: 'This experiment is not known.', done: [], refused: [] });
});
