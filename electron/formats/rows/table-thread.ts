/**
 * @file The thread that reads foreign tables and archives: a parser that hangs, runs out of memory or fails silently
 * ends this thread and nothing else. `table-reader.ts` talks to it, with one request at a time per id.
 */
import { answerRequests, type Post } from '../thread-port.ts';
import { unzip } from '../unzip.ts';
import { labelNamesIn } from './label-names.ts';
import { openRows } from './open-rows.ts';
import type { RowItem, RowSource } from './row-source.ts';

export type TableRequest =
  | { id: number; op: 'open'; path: string; encoding?: string | undefined }
  /** Starts reading the rows of an opened table from the beginning. */
  | { id: number; op: 'rows'; table: number }
  | { id: number; op: 'next'; rows: number }
  | { id: number; op: 'stop'; rows: number }
  | { id: number; op: 'labels'; folder: string }
  | { id: number; op: 'unzip'; archive: string; folder: string };

const ROWS_AT_ONCE = 64;
const BYTES_AT_ONCE = 16 * 1024 * 1024;

const tables = new Map<number, RowSource>();
const iterations = new Map<number, AsyncIterator<RowItem>>();

answerRequests(answer);

async function answer(request: TableRequest, post: Post): Promise<void> {
  const { id } = request;
  switch (request.op) {
    case 'open': {
      const { rows: _rows, ...source } = await openRows(request.path, request.encoding);
      tables.set(id, { ...source, rows: _rows });
      post({ id, value: source });
      return;
    }
    case 'rows': {
      const table = tables.get(request.table);
      if (table === undefined) throw new Error('There is no such table.');
      iterations.set(id, table.rows()[Symbol.asyncIterator]());
      post({ id, value: null });
      return;
    }
    case 'next': {
      const { items, buffers } = await nextRows(request.rows);
      post({ id, value: items }, buffers);
      return;
    }
    case 'stop': {
      await iterations.get(request.rows)?.return?.();
      iterations.delete(request.rows);
      post({ id, value: null });
      return;
    }
    case 'labels':
      post({ id, value: [...(await labelNamesIn(request.folder))] });
      return;
    case 'unzip': {
      const onProgress = (done: number, total: number): void => post({ id, progress: [done, total] });
      post({ id, value: await unzip(request.archive, request.folder, { onProgress }) });
    }
  }
}

/** The next rows, as many as fit in one message; none at the end. */
async function nextRows(rows: number): Promise<{ items: RowItem[]; buffers: ArrayBuffer[] }> {
  const items: RowItem[] = [];
  const buffers: ArrayBuffer[] = [];
  let bytes = 0;
  while (items.length < ROWS_AT_ONCE && bytes < BYTES_AT_ONCE) {
    const next = await iterations.get(rows)?.next();
    if (next === undefined || next.done === true) break;
    const own = ownBytes(next.value, (buffer) => {
      bytes += buffer.byteLength;
      buffers.push(buffer);
    }) as RowItem;
    items.push(own);
  }
  return { items, buffers };
}

/** A copy whose bytes have their own buffer: an image is a view of a page that would otherwise be transferred whole. */
function ownBytes(value: unknown, onBuffer: (buffer: ArrayBuffer) => void): unknown {
  if (value instanceof Uint8Array) {
    const copy = new Uint8Array(value);
    onBuffer(copy.buffer);
    return copy;
  }
  if (Array.isArray(value)) return value.map((part) => ownBytes(part, onBuffer));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, ownBytes(part, onBuffer)]));
}
