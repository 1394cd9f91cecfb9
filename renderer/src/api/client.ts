/**
 * @file The page's only connection to the studio: oRPC over the desktop app's message port, or over a
 * WebSocket to the host that served the page. After a socket drops, the next call opens a new one.
 */
import { createORPCClient, type ClientContext, type ClientLink, type ClientOptions } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import type { contract } from '../../../electron/contract/api/index.ts';
import { language } from '../messages/language.ts';
import { saidLink } from './said-link.ts';

export type StudioClient = ContractRouterClient<typeof contract, ClientContext>;

type Link = ClientLink<ClientContext>;
type Options = ClientOptions<ClientContext>;

/** Whether the studio can be reached; `onChange` lets the page show it. */
export type ConnectionState = 'opening' | 'open' | 'lost';

/** Creates the client for the environment the page runs in. */
export function createStudioClient(onChange: (state: ConnectionState) => void): StudioClient {
  const link: Link = window.studio === undefined ? socketLink(onChange) : portLink(onChange);
  return createORPCClient(language === 'en' ? link : saidLink(link));
}

const openingNoticeMs = 400;

/** Marks the studio's first answer on the page's timeline, for measurements of the start. */
function markOpen(): void {
  const name = 'studio-open';
  if (performance.getEntriesByName(name).length === 0) performance.mark(name);
}

/** The preload posts one port to the page; calls made before it arrives wait for it. */
function portLink(onChange: (state: ConnectionState) => void): Link {
  const ready = new Promise<Link>((resolve) => {
    window.addEventListener('message', function receive(event: MessageEvent<unknown>) {
      const port = event.ports[0];
      if (event.source !== window || event.data !== 'atelier:port' || port === undefined) return;
      window.removeEventListener('message', receive);
      port.start();
      resolve(new PortLink({ port }));
    });
  });
  // The desktop app shows its window before the studio is open. A notice appears only if that takes a moment.
  const notice = setTimeout(() => onChange('opening'), openingNoticeMs);
  function isOpen(): void {
    clearTimeout(notice);
    markOpen();
    onChange('open');
  }
  return {
    async call(path: readonly string[], input: unknown, options: Options) {
      try {
        return await (await ready).call(path, input, options);
      } finally {
        isOpen();
      }
    },
  };
}

const firstDelayMs = 500;
const longestDelayMs = 8000;

/** One socket at a time. When it drops, it reopens: at once for the next call, otherwise after growing pauses. */
function socketLink(onChange: (state: ConnectionState) => void): Link {
  let socket: WebSocket | undefined;
  let link: Link | undefined;
  let delayMs = firstDelayMs;

  function current(): Link {
    if (link !== undefined && socket !== undefined && socket.readyState <= WebSocket.OPEN) return link;
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    // The host accepts the first protocol; the second shows that this page is its own (web-host/security.ts).
    const key = localStorage.getItem('atelier-key');
    const opened = new WebSocket(`${scheme}://${location.host}/rpc`, key === null ? ['atelier'] : ['atelier', key]);
    opened.addEventListener('open', () => {
      delayMs = firstDelayMs;
      onChange('open');
    });
    opened.addEventListener('close', () => {
      if (opened !== socket) return; // a call has already opened the next one
      onChange('lost');
      setTimeout(() => current(), delayMs);
      delayMs = Math.min(delayMs * 2, longestDelayMs);
    });
    socket = opened;
    link = new SocketLink({ websocket: opened });
    return link;
  }

  return {
    async call(path, input, options) {
      const answer = await current().call(path, input, options);
      markOpen();
      return answer;
    },
  };
}
