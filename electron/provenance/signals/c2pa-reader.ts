/**
 * @file The C2PA engine in its own thread. The thread starts with the first image that carries a manifest, has a time
 * limit for each image, and is ended when it exceeds it. It has no network and no files.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { TRUST_LIST_CERTIFICATES } from './c2pa-trust-list.ts';
import { C2PA_WORKER_SOURCE } from './c2pa-worker-source.ts';

const DEFAULT_TIMEOUT_MS = 20_000;
/** A larger image is not given to the engine; no photograph is that large. */
export const MAX_C2PA_BYTES = 256 * 1024 * 1024;

/** `report`: the engine's JSON. `none`: there is no manifest. `broken`: there is one, and why it cannot be read. */
export type C2paResult = { kind: 'report'; json: string } | { kind: 'none' } | { kind: 'broken'; why: string };

export interface C2paReader {
  read(image: Uint8Array, mediaType: string): Promise<C2paResult>;
  close(): Promise<void>;
}

type Reply = { id: number; json?: string; error?: string };

/** Makes a reader. Nothing is loaded before the first `read`; reads run one after another. */
export function createC2paReader(options: { timeoutMs?: number } = {}): C2paReader {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  let worker: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let count = 0;

  async function end(): Promise<void> {
    const old = worker;
    worker = undefined;
    await old?.terminate();
  }

  async function readNow(image: Uint8Array, mediaType: string): Promise<C2paResult> {
    if (image.length > MAX_C2PA_BYTES)
      return { kind: 'broken', why: `the file is larger than ${MAX_C2PA_BYTES} bytes` };
    worker ??= await startWorker();
    const id = ++count;
    // A copy: these bytes move to the thread, and the caller still needs its own.
    const bytes = Uint8Array.from(image);
    const reply = await answerOf(worker, id, { id, bytes, mediaType }, bytes, timeoutMs);
    if (reply === 'late') await end();
    if (reply === 'late') return { kind: 'broken', why: `reading it took longer than ${timeoutMs / 1000} seconds` };
    if (reply === 'died') await end();
    if (reply === 'died') return { kind: 'broken', why: 'the reader failed on it' };
    if (reply.json !== undefined) return { kind: 'report', json: reply.json };
    const error = reply.error ?? '';
    if (/JumbfNotFound/.test(error)) return { kind: 'none' };
    // After a trap the engine's memory cannot be trusted.
    if (/unreachable|RuntimeError|memory access/.test(error)) await end();
    return { kind: 'broken', why: error.slice(0, 200) };
  }

  return {
    read(image, mediaType) {
      const result = last.then(() => readNow(image, mediaType));
      last = result.catch(() => undefined);
      return result;
    },
    async close() {
      await last;
      await end();
    },
  };
}

async function startWorker(): Promise<Worker> {
  const require = createRequire(import.meta.url);
  const wasm = await readFile(require.resolve('@contentauth/c2pa-wasm/c2pa.wasm'));
  const anchors = TRUST_LIST_CERTIFICATES.map(
    (body) => `-----BEGIN CERTIFICATE-----\n${body.replace(/.{64}/g, '$&\n').trim()}\n-----END CERTIFICATE-----\n`,
  );
  const settings = JSON.stringify({
    verify: { verify_trust: true, remote_manifest_fetch: false, ocsp_fetch: false },
    trust: { trust_anchors: anchors.join('') },
  });
  const worker = new Worker(C2PA_WORKER_SOURCE, {
    eval: true,
    workerData: { moduleUrl: pathToFileURL(require.resolve('@contentauth/c2pa-wasm')).href, wasm, settings },
    resourceLimits: { maxOldGenerationSizeMb: 512 },
    stdout: true,
    stderr: true,
  });
  // An error shows as a message without an answer; a thread that dies while idle is started again.
  worker.on('error', () => undefined);
  worker.unref();
  return worker;
}

async function answerOf(
  worker: Worker,
  id: number,
  message: { id: number; bytes: Uint8Array<ArrayBuffer>; mediaType: string },
  bytes: Uint8Array<ArrayBuffer>,
  timeoutMs: number,
): Promise<Reply | 'late' | 'died'> {
  return await new Promise((resolve) => {
    const finish = (result: Reply | 'late' | 'died'): void => {
      clearTimeout(timer);
      worker.off('message', onMessage);
      worker.off('exit', onExit);
      resolve(result);
    };
    const onMessage = (reply: Reply): void => {
      if (reply.id === id) finish(reply);
    };
    const onExit = (): void => finish('died');
    const timer = setTimeout(() => finish('late'), timeoutMs);
    worker.on('message', onMessage);
    worker.on('exit', onExit);
    worker.postMessage(message, [bytes.buffer]);
  });
}
