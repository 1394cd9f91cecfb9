/** @file Speaks the contract over the page's port, with the same messages as the loopback host's socket. */
import type { MessagePortMain } from 'electron';
import type { Studio } from '../studio/studio.ts';
import { answerCalls } from '../web-host/answer-calls.ts';

export type ServedPort = Pick<MessagePortMain, 'on' | 'postMessage'>;

/** Returns the function to call with each port given to the page. */
export function portServer({ router, log }: Pick<Studio, 'router' | 'log'>): (port: ServedPort) => void {
  const calls = answerCalls(router, log);
  return (port) => {
    const caller = { send: (message: unknown) => port.postMessage(message) };
    port.on('message', ({ data }: { data: unknown }) => void calls.message(caller, data));
    port.on('close', () => calls.close(caller));
  };
}
