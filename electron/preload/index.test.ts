/** @file What the preload exposes to the page on a fake Electron: one port and three functions, and nothing else. */
import type { MessagePort } from 'node:worker_threads';
import { expect, it, vi } from 'vitest';

const { exposed, sent } = vi.hoisted(() => ({
  exposed: [] as [string, Record<string, unknown>][],
  sent: [] as [string, unknown, unknown[]][],
}));

vi.mock('electron', () => ({
  contextBridge: { exposeInMainWorld: (name: string, given: Record<string, unknown>) => exposed.push([name, given]) },
  ipcRenderer: {
    postMessage: (channel: string, message: unknown, ports: unknown[]) => sent.push([channel, message, ports]),
    invoke: (channel: string, request: object) => Promise.resolve(`${channel} ${JSON.stringify(request)}`),
    on: (channel: string, listener: (event: object, colour: string) => void) => listener({}, `${channel} #aa5500`),
  },
  webUtils: { getPathForFile: (file: { name: string }) => `/home/somebody/${file.name}` },
}));

it('gives the page the path of a dropped file, and at its load one end of one channel', async () => {
  const posted: [unknown, string, unknown[]][] = [];
  let load: () => void = () => undefined;
  vi.stubGlobal('window', {
    addEventListener: (type: string, listener: () => void) => {
      if (type === 'load') load = listener;
    },
    postMessage: (message: unknown, origin: string, ports: unknown[]) => posted.push([message, origin, ports]),
  });
  await import('./index.ts');
  expect(exposed.map(([name, given]) => [name, Object.keys(given)])).toEqual([
    ['studio', ['pathForFile', 'ask', 'onAccent']],
  ]);
  const pathForFile = exposed[0]?.[1]['pathForFile'] as (file: { name: string }) => string;
  expect(pathForFile({ name: 'x.png' })).toBe('/home/somebody/x.png');
  const ask = exposed[0]?.[1]['ask'] as (request: object) => Promise<string>;
  expect(await ask({ ask: 'accent' })).toBe('atelier:ask {"ask":"accent"}');
  const colours: unknown[] = [];
  (exposed[0]?.[1]['onAccent'] as (listener: (colour: unknown) => void) => void)((colour) => colours.push(colour));
  expect(colours).toEqual(['atelier:accent #aa5500']);
  expect([sent, posted]).toEqual([[], []]);

  load();
  expect(sent.map(([channel, message, ports]) => [channel, message, ports.length])).toEqual([
    ['atelier:port', null, 1],
  ]);
  expect(posted.map(([message, , ports]) => [message, ports.length])).toEqual([['atelier:port', 1]]);
  const [ours] = sent[0]?.[2] as MessagePort[];
  const [theirs] = posted[0]?.[2] as MessagePort[];
  const heard = new Promise((resolve) => theirs!.once('message', resolve));
  ours!.postMessage('through');
  expect(await heard).toBe('through');
  ours!.close();
  vi.unstubAllGlobals();
});
