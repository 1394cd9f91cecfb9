/** @file An export as a stream of progress that ends with what was written. If the reader stops, the export is cancelled. */
import type { ExportEvent, ExportRequest } from '../../../contract/model/exports.ts';
import type { Store } from '../../../store/connection/open.ts';
import { EventQueue } from '../../engine-client/event-queue.ts';
import { createExport, type ExportContext } from './create-export.ts';

export function streamExport(
  store: Store,
  request: ExportRequest,
  context: Omit<ExportContext, 'signal' | 'onProgress'>,
  signal?: AbortSignal,
): AsyncIterableIterator<ExportEvent> {
  const cancel = new AbortController();
  const queue = new EventQueue<ExportEvent>(() => cancel.abort());
  signal?.addEventListener('abort', () => cancel.abort(), { once: true });
  const onProgress: ExportContext['onProgress'] = (progress) => queue.push({ type: 'progress', progress });
  void createExport(store, request, { ...context, signal: cancel.signal, onProgress }).then(
    (summary) => {
      queue.push({ type: 'done', export: summary });
      queue.end();
    },
    (error: unknown) => queue.fail(error),
  );
  return queue;
}
