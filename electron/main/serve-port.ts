/**
 * @file Speaks the contract over the page's port, using the same messages and the same handler as the loopback host's
 * socket. That handler survives a message it cannot read; oRPC's handler for ports would end the program.
 */
import { RPCHandler } from '@orpc/server/ws';
import type { MessagePortMain } from 'electron';
import type { StudioRouter } from '../studio/router.ts';

type Socket = Parameters<RPCHandler<object>['upgrade']>[0];
export type ServedPort = Pick<MessagePortMain, 'on' | 'postMessage'>;

/** Returns the function to call with each port given to the page. */
export function portServer(router: StudioRouter): (port: ServedPort) => void {
  const handler = new RPCHandler(router);
  return (port) => void handler.upgrade(asSocket(port), { context: {} });
}

/** Implements the two parts of a socket that the handler uses. */
function asSocket(port: ServedPort): Socket {
  const socket = {
    send: (message: unknown) => port.postMessage(message),
    addEventListener: (type: 'message' | 'close', listener: (event: { data?: unknown }) => void) => {
      if (type === 'close') port.on('close', () => listener({}));
      else port.on('message', ({ data }: { data: unknown }) => listener({ data: isReadable(data) ? data : '' }));
    },
  };
  return socket as unknown as Socket;
}

/** A port carries anything that can be cloned; a socket carries only text and bytes. */
function isReadable(data: unknown): boolean {
  return typeof data === 'string' || data instanceof Uint8Array;
}
