/**
 * @file Reads foreign tables and archives in an expendable thread. A file that makes a parser hang, fail silently or
 * exhaust memory ends only that thread, and the import fails with an error that names the file.
 */
import { AtelierError } from '../../contract/errors/errors.ts';
import {
  startThread,
  type Ask,
  type ExpendableThread,
  type ThreadKind,
  type ThreadLimits,
} from '../expendable-thread.ts';
import type { Unpacked } from '../unzip.ts';
import type { LabelNames } from './label-names.ts';
import { badTable, type RowItem, type RowSource } from './row-source.ts';
import type { TableRequest } from './table-thread.ts';

/** The readers have separate limits for the bytes of images and pages. */
export const READER_LIMITS: ThreadLimits = { memoryMb: 1024, stillMs: 60_000, answerMs: 30 * 60_000 };

export interface TableReader {
  /** As `openRows`. */
  open(path: string, encoding?: string): Promise<RowSource>;
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

const TABLE_THREAD: ThreadKind = { source: 'rows/table-thread.ts', built: 'tables.js', lost };

/** A thread not currently in use, kept because starting one takes a while. */
let idle: ExpendableThread<TableRequest> | undefined;

/** @param limits non-default limits get a thread of their own */
export function createTableReader(limits: ThreadLimits = READER_LIMITS): TableReader {
  let thread = limits === READER_LIMITS ? idle : undefined;
  if (thread !== undefined) idle = undefined;
  const ask = async <T>(
    file: string,
    request: Ask<TableRequest>,
    onProgress?: (done: number, total: number) => void,
  ): Promise<T> => {
    if (thread === undefined || thread.hasEnded()) thread = startThread(TABLE_THREAD, limits);
    return (await thread.ask(file, request, onProgress)) as T;
  };
  return {
    open: async (path, encoding) => {
      const { value, id } = await ask<{ value: Omit<RowSource, 'rows'>; id: number }>(path, {
        op: 'open',
        path,
        encoding,
      });
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
  ask: (request: Ask<TableRequest>) => Promise<{ value: unknown; id: number }>,
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
    throw error instanceof AtelierError
      ? error
      : badTable(path, `${path} cannot be read (${(error as Error).message}).`);
  } finally {
    if (!isOver) await ask({ op: 'stop', rows });
  }
}

function lost(file: string, why: string): AtelierError {
  return badTable(
    file,
    `${file} cannot be read (${why.replace(/\.$/, '').slice(0, 300)}). Nothing was imported.`,
    'The file may be damaged, or made to do harm. Write it again with the program it is from, or save it as JSON Lines.',
  );
}
