/**
 * @file The studio in a browser: a loopback HTTP and WebSocket host. It binds to 127.0.0.1 only, requires a token,
 * checks Host and Origin on every request and on the upgrade, and serves media by id.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { AtelierError } from '../contract/errors/errors.ts';
import type { Studio } from '../studio/studio.ts';
import { answerCalls } from './answer-calls.ts';
import { answerMedia } from './media.ts';
import { Gate, securityHeaders, SOCKET_PROTOCOL } from './security.ts';
import { readStaticFile } from './static-files.ts';

const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Time for an answer to arrive before a connection with an unread body is cut. */
const LINGER_MS = 500;

export interface WebHostOptions {
  studio: Studio;
  /** The built page, `out/renderer`. */
  rendererDir: string;
  /** 0 or absent = any free port. */
  port?: number;
  /** Called when the one-time token has been used. */
  onOpened?: () => void;
}

export interface WebHost {
  /** The address to open, including its one-time token. */
  url: string;
  origin: string;
  port: number;
  close(): Promise<void>;
}

/** Starts the host. @throws AtelierError CONFLICT if the port is taken. */
export async function startWebHost(options: WebHostOptions): Promise<WebHost> {
  const server = createServer();
  const port = await listen(server, options.port ?? 0);
  const gate = new Gate(`127.0.0.1:${port}`);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: () => SOCKET_PROTOCOL,
  });
  const calls = answerCalls(options.studio.router, options.studio.log);

  server.on('request', (request, response) => {
    answer(request, response, gate, options).catch((error: unknown) => {
      options.studio.log.error({ err: error, url: request.url }, 'request failed');
      if (!response.headersSent) send(response, gate, 500, 'Something went wrong; the log says more.');
      else response.destroy();
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const address = gate.checkAddress(request, { originRequired: true });
    const verdict = address.allowed ? gate.checkSocket(request) : address;
    if (!verdict.allowed || urlOf(request).pathname !== '/rpc') {
      const status = verdict.allowed ? '404 Not Found' : '403 Forbidden';
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', (error) => options.studio.log.warn({ err: error }, 'socket failed'));
      const caller = { send: (message: string | Uint8Array) => webSocket.send(message) };
      // With ws's default binary type, every message is a Buffer.
      webSocket.on('message', (data, isBinary) => {
        void calls.message(caller, isBinary ? data : (data as Buffer).toString());
      });
      webSocket.on('close', () => calls.close(caller));
    });
  });

  return {
    url: `${gate.origin}/open?token=${gate.token}`,
    origin: gate.origin,
    port,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  gate: Gate,
  options: WebHostOptions,
): Promise<void> {
  const address = gate.checkAddress(request, { originRequired: false });
  if (!address.allowed) {
    send(response, gate, 403, address.reason);
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    send(response, gate, 405, 'Only GET and HEAD are answered here.', { Allow: 'GET, HEAD' });
    return;
  }
  const url = urlOf(request);
  if (url.pathname === '/open') {
    if (request.method === 'HEAD' || isPreview(request)) {
      send(response, gate, 405, 'This address can be opened only once, so it is not looked at in advance.', {
        Allow: 'GET',
      });
      return;
    }
    open(response, gate, url.searchParams.get('token'), options.onOpened);
    return;
  }

  const caller = gate.checkCaller(request);
  if (!caller.allowed) {
    send(response, gate, 403, caller.reason);
    return;
  }
  if (url.pathname === OPEN_SCRIPT) {
    send(response, gate, 200, KEEP_KEY, {
      'Content-Type': 'text/javascript; charset=utf-8',
      'Cache-Control': 'no-store',
    });
    return;
  }
  if (url.pathname.startsWith('/media/')) {
    const [, key = '', rest = ''] = /^\/media\/([^/]+)(\/.*)$/.exec(url.pathname) ?? [];
    if (!gate.isMediaKey(key)) {
      send(response, gate, 403, 'The address of the image carries no key of this studio.');
      return;
    }
    const media = await answerMedia(options.studio, rest, url.searchParams);
    send(response, gate, media.status, media.body, media.headers);
    return;
  }
  const file = await readStaticFile(options.rendererDir, url.pathname);
  if (file === null) {
    const hint = url.pathname === '/' ? ' The page has not been built: run `npm run build`.' : '';
    send(response, gate, 404, `There is nothing at ${url.pathname}.${hint}`);
    return;
  }
  send(response, gate, 200, file.body, {
    'Content-Type': file.mediaType,
    'Cache-Control': file.immutable ? 'private, max-age=31536000, immutable' : 'no-store',
  });
}

const OPEN_SCRIPT = '/open.js';
/** A page of another port has another storage, so it cannot read the keys. */
const KEEP_KEY = `const { key, media } = document.documentElement.dataset;
localStorage.setItem('atelier-key', key);
localStorage.setItem('atelier-media-key', media);
location.replace('/');
`;

/** Browsers fetch addresses in advance, to show them or to be quick. */
function isPreview({ headers }: IncomingMessage): boolean {
  return headers['sec-purpose'] !== undefined || headers['purpose'] !== undefined || headers['x-moz'] !== undefined;
}

/**
 * Sets the cookie, hands over the key and continues to the page. This is not a redirect, because a browser coming from
 * another site would not send a SameSite=Strict cookie with it.
 */
function open(response: ServerResponse, gate: Gate, token: string | null, onOpened: (() => void) | undefined): void {
  const redeemed = gate.redeem(token);
  if (redeemed === null) {
    send(
      response,
      gate,
      403,
      'This address was used before or is not complete. Start `atelier serve` again for a new one.',
    );
    return;
  }
  onOpened?.();
  const page = `<!doctype html><html data-key="${redeemed.key}" data-media="${redeemed.mediaKey}"><meta charset="utf-8"><title>Atelier</title><link rel="icon" href="data:,"><script src="${OPEN_SCRIPT}"></script>`;
  send(response, gate, 200, page, {
    'Set-Cookie': redeemed.cookie,
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
  });
}

function send(
  response: ServerResponse,
  gate: Gate,
  status: number,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  // Nothing here takes a body, so none is read: the connection ends with the answer.
  const { headers: asked } = response.req;
  if (asked['transfer-encoding'] !== undefined || Number(asked['content-length'] ?? 0) > 0) {
    headers = { ...headers, Connection: 'close' };
    response.req.pause();
    response.on('finish', () => setTimeout(() => response.req.destroy(), LINGER_MS).unref());
  }
  response.writeHead(status, {
    ...securityHeaders(gate.origin),
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': bytes.length,
    ...headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

function urlOf(request: IncomingMessage): URL {
  // An absolute or malformed target must not override our host: only its path counts.
  try {
    return new URL(request.url ?? '/', 'http://127.0.0.1');
  } catch {
    return new URL('http://127.0.0.1/not-a-path');
  }
}

async function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? new AtelierError('CONFLICT', `Port ${port} cannot be used: another program has it, or it is reserved.`, {
              place: { field: 'port' },
              remedy: 'Choose another with --port, or leave --port out to take any free one.',
            })
          : error,
      );
    });
    server.listen(port, '127.0.0.1', () => resolve());
  });
  return (server.address() as AddressInfo).port;
}
