/** @file A page of the studio without a browser: the contract over the loopback host's socket. */
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { WebSocket } from 'ws';
import type { StudioClient } from '../../cli/command.ts';
import type { Started } from './workplace.ts';

export interface Page {
  client: StudioClient;
  /** Opens another page with the cookie and key of this one. */
  another(): Promise<Page>;
  close(): void;
}

/** The one-time address that `atelier serve --json` prints. */
export async function listening(host: Started): Promise<string> {
  return await new Promise<string>((resolve, reject) => {
    host.onLine((line) => {
      const event = JSON.parse(line) as { type?: string; url?: string };
      if (event.type === 'listening' && event.url !== undefined) resolve(event.url);
    });
    void host.ended.then(({ status, err }) => reject(new Error(`The host ended with ${status}: ${err}`)));
  });
}

/** Opens the address as a browser does, and a socket with what it hands out. */
export async function connectTo(url: string): Promise<Page> {
  const opened = await fetch(url);
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
  const key = /data-key="([^"]+)"/.exec(await opened.text())?.[1] ?? '';
  const { origin, host } = new URL(url);
  const open = async (): Promise<Page> => {
    const socket = new WebSocket(`ws://${host}/rpc`, ['atelier', key], { headers: { origin, cookie } });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.on('error', () => undefined);
    return {
      client: createORPCClient(new RPCLink({ websocket: socket as never })),
      another: open,
      close: () => socket.terminate(),
    };
  };
  return await open();
}
