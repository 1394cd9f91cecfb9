/**
 * @file Reads foreign tables and archives in an expendable thread. A file that makes a parser hang, fail silently or
 * exhaust memory ends only that thread, and the import fails with an error that names the file.
 */
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { decodeError } from '../../contract/errors/error-codec.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Unpacked } from '../unzip.ts';
import type { LabelNames } from './label-names.ts';
import { badTable, type RowItem, type RowSource } from './row-source.ts';
import type { TableReply, TableRequest } from './table-thread.ts';

export interface ReaderLimits {
  /** The thread's JavaScript memory limit. The readers have separate limits for the bytes of images and pages. */
  readonly memoryMb: number;
  /** The thread is terminated if its event loop is blocked for this long. */
  readonly stillMs: number;
  /** The longest that one answer may take, even if the thread is busy. */
  readonly answerMs: number;
}

export const READER_LIMITS: ReaderLimits = { memoryMb: 1024, stillMs: 60_000, answerMs: 30 * 60_000 };

export interface TableReader {
  /** As `openRows`. */
  open(path: string): Promise<RowSource>;
  /** As `labelNamesIn`. */
  labels(folder: string): Promise<LabelNames>;
  /** As `unzip`; cancelling terminates the thread. */
  unzip(
    archive: string,
    folder: string,
    options: { signal?: AbortSignal | undefined; onProgress: (done: number, total: number) => void },
  ): Promise<Unpacked>;
  /** Releases the thread. */
  close(): Promise<void>;
}

/** A thread not currently in use, kept because starting one takes a while. */
let idle: Thread | undefined;

/** @param limits non-default limits get a thread of their own */
export function createTableReader(limits: ReaderLimits = READER_LIMITS): TableReader {
  let thread = limits === READER_LIMITS ? idle : undefined;
  if (thread !== undefined) idle = undefined;
  const ask = async <T>(file: string, request: Ask, onProgress?: (done: number, total: number) => void): Promise<T> => {
    if (thread === undefined || thread.hasEnded()) thread = startThread(limits);
    return (await thread.ask(file, request, onProgress)) as T;
  };
  return {
    open: async (path) => {
      const { value, id } = await ask<{ value: Omit<RowSource, 'rows'>; id: number }>(path, { op: 'open', path });
      const rows = (): AsyncIterable<RowItem> => readRows(path, id, (request) => ask(path, request));
      return { ...value, rows };
    },
    labels: async (folder) => {
      const { value } = await ask<{ value: [string, readonly string[]][] }>(folder, { op: 'labels', folder });
      return new Map(value);
    },
    unzip: async (archive, folder, { signal, onProgress }) => {
      const cancelled = (): AtelierError =>
        new AtelierError('CANCELLED', 'Unpacking was cancelled. Nothing was imported.');
      if (signal?.aborted === true) throw cancelled();
      const onAbort = (): void => void thread?.end(cancelled());
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        return (await ask<{ value: Unpacked }>(archive, { op: 'unzip', archive, folder }, onProgress)).value;
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    },
    close: async () => {
      const used = thread;
      thread = undefined;
      if (used === undefined || used.hasEnded()) return;
      if (limits !== READER_LIMITS || idle !== undefined || !used.isReusable()) await used.end();
      else idle = used;
    },
  };
}

async function* readRows(
  path: string,
  table: number,
  ask: (request: Ask) => Promise<{ value: unknown; id: number }>,
): AsyncGenerator<RowItem> {
  const { id: rows } = await ask({ op: 'rows', table });
  let isOver = false;
  try {
    for (;;) {
      const items = (await ask({ op: 'next', rows })).value as RowItem[];
      isOver = items.length === 0;
      if (isOver) return;
      yield* items;
    }
  } catch (error) {
    isOver = true;
    throw error instanceof AtelierError ? error : badTable(path, `cannot be read (${(error as Error).message})`);
  } finally {
    if (!isOver) await ask({ op: 'stop', rows });
  }
}

type Ask = TableRequest extends infer Request ? (Request extends { id: number } ? Omit<Request, 'id'> : never) : never;

type Waiting = {
  file: string;
  sinceMs: number;
  resolve: (answer: { value: unknown; id: number }) => void;
  reject: (error: AtelierError) => void;
  onProgress: ((done: number, total: number) => void) | undefined;
};

type Thread = ReturnType<typeof startThread>;

function startThread(limits: ReaderLimits) {
  const worker = new Worker(entry(), {
    execArgv: [],
    env: {},
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: limits.memoryMb },
  });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let aliveMs = Date.now();
  let hasEnded = false;
  /** True once something failed in the thread: whatever that left behind must not outlive the import. */
  let isDoubtful = false;

  const fail = (errorFor: (file: string) => AtelierError): void => {
    hasEnded = true;
    clearInterval(watch);
    for (const { file, reject } of waiting.values()) reject(errorFor(file));
    waiting.clear();
  };
  const end = async (error?: AtelierError): Promise<void> => {
    fail((file) => error ?? lost(file, 'its reader was ended'));
    await worker.terminate();
  };
  const watch = setInterval(
    () => {
      const now = Date.now();
      if (waiting.size === 0) aliveMs = now;
      const isStill = now - aliveMs > limits.stillMs;
      const isSlow = [...waiting.values()].some(({ sinceMs }) => now - sinceMs > limits.answerMs);
      if (!isStill && !isSlow) return;
      fail((file) =>
        lost(file, `it took longer than ${Math.round((isStill ? limits.stillMs : limits.answerMs) / 1000)} seconds`),
      );
      void worker.terminate();
    },
    Math.min(1000, limits.stillMs / 4),
  );
  watch.unref();

  worker.on('message', (reply: TableReply) => {
    aliveMs = Date.now();
    if ('alive' in reply) return;
    const asked = waiting.get(reply.id);
    if (asked === undefined) return;
    if ('progress' in reply) {
      asked.sinceMs = aliveMs;
      asked.onProgress?.(...reply.progress);
      return;
    }
    waiting.delete(reply.id);
    isDoubtful ||= 'error' in reply;
    if (waiting.size === 0) worker.unref();
    if ('value' in reply) asked.resolve({ value: reply.value, id: reply.id });
    else asked.reject(decodeError(reply.error) ?? lost(asked.file, (reply.error as { message: string }).message));
  });
  worker.on('error', (error: NodeJS.ErrnoException) => {
    const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    fail((file) => lost(file, isMemory ? `it needs more than ${limits.memoryMb} MB of memory` : error.message));
  });
  worker.on('exit', () => fail((file) => lost(file, 'its reader ended')));
  worker.unref();

  return {
    ask: (
      file: string,
      request: Ask,
      onProgress?: (done: number, total: number) => void,
    ): Promise<{ value: unknown; id: number }> =>
      new Promise((resolve, reject) => {
        lastId += 1;
        const now = Date.now();
        if (waiting.size === 0) aliveMs = now;
        waiting.set(lastId, { file, sinceMs: now, resolve, reject, onProgress });
        worker.ref();
        worker.postMessage({ ...request, id: lastId } satisfies TableRequest);
      }),
    end,
    hasEnded: () => hasEnded,
    isReusable: () => !isDoubtful && waiting.size === 0,
  };
}

function lost(file: string, why: string): AtelierError {
  return badTable(
    file,
    `cannot be read (${why.replace(/\.$/, '').slice(0, 300)}). Nothing was imported`,
    'The file may be damaged, or made to do harm. Write it again with the program it is from, or save it as JSON Lines.',
  );
}

/** The thread's entry: the source next to this file under a TypeScript loader, else a file of the built program. */
function entry(): URL {
  const here = fileURLToPath(import.meta.url);
  const folder = dirname(here);
  if (!here.endsWith('.ts'))
    return pathToFileURL(join(basename(folder) === 'chunks' ? dirname(folder) : folder, 'tables.js'));
  // A thread does not inherit its parent's loader.
  const loader = pathToFileURL(
    createRequire(import.meta.url)
      .resolve('tsx/esm/api')
      .replace(/cjs$/, 'mjs'),
  ).href;
  const source = pathToFileURL(join(folder, 'table-thread.ts')).href;
  const script = `import { register } from ${JSON.stringify(loader)}; register(); await import(${JSON.stringify(source)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(script)}`);
}
