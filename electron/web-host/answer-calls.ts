/**
 * @file Answers calls of the contract that arrive as messages, over the loopback host's socket or the desktop app's
 * port. A message that cannot be read is answered too, and one line about it goes to the log, however many there are.
 */
import { RPCHandler } from '@orpc/server/websocket';
import type { Logger } from 'pino';
import { encodeError } from '../contract/errors/error-codec.ts';
import { AtelierError } from '../contract/errors/errors.ts';
import type { StudioRouter } from '../studio/router.ts';

/** Where answers go. */
export interface Caller {
  send(message: string | Uint8Array): void;
}

export interface Calls {
  /** Answers one message. Never rejects. */
  message(caller: Caller, data: unknown): Promise<void>;
  /** Gives up what the caller waits for. */
  close(caller: Caller): void;
}

type HandlerSocket = Parameters<RPCHandler<object>['close']>[0];

export function answerCalls(router: StudioRouter, log: Pick<Logger, 'warn'>): Calls {
  const handler = new RPCHandler(router);
  const warned = new WeakSet<Caller>();
  return {
    message: async (caller, data) => {
      try {
        refuseUnreadable(data);
        await handler.message(caller as HandlerSocket, data as string | ArrayBuffer, { context: {} });
      } catch (error) {
        if (!warned.has(caller)) log.warn({ err: error }, 'a caller sent a message that cannot be read');
        warned.add(caller);
        try {
          caller.send(unreadable(data));
        } catch {
          // The caller has left.
        }
      }
    },
    close: (caller) => handler.close(caller as HandlerSocket),
  };
}

const SENT_BY_CALLERS = { request: 1, event: 3, abort: 4 };

/** Refuses what the handler would accept and then wait for without ever answering. */
function refuseUnreadable(data: unknown): void {
  const message = parsed(data);
  if (typeof message !== 'object' || message === null || Array.isArray(message))
    throw new Error('It is not an object.');
  const { i: id, t: type = SENT_BY_CALLERS.request, p: request } = message as Record<string, unknown>;
  if (typeof id !== 'string' && typeof id !== 'number') throw new Error('It has no number.');
  if (type === SENT_BY_CALLERS.abort) return;
  // No procedure of the contract takes a stream.
  if (type !== SENT_BY_CALLERS.request) throw new Error('It is not a call.');
  const { u: path, h: headers = {} } = (request ?? {}) as Record<string, unknown>;
  if (typeof path !== 'string') throw new Error('It names no procedure.');
  if (typeof headers !== 'object' || headers === null || 'content-type' in headers || 'content-disposition' in headers)
    throw new Error('It has a body of its own kind.');
}

function parsed(data: unknown): unknown {
  if (typeof data === 'string') return JSON.parse(data);
  if (!(data instanceof Uint8Array) && !(data instanceof ArrayBuffer)) throw new Error('It is neither text nor bytes.');
  // Calls are JSON; the protocol would allow bytes after it, which no procedure takes.
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data));
}

/** The answer to an unreadable message, with its number if it has one. */
function unreadable(data: unknown): string {
  let id: unknown = null;
  try {
    const { i } = parsed(data) as { i?: unknown };
    if (typeof i === 'string' || typeof i === 'number') id = i;
  } catch {
    // It has none.
  }
  const error = encodeError(new AtelierError('BAD_INPUT', 'The studio cannot read this message.'));
  return JSON.stringify({ i: id, p: { s: error.status, b: { json: error.toJSON() } } });
}
