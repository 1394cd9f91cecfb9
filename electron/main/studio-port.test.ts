import { EventEmitter } from 'node:events';
import type { IpcMain } from 'electron';
import { describe, expect, it } from 'vitest';
import { lendStudioPort, PORT_CHANNEL } from './studio-port.ts';

class FakePort {
  state = 'new';

  start(): void {
    this.state = 'started';
  }

  close(): void {
    this.state = 'closed';
  }
}

const ownContents = { id: 1 };
const page = { url: 'studio://app/', parent: null };

function ask(event: object): { served: number; refused: string[] } {
  const ipcMain = new EventEmitter();
  const told = { served: 0, refused: [] as string[] };
  lendStudioPort({
    ipcMain: ipcMain as unknown as Pick<IpcMain, 'on'>,
    isOwnContents: (contents) => contents === ownContents,
    serve: () => void (told.served += 1),
    onRefused: (url) => told.refused.push(url),
  });
  ipcMain.emit(PORT_CHANNEL, { sender: ownContents, senderFrame: page, ports: [], ...event });
  return told;
}

describe('the port of the page', () => {
  it('is served and started for our own page', async () => {
    const port = new FakePort();
    expect(ask({ ports: [port] })).toEqual({ served: 1, refused: [] });
    await Promise.resolve();
    expect(port.state).toBe('started');
  });

  it.each([
    ['another address', { senderFrame: { url: 'https://example.org/', parent: null } }],
    ['a frame inside the page', { senderFrame: { url: 'studio://app/', parent: page } }],
    ['a frame that is gone', { senderFrame: null }],
    ['contents that are not a window of ours', { sender: { id: 2 } }],
  ])('is closed for %s', (_who, event) => {
    const port = new FakePort();
    expect(ask({ ports: [port], ...event }).served).toBe(0);
    expect(port.state).toBe('closed');
  });

  it('is one: none or two are refused', () => {
    const ports = [new FakePort(), new FakePort()];
    expect(ask({ ports }).served).toBe(0);
    expect(ports.map((port) => port.state)).toEqual(['closed', 'closed']);
    expect(ask({ ports: [] }).refused).toHaveLength(1);
  });
});
