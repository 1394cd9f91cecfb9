/** @file A model from a hub: offered, fetched, continued, refused. The hub is our own, on loopback. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DatasetId } from '../../../contract/model/primitives.ts';
import type { ModelSummary } from '../../../contract/model/models.ts';
import { resultOf } from '../../../contract/model/result-events.ts';
import { baseModelLocation } from '../../../formats/checkpoint.ts';
import { localPictures } from '../../../pictures/work.ts';
import { clientOf, fakeEngine, temporaryFolder, writeDataset } from '../../fixtures/test-studio.ts';
import { openStudio, type Studio } from '../../studio.ts';
import { COMMIT, gitHash, openSmallHub, sendFile, type SmallHub } from './testing/small-hub.ts';

const MODEL = fileURLToPath(new URL('../../../engine/fixtures/qwen2vl-tiny/model', import.meta.url));
const WEIGHTS = 'model.safetensors';
/** What of the tiny model a hub's copy would be taken. */
const TAKEN = [...readdirSync(MODEL).filter((name) => name !== 'config.flat.json'), 'README.md', 'LICENSE'].sort();
const CARD = '---\nlicense_name: qwen-research\nlicense_link: LICENSE\n---\n\n# Tiny\n';
const TOKEN = 'hf_only-in-the-environment';

let hub: SmallHub;
let home: string;
let studio: Studio;
let env: NodeJS.ProcessEnv;

beforeEach(async () => {
  hub = await openSmallHub(MODEL, {
    'README.md': CARD,
    LICENSE: 'Qwen RESEARCH LICENSE AGREEMENT\n',
    'pytorch_model.bin': 'a pickle',
    'modeling_tiny.py': 'import os',
  });
  home = join(temporaryFolder(), 'home');
  env = { HF_ENDPOINT: hub.url, HF_TOKEN: TOKEN };
  studio = await open();
});
afterEach(async () => {
  await studio.close({ waitMs: 0 });
  await hub.close();
});

async function open(): Promise<Studio> {
  return openStudio({
    home,
    resourcesDir: join(home, 'no-resources'),
    version: '0.0.0-test',
    spawnEngine: fakeEngine,
    pictures: localPictures,
    setUp: { root: join(home, 'no-clone'), program: process.execPath },
    hub: { env, idleMs: 2000, waitsMs: [1, 1] },
  });
}

const client = () => clientOf(studio);
const offer = (name = 'me/tiny', revision?: string) =>
  client().models.offer({ name, ...(revision === undefined ? {} : { revision }) });
const get = (): Promise<ModelSummary> => resultOf(client().models.download({ name: 'me/tiny', revision: COMMIT }));
const folder = (kind: 'snapshots' | 'partial'): string => join(home, 'models', 'models--me--tiny', kind, COMMIT);
const fetched = (name: string) => hub.requests.filter(({ path }) => path.endsWith(`/${name}`));
/** Nothing that anyone could take for a model. */
async function expectNoModel(): Promise<void> {
  expect(await client().models.list()).toEqual([]);
  expect(existsSync(folder('snapshots'))).toBe(false);
}

describe('an offer', () => {
  it('says version, licence, size and place, and keeps nothing', async () => {
    const found = await offer();
    expect(found).toMatchObject({
      name: 'me/tiny',
      revision: COMMIT,
      endpoint: hub.url,
      family: 'qwen2_vl',
      licence: 'LicenseRef-Qwen-Research',
      gated: false,
      hereBytes: 0,
      folder: folder('snapshots'),
      modelId: null,
    });
    expect(found.files.map(({ name }) => name).sort()).toEqual(TAKEN);
    expect(found.sizeBytes).toBeGreaterThan(statSync(join(MODEL, WEIGHTS)).size);
    expect(existsSync(join(home, 'models'))).toBe(false);
    expect(fetched(WEIGHTS)).toEqual([]);
  });

  it('of a revision asks for that one', async () => {
    expect((await offer('me/tiny', 'main')).revision).toBe(COMMIT);
    await expect(offer('me/tiny', 'v9')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      data: { place: { field: 'revision' } },
    });
  });

  it.each(['tiny', '../tiny', 'me/..', 'a/b/c', 'me/ti ny', 'me//tiny', ''])('refuses %j as a name', async (name) => {
    await expect(offer(name)).rejects.toThrow();
    expect(hub.requests).toEqual([]);
  });

  it('shows the token to the hub alone, and keeps it nowhere', async () => {
    const other = await openSmallHub(MODEL);
    hub.misbehave = (_request, response, path) => {
      if (!path.endsWith('/config.json')) return false;
      response.writeHead(302, { location: `${other.url}${path}` }).end();
      return true;
    };
    await offer();
    await get();
    expect(new Set(hub.requests.map(({ token }) => token))).toEqual(new Set([`Bearer ${TOKEN}`]));
    expect(other.requests.map(({ token }) => token)).toEqual([undefined, undefined]);
    await other.close();
    await studio.close();
    for (const file of readdirSync(home, { recursive: true, withFileTypes: true })) {
      if (file.isFile()) expect(readFileSync(join(file.parentPath, file.name)).includes(TOKEN), file.name).toBe(false);
    }
  });
});

describe('a download', () => {
  it('takes what is needed and no programs, adds the model, and records where it came from', async () => {
    const model = await get();
    expect(model).toMatchObject({
      name: 'me/tiny',
      path: folder('snapshots'),
      parameters: 182_656,
      licence: 'LicenseRef-Qwen-Research',
      origin: { name: 'me/tiny', revision: COMMIT, endpoint: hub.url },
    });
    expect(readdirSync(model.path).sort()).toEqual(TAKEN);
    expect(existsSync(folder('partial'))).toBe(false);
    expect(await baseModelLocation(model.path)).toEqual({ nameOrPath: 'me/tiny', revision: COMMIT, published: true });
    const { entries } = await client().system.audit({});
    expect(entries.find(({ action }) => action === 'model.downloaded')?.body).toMatchObject({
      name: 'me/tiny',
      revision: COMMIT,
      licence: 'LicenseRef-Qwen-Research',
      cardSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    });
    // Adding the folder again keeps the record, and a second download fetches nothing.
    expect((await client().models.register({ path: model.path })).origin).toEqual(model.origin);
    const before = fetched(WEIGHTS).length;
    expect((await get()).id).toBe(model.id);
    expect(fetched(WEIGHTS).length).toBe(before);
    expect(await offer()).toMatchObject({ modelId: model.id });
  });

  it('of a model for research only says so in the ledger, which then permits nothing commercial', async () => {
    const model = await get();
    let datasetId: DatasetId | undefined;
    for await (const event of await client().datasets.import({ path: await writeDataset(home) }))
      if (event.type === 'done') datasetId = event.dataset.id;
    const { base, purposes, outboundLicences } = await client().ledger.forDatasets({
      datasetIds: [datasetId!],
      modelId: model.id,
    });
    expect(base).toMatchObject({ licence: 'LicenseRef-Qwen-Research', origin: { name: 'me/tiny', revision: COMMIT } });
    expect(purposes.find(({ purpose }) => purpose === 'publish-commercially')?.verdict).toBe('blocked');
    expect(outboundLicences).not.toContain('Apache-2.0');
  });

  it('tells how far it is in bytes', async () => {
    const seen: { done: number; total?: number | undefined; unit?: string | undefined }[] = [];
    await resultOf(client().models.download({ name: 'me/tiny', revision: COMMIT }), (progress) => seen.push(progress));
    const bytes = seen.filter(({ unit }) => unit === 'bytes');
    const { sizeBytes } = await offer();
    expect(bytes.at(0)).toMatchObject({ done: 0, total: sizeBytes });
    expect(bytes.at(-1)).toMatchObject({ done: sizeBytes, total: sizeBytes });
  });

  it('continues where a connection broke', async () => {
    const whole = hub.files.get(WEIGHTS)!;
    let broken = 0;
    hub.misbehave = (request, response, path) => {
      if (!path.endsWith(WEIGHTS) || broken >= 3) return false;
      broken += 1;
      const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
      const rest = whole.subarray(start);
      response.writeHead(start === 0 ? 200 : 206, {
        'content-length': rest.length,
        ...(start === 0 ? {} : { 'content-range': `bytes ${start}-${whole.length - 1}/${whole.length}` }),
      });
      response.write(rest.subarray(0, 100_000), () => response.destroy());
      return true;
    };
    await get();
    const ranges = fetched(WEIGHTS).map(({ range }) => range);
    expect(ranges[0]).toBeUndefined();
    expect(ranges.length).toBe(4);
    expect(ranges.at(-1)).toMatch(/^bytes=\d+-$/);
  });

  it('begins a file anew where the hub does not continue one', async () => {
    mkdirSync(folder('partial'), { recursive: true });
    writeFileSync(join(folder('partial'), `${WEIGHTS}.part`), hub.files.get(WEIGHTS)!.subarray(0, 5000));
    hub.misbehave = (_request, response, path) => {
      if (!path.endsWith(WEIGHTS)) return false;
      sendFile(response, hub.files.get(WEIGHTS)!, undefined);
      return true;
    };
    await get();
    expect(fetched(WEIGHTS)[0]?.range).toBe('bytes=5000-');
  });

  it('that is stopped leaves what has arrived, and the next one continues it', async () => {
    hub.misbehave = (_request, response, path) => {
      if (!path.endsWith(WEIGHTS)) return false;
      const whole = hub.files.get(WEIGHTS)!;
      response.writeHead(200, { 'content-length': whole.length });
      response.write(whole.subarray(0, 300_000));
      return true;
    };
    const part = join(folder('partial'), `${WEIGHTS}.part`);
    const stop = new AbortController();
    const running = resultOf(client().models.download({ name: 'me/tiny', revision: COMMIT }, { signal: stop.signal }));
    running.catch(() => undefined);
    await expect.poll(() => (existsSync(part) ? statSync(part).size : 0), { timeout: 10_000 }).toBe(300_000);
    await expect(get()).rejects.toMatchObject({ code: 'CONFLICT' });
    stop.abort();
    await expect(running).rejects.toThrow();
    await expectNoModel();
    // As after a kill: the lock of a process that is gone stays behind.
    await expect.poll(() => existsSync(`${folder('partial')}.lock`)).toBe(false);
    writeFileSync(`${folder('partial')}.lock`, '{"pid":999999999,"host":"gone"');
    hub.misbehave = () => false;
    expect((await offer()).hereBytes).toBeGreaterThanOrEqual(300_000);
    await get();
    expect(fetched(WEIGHTS).at(-1)?.range).toBe('bytes=300000-');
  });

  it('checks again what an earlier one has left', async () => {
    mkdirSync(folder('partial'), { recursive: true });
    const whole = Buffer.from(hub.files.get(WEIGHTS)!);
    whole[whole.length - 1]! ^= 1;
    writeFileSync(join(folder('partial'), WEIGHTS), whole);
    await get();
    expect(readFileSync(join(folder('snapshots'), WEIGHTS)).equals(hub.files.get(WEIGHTS)!)).toBe(true);
  });

  it('of a model that is damaged at its source adds nothing, and puts its files back', async () => {
    const bytes = Buffer.from(hub.files.get(WEIGHTS)!);
    bytes.fill(0xff, bytes.length - 4000);
    hub.files.set(WEIGHTS, bytes);
    await expect(get()).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('finite') as unknown,
    });
    await expectNoModel();
    expect(existsSync(join(folder('partial'), WEIGHTS))).toBe(true);
  });
});

describe('switched off', () => {
  it('by the setting or the environment, nothing is asked', async () => {
    await client().system.setPreferences({ modelDownloads: false });
    await expect(offer()).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(get()).rejects.toMatchObject({ code: 'CONFLICT' });
    await client().system.setPreferences({ modelDownloads: true });
    env['HF_HUB_OFFLINE'] = '1';
    await expect(offer()).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(hub.requests).toEqual([]);
  });

  it('the setting names the hub before the environment does', async () => {
    const gone = await openSmallHub(MODEL);
    await gone.close();
    env['HF_ENDPOINT'] = gone.url;
    await expect(offer()).rejects.toMatchObject({
      code: 'HUB_UNAVAILABLE',
      message: expect.stringContaining('nothing answers there') as unknown,
    });
    await client().system.setPreferences({ hubEndpoint: hub.url });
    expect((await offer()).endpoint).toBe(hub.url);
    await client().system.setPreferences({ hubEndpoint: null });
    env['HF_ENDPOINT'] = 'http://hub.example.org';
    await expect(offer()).rejects.toMatchObject({ code: 'BAD_INPUT', data: { place: { field: 'hubEndpoint' } } });
  });
});

type Misbehaviour = SmallHub['misbehave'];
const api: (status: number, headers?: Record<string, string>) => Misbehaviour =
  (status, headers = {}) =>
  (_request, response) => {
    response.writeHead(status, headers).end('x');
    return true;
  };
const body: (text: string) => Misbehaviour = (text) => (_request, response, path) => {
  if (!path.startsWith('/api/')) return false;
  response.setHeader('content-type', 'application/json');
  response.end(text);
  return true;
};

describe('a hub that answers badly', () => {
  it.each<[string, Misbehaviour, string, RegExp]>([
    ['404', api(404, { 'x-error-code': 'RepoNotFound' }), 'NOT_FOUND', /has no me\/tiny/],
    ['a gated model', api(401, { 'x-error-code': 'GatedRepo' }), 'NOT_FOUND', /me\/tiny is gated/],
    ['401', api(401), 'NOT_FOUND', /does not show me\/tiny with the token/],
    ['403', api(403), 'NOT_FOUND', /gated/],
    ['429', api(429), 'HUB_UNAVAILABLE', /asked too often/],
    ['500', api(500), 'HUB_UNAVAILABLE', /status 500/],
    ['an odd status', api(418), 'HUB_UNAVAILABLE', /status is 418/],
    [
      'redirects in a circle',
      api(302, { location: '/api/models/me/tiny' }),
      'HUB_UNAVAILABLE',
      /redirects more than 5/,
    ],
    ['a redirect to a file', api(302, { location: 'file:///etc/passwd' }), 'HUB_UNAVAILABLE', /does not follow/],
    ['a redirect to elsewhere', api(302, { location: 'http://example.org/' }), 'HUB_UNAVAILABLE', /does not follow/],
    ['a redirect to nothing', api(302, { location: 'http://' }), 'HUB_UNAVAILABLE', /no address/],
    ['no JSON', body('<html>'), 'HUB_UNAVAILABLE', /not JSON/],
    ['null', body('null'), 'HUB_UNAVAILABLE', /shape/],
    ['a list', body('[]'), 'HUB_UNAVAILABLE', /cannot be used/],
    ['JSON nested deep', body('['.repeat(100_000)), 'HUB_UNAVAILABLE', /nested/],
    ['an endless answer', body(' '.repeat(9_000_000)), 'HUB_UNAVAILABLE', /longer than/],
    ['no version', body('{"sha":"main"}'), 'HUB_UNAVAILABLE', /version/],
    [
      'silence',
      () => true, // and no answer
      'HUB_UNAVAILABLE',
      /sent nothing for 2 seconds/,
    ],
    [
      'a listing that does not end',
      (_request, response, path) => {
        if (!path.includes('/tree/')) return false;
        response.setHeader('link', `<${hub.url}${path}?next>; rel="next"`);
        response.setHeader('content-type', 'application/json');
        response.end('[]');
        return true;
      },
      'HUB_UNAVAILABLE',
      /does not end/,
    ],
    [
      'a listing that goes on elsewhere',
      (_request, response, path) => {
        if (!path.includes('/tree/')) return false;
        response.setHeader('link', '<https://example.org/>; rel="next"');
        response.end('[]');
        return true;
      },
      'HUB_UNAVAILABLE',
      /another host/,
    ],
  ])('%s: one error, and nothing changed', async (_, misbehave, code, message) => {
    hub.misbehave = misbehave;
    await expect(offer()).rejects.toMatchObject({ code, message: expect.stringMatching(message) as unknown });
    await expect(get()).rejects.toMatchObject({ code });
    await expectNoModel();
    expect(existsSync(join(home, 'models'))).toBe(false);
  });

  const entry = (change: object) => [
    { type: 'file', path: 'config.json', size: 3, oid: gitHash(Buffer.from('{}\n')), ...change },
  ];
  it.each<[string, () => unknown[], string, RegExp]>([
    ['../', () => entry({ path: '../config.json' }), 'HUB_UNAVAILABLE', /named "\.\.\/config\.json"/],
    ['a backslash', () => entry({ path: '..\\config.json' }), 'HUB_UNAVAILABLE', /named/],
    ['an absolute name', () => entry({ path: '/etc/passwd' }), 'HUB_UNAVAILABLE', /named/],
    ['a NUL', () => entry({ path: 'config.json\u0000' }), 'HUB_UNAVAILABLE', /named/],
    ['a negative size', () => entry({ size: -1 }), 'HUB_UNAVAILABLE', /not a file with its size/],
    ['a size of 2^60', () => entry({ size: 2 ** 60 }), 'HUB_UNAVAILABLE', /not a file with its size/],
    ['no hash', () => entry({ oid: undefined }), 'HUB_UNAVAILABLE', /no hash/],
    ['one name twice', () => [...entry({}), ...entry({})], 'HUB_UNAVAILABLE', /twice/],
    [
      '5001 files',
      () => Array.from({ length: 5001 }, (_, at) => entry({ path: `${at}.txt` })[0]),
      'HUB_UNAVAILABLE',
      /more than 5000/,
    ],
    ['nothing', () => [], 'BAD_INPUT', /neither model\.safetensors/],
    ['a pickle only', () => entry({ path: 'pytorch_model.bin' }), 'BAD_INPUT', /Python pickle/],
    ['GGUF only', () => entry({ path: 'model-q4.gguf' }), 'BAD_INPUT', /GGUF/],
    ['an adapter', () => entry({ path: 'adapter_config.json' }), 'BAD_INPUT', /is an adapter/],
    ['no configuration', () => entry({ path: WEIGHTS }), 'BAD_INPUT', /no config\.json/],
  ])('a listing with %s is refused', async (_, listing, code, message) => {
    hub.listing = listing;
    await expect(offer()).rejects.toMatchObject({ code, message: expect.stringMatching(message) as unknown });
    await expectNoModel();
  });

  it('a model of an unsupported family is refused before it is fetched', async () => {
    hub.files.set('config.json', Buffer.from('{"model_type":"llava"}'));
    await expect(offer()).rejects.toMatchObject({
      code: 'BAD_INPUT',
      data: { place: { file: 'me/tiny/config.json' } },
    });
    expect(fetched(WEIGHTS)).toEqual([]);
  });

  it.each<[string, (whole: Buffer) => Misbehaviour, string, RegExp]>([
    [
      'another content',
      (whole) => (_request, response) => {
        sendFile(response, Buffer.alloc(whole.length), undefined);
        return true;
      },
      'VERIFICATION_FAILED',
      /not the file that the hub lists/,
    ],
    [
      'a wrong length',
      (whole) => (_request, response) => {
        sendFile(response, whole.subarray(10), undefined);
        return true;
      },
      'HUB_UNAVAILABLE',
      /announces \d+ bytes/,
    ],
    [
      'no end',
      (whole) => (_request, response) => {
        response.writeHead(200);
        const more = (): void => {
          while (!response.destroyed && response.write(whole));
          if (!response.destroyed) response.once('drain', more);
        };
        more();
        return true;
      },
      'HUB_UNAVAILABLE',
      /sends more than/,
    ],
    [
      'too little, again and again',
      () => (_request, response) => {
        response.writeHead(200);
        response.end();
        return true;
      },
      'HUB_UNAVAILABLE',
      /ended model\.safetensors after 0/,
    ],
    [
      'another part than was asked for',
      (whole) => (_request, response) => {
        response.writeHead(206, { 'content-range': `bytes 7-9/${whole.length}` });
        response.end('abc');
        return true;
      },
      'HUB_UNAVAILABLE',
      /another part/,
    ],
  ])('a file with %s is refused', async (_, of, code, message) => {
    const act = of(hub.files.get(WEIGHTS)!);
    hub.misbehave = (request, response, path) => path.endsWith(WEIGHTS) && act(request, response, path);
    await expect(get()).rejects.toMatchObject({ code, message: expect.stringMatching(message) as unknown });
    await expectNoModel();
    expect(existsSync(join(folder('partial'), WEIGHTS))).toBe(false);
    hub.misbehave = () => false;
    await get();
  });
});
