/** @file For tests only: a hub of our own on loopback, with one model, that can misbehave in many ways. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export const COMMIT = 'c0ffee'.padEnd(40, '0');
const LARGE = /\.safetensors$/;

export interface Request {
  path: string;
  range: string | undefined;
  token: string | undefined;
}

export interface SmallHub {
  url: string;
  requests: Request[];
  files: Map<string, Buffer>;
  /** Answers a request itself if it returns true. */
  misbehave: (request: IncomingMessage, response: ServerResponse, path: string) => boolean;
  /** The listing as it is sent; tests change it. */
  listing: () => unknown[];
  close(): Promise<void>;
}

export function gitHash(bytes: Buffer): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/** Serves the files of a folder, and more, as the model `me/tiny`. */
export async function openSmallHub(folder: string, more: Record<string, string> = {}): Promise<SmallHub> {
  const files = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
  for (const [name, text] of Object.entries(more)) files.set(name, Buffer.from(text));
  const hub: Omit<SmallHub, 'url' | 'close'> = {
    requests: [],
    files,
    misbehave: () => false,
    listing: () =>
      [...files].map(([path, bytes]) => {
        const entry = { type: 'file', path, size: bytes.length, oid: gitHash(bytes) };
        const oid = createHash('sha256').update(bytes).digest('hex');
        return LARGE.test(path)
          ? { ...entry, oid: gitHash(Buffer.from(oid)), lfs: { oid, size: bytes.length, pointerSize: 130 } }
          : entry;
      }),
  };
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '').split('?')[0] ?? '');
    const { range, authorization } = request.headers;
    hub.requests.push({ path, range, token: authorization });
    if (hub.misbehave(request, response, path)) return;
    const json = (value: unknown): void => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(value));
    };
    const revision = /^\/api\/models\/me\/tiny\/revision\/(.+)$/.exec(path)?.[1];
    if (revision !== undefined) {
      if (!['HEAD', 'main', COMMIT].includes(revision)) {
        response.writeHead(404, { 'x-error-code': 'RevisionNotFound' }).end();
        return;
      }
      json({
        _id: '1',
        id: 'me/tiny',
        sha: COMMIT,
        private: false,
        gated: false,
        downloads: 1,
        likes: 0,
        lastModified: '2026-01-01T00:00:00.000Z',
      });
      return;
    }
    if (path === `/api/models/me/tiny/tree/${COMMIT}`) {
      json(hub.listing());
      return;
    }
    const bytes = files.get(new RegExp(`^/me/tiny/resolve/${COMMIT}/(.+)$`).exec(path)?.[1] ?? '');
    if (bytes === undefined) {
      response.writeHead(404, { 'x-error-code': path.includes('/me/tiny/') ? 'EntryNotFound' : 'RepoNotFound' }).end();
      return;
    }
    sendFile(response, bytes, range);
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  return Object.assign(hub, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  });
}

export function sendFile(response: ServerResponse, bytes: Buffer, range: string | undefined): void {
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  const rest = bytes.subarray(start);
  const headers = { 'content-length': rest.length };
  if (range === undefined) response.writeHead(200, headers);
  else response.writeHead(206, { ...headers, 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` });
  response.end(rest);
}
