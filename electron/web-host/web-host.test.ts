import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { contract } from '../contract/api/index.ts';
import { decodeError } from '../contract/errors/error-codec.ts';
import { prepareStudio, temporaryFolder } from '../studio/fixtures/test-studio.ts';
import type { TestStudio } from '../studio/fixtures/test-studio.ts';
import type { WebHost } from './web-host.ts';
import { startWebHost } from './web-host.ts';
import { resultOf } from '../contract/model/result-events.ts';

let on: TestStudio;
let host: WebHost;
let cookie: string;
let key: string;
/** The start of an image's address. */
let media: string;
let sampleId: string;

beforeAll(async () => {
  on = await prepareStudio();
  const rendererDir = join(temporaryFolder(), 'renderer');
  mkdirSync(join(rendererDir, 'assets'), { recursive: true });
  writeFileSync(join(rendererDir, 'index.html'), '<!doctype html><title>Atelier</title>');
  writeFileSync(join(rendererDir, 'assets', 'app-1234.js'), 'export {};');
  writeFileSync(join(rendererDir, '..', 'secret.json'), '{"secret":true}');
  symlinkSync(join(rendererDir, '..', 'secret.json'), join(rendererDir, 'link.json'));
  host = await startWebHost({ studio: on.studio, rendererDir });
  const address = host.url.slice(host.origin.length);
  // Neither spends the token.
  expect((await get(address, { cookie: null, method: 'HEAD' })).status).toBe(405);
  expect((await get(address, { cookie: null, headers: { 'sec-purpose': 'prefetch' } })).status).toBe(405);
  const opened = await get(address, { cookie: null });
  cookie = opened.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  key = /data-key="([^"]+)"/.exec(opened.body.toString())?.[1] ?? '';
  media = `/media/${/data-media="([^"]+)"/.exec(opened.body.toString())?.[1] ?? ''}`;
  sampleId = (await on.client.datasets.samples({ datasetId: on.datasetId })).samples[0]!.id;
});

afterAll(async () => {
  await host.close();
  await on.studio.close({ waitMs: 0 });
});

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** A raw request, without the safeguards of fetch: any Host, any path. */
function get(
  path: string,
  options: { cookie?: string | null; method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { ...(options.cookie === null ? {} : { cookie: options.cookie ?? cookie }), ...options.headers };
    const request = httpRequest(
      { host: '127.0.0.1', port: host.port, path, method: options.method ?? 'GET', headers },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      },
    );
    request.on('error', reject);
    request.end();
  });
}

function socket(
  headers: Record<string, string>,
  path = '/rpc',
  protocols: string[] = ['atelier', key],
): Promise<'open' | number> {
  return new Promise((resolve) => {
    const webSocket = new WebSocket(`ws://127.0.0.1:${host.port}${path}`, protocols, { headers });
    webSocket.on('open', () => {
      webSocket.close();
      resolve('open');
    });
    webSocket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    webSocket.on('error', () => undefined);
  });
}

describe('the token', () => {
  it('opens the page once; the cookie then carries on', async () => {
    expect(cookie).toMatch(/^atelier-\d+=[\w-]{43}$/);
    expect(new URL(host.url).searchParams.get('token')).toMatch(/^[\w-]{43}$/);
    expect((await get(host.url.slice(host.origin.length), { cookie: null })).status).toBe(403);
    const page = await get('/');
    expect(page.status).toBe(200);
    expect(page.body.toString()).toContain('<title>Atelier</title>');
  });

  it('sets a cookie that scripts and other sites do not get', async () => {
    const other = await startWebHost({ studio: on.studio, rendererDir: '/nowhere' });
    const { headers } = await fetch(other.url);
    expect(headers.get('set-cookie')).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
    await other.close();
  });

  it.each(['/', '/assets/app-1234.js', '/media/a/b', '/rpc', '/nothing'])('nothing at %s without it', async (path) => {
    expect((await get(path, { cookie: null })).status).toBe(403);
    expect((await get(path, { cookie: cookie.replace(/.{3}$/, 'abc') })).status).toBe(403);
  });
});

describe('who may ask', () => {
  it.each(['localhost', 'evil.example', '127.0.0.1', '127.0.0.1:1'])('refuses the Host %s', async (name) => {
    expect((await get('/', { headers: { host: name } })).status).toBe(403);
  });

  it.each(['http://localhost:PORT', 'http://evil.example', 'null', 'https://127.0.0.1:PORT'])(
    'refuses the Origin %s',
    async (origin) => {
      const headers = { origin: origin.replace('PORT', String(host.port)) };
      expect((await get('/', { headers })).status).toBe(403);
      expect(await socket({ ...headers, cookie })).toBe(403);
    },
  );

  it('refuses what other pages load, even with the cookie', async () => {
    expect((await get('/', { headers: { 'sec-fetch-site': 'same-site' } })).status).toBe(403);
    expect((await get('/', { headers: { 'sec-fetch-site': 'same-origin' } })).status).toBe(200);
  });

  it('upgrades only our own page with the cookie, only at /rpc', async () => {
    const headers = { origin: host.origin, cookie };
    expect(await socket(headers)).toBe('open');
    expect(await socket({ origin: host.origin })).toBe(403);
    expect(await socket({ cookie })).toBe(403);
    expect(await socket({ ...headers, host: 'localhost' })).toBe(403);
    expect(await socket(headers, '/other')).toBe(404);
    // The cookie goes to every port of 127.0.0.1, so whoever listens on another one has it, but not the key.
    for (const protocols of [[], ['atelier'], ['atelier', 'x'.repeat(43)], [key, 'atelier'], [key]])
      expect(await socket(headers, '/rpc', protocols)).toBe(403);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    const answer = await get('/', { method });
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('GET, HEAD');
  });

  it('reads no body that it would refuse anyway', async () => {
    const request = httpRequest({
      host: '127.0.0.1',
      port: host.port,
      path: '/',
      method: 'POST',
      headers: { cookie, 'content-length': String(1024 ** 3) },
    });
    // Cut while it still writes.
    request.on('error', () => undefined);
    let sent = 0;
    const piece = Buffer.alloc(1024 * 1024);
    const status = new Promise<number>((resolve) =>
      request.on('response', (answer) => resolve(answer.statusCode ?? 0)),
    );
    const closed = new Promise<void>((resolve) => request.on('close', () => resolve()));
    const write = (): void => {
      while (!request.destroyed && sent < 1024) {
        sent += 1;
        if (!request.write(piece)) {
          request.once('drain', write);
          return;
        }
      }
    };
    write();
    expect(await status).toBe(405);
    await closed;
    expect(sent).toBeLessThan(100);
  });
});

describe('what is served', () => {
  it('the page, with a strict policy on every answer', async () => {
    for (const path of ['/', '/assets/app-1234.js', '/nothing', `${media}/${on.datasetId}/${sampleId}`]) {
      const { headers } = await get(path);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
    expect((await get('/assets/app-1234.js')).headers['content-type']).toBe('text/javascript; charset=utf-8');
    const head = await get('/', { method: 'HEAD' });
    expect([head.status, head.body.length]).toEqual([200, 0]);
  });

  it.each([
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/..%2fsecret.json',
    '/link.json',
    '/assets/..%5c..%5csecret.json',
    '/%00',
    '/%zz',
    '/assets',
  ])('nothing outside its folder: %s', async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  it('images by id: the original bytes, and a thumbnail of the size that was asked for', async () => {
    const original = await get(`${media}/${on.datasetId}/${sampleId}`);
    expect(original.headers['content-type']).toBe('image/png');
    expect(await sharp(original.body).metadata()).toMatchObject({ width: 200, height: 100, format: 'png' });
    const small = await get(`${media}/${on.datasetId}/${sampleId}?size=160`);
    expect(small.headers['content-type']).toBe('image/webp');
    expect(await sharp(small.body).metadata()).toMatchObject({ width: 160, height: 80 });
    expect((await get(`${media}/${on.datasetId}/${sampleId}?size=160`)).body.equals(small.body)).toBe(true);
  });

  it('images only to an address with their key, which is not that of the socket', async () => {
    const address = `${on.datasetId}/${sampleId}`;
    expect((await get(`${media}/${address}`)).status).toBe(200);
    // What a server on another port of this machine gets from the browser: the cookie.
    for (const path of [
      `/media/${address}`,
      `/media/none/${address}`,
      `/media/${key}/${address}`,
      `/media//${address}`,
    ])
      expect((await get(path)).status, path).toBe(403);
    expect((await get(`${media}/${address}`, { cookie: null })).status).toBe(403);
  });

  it('an image as a model sees it', async () => {
    const { modelId } = on;
    const seen = await get(`${media}/${on.datasetId}/${sampleId}?pixels=6272&model=${modelId}`);
    expect(seen.headers['content-type']).toBe('image/png');
    expect(await sharp(seen.body).metadata()).toMatchObject({ width: 112, height: 56, format: 'png' });
    expect((await get(`${media}/${on.datasetId}/${sampleId}?pixels=6272&model=none`)).status).toBe(404);
    expect((await get(`${media}/${on.datasetId}/${sampleId}?pixels=-1&model=${modelId}`)).status).toBe(400);
  });

  it('no image by path, of another dataset, or of a size that is not made', async () => {
    expect((await get(`${media}/other/${sampleId}`)).status).toBe(404);
    expect((await get(`${media}/${on.datasetId}/nobody`)).status).toBe(404);
    expect((await get(`${media}/${on.datasetId}/${encodeURIComponent('../../../etc/passwd')}`)).status).toBe(404);
    expect((await get(`${media}/${on.datasetId}/${sampleId}?size=161`)).status).toBe(400);
  });
});

describe('the contract over the socket', () => {
  async function connect(): Promise<{ client: ContractRouterClient<typeof contract>; close: () => void }> {
    const webSocket = new WebSocket(`ws://127.0.0.1:${host.port}/rpc`, ['atelier', key], {
      headers: { origin: host.origin, cookie },
    });
    await new Promise((resolve) => webSocket.once('open', resolve));
    return { client: createORPCClient(new RPCLink({ websocket: webSocket as never })), close: () => webSocket.close() };
  }

  it('answers like the studio in process', async () => {
    const { client, close } = await connect();
    expect(await client.datasets.list()).toEqual(await on.client.datasets.list());
    expect(await client.system.status()).toMatchObject({ home: on.home, network: 'none', engine: null });
    close();
  });

  it('fails like the studio in process: code, sentence, place and remedy', async () => {
    const { client, close } = await connect();
    for (const call of [
      (studio: typeof client) => studio.runs.get({ runId: 'nobody' }),
      (studio: typeof client) => studio.datasets.rename({ datasetId: on.datasetId, name: '' }),
      (studio: typeof client) => studio.models.register({ path: '/nowhere' }),
      (studio: typeof client) =>
        resultOf(studio.models.generate({ model: on.modelPath, images: [], prompt: 'please fail' })),
      (studio: typeof client) => resultOf(studio.models.generate({ model: on.modelPath, images: [], prompt: 'a bug' })),
    ]) {
      const [far, near] = await Promise.all(
        [client, on.client].map((studio) => call(studio).then(() => null, decodeError)),
      );
      expect(far).not.toBeNull();
      const facts = [far, near].map((error) => ({
        code: error?.code,
        message: error?.message,
        place: error?.place,
        remedy: error?.remedy,
      }));
      expect(facts[0]).toEqual(facts[1]);
    }
    close();
  });

  it('streams a run to its end, and lets a watcher leave', async () => {
    const { client, close } = await connect();
    const { modelId, datasetId } = on;
    const run = await client.runs.start({ modelId, datasetId, steps: 3, name: 'over the socket' });
    const steps: number[] = [];
    for await (const event of await client.runs.watch({ runId: run.id })) {
      if (event.type === 'steps') steps.push(...event.steps.map(({ step }) => step));
    }
    expect(steps).toEqual([1, 2, 3]);
    expect((await client.runs.get({ runId: run.id })).summary.status).toBe('completed');
    const again = await client.runs.watch({ runId: run.id });
    await again.return?.();
    expect(await client.system.status()).toMatchObject({ engine: { version: 'fake' } });
    close();
  });
});

describe('the port', () => {
  it('that is taken is refused in plain words', async () => {
    const failure = await startWebHost({ studio: on.studio, rendererDir: '/nowhere', port: host.port }).then(
      () => null,
      decodeError,
    );
    expect(failure).toMatchObject({ code: 'CONFLICT', place: { field: 'port' } });
  });
});
