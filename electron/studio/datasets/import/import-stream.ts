/** @file An import as a stream of progress that ends with the dataset. If the reader stops, the import is cancelled. */
import type { z } from 'zod';
import type { ImportEvent, ImportRequest } from '../../../contract/model/datasets.ts';
import { importDataset, type ImportStore } from './import.ts';
import { EventQueue } from '../../engine-client/event-queue.ts';

export function streamImport(
  store: ImportStore,
  request: z.output<typeof ImportRequest>,
  signal?: AbortSignal,
): AsyncIterableIterator<ImportEvent> {
  const cancel = new AbortController();
  const queue = new EventQueue<ImportEvent>(() => cancel.abort());
  signal?.addEventListener('abort', () => cancel.abort(), { once: true });
  void importDataset(store, request, (progress) => queue.push({ type: 'progress', progress }), cancel.signal).then(
    ({ dataset, report }) => {
      queue.push({ type: 'done', dataset, report });
      queue.end();
    },
    (error: unknown) => queue.fail(error),
  );
  return queue;
}
