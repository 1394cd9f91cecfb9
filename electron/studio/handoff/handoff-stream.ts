/** @file A hand-off as a stream of progress that ends with what was written. If the reader stops, it is cancelled. */
import type { Handoff, ParsedHandoffRequest } from '../../contract/model/handoffs.ts';
import type { ResultEvent } from '../../contract/model/result-events.ts';
import type { Store } from '../../store/connection/open.ts';
import { EventQueue } from '../engine-client/event-queue.ts';
import { createHandoff } from './create-handoff.ts';
import type { HandoffContext } from './job-folder.ts';

export function streamHandoff(
  store: Store,
  request: ParsedHandoffRequest,
  context: Omit<HandoffContext, 'signal' | 'onProgress'>,
  signal?: AbortSignal,
): AsyncIterableIterator<ResultEvent<Handoff>> {
  const cancel = new AbortController();
  const queue = new EventQueue<ResultEvent<Handoff>>(() => cancel.abort());
  signal?.addEventListener('abort', () => cancel.abort(), { once: true });
  const onProgress: HandoffContext['onProgress'] = (progress) => queue.push({ type: 'progress', progress });
  void createHandoff(store, request, { ...context, signal: cancel.signal, onProgress }).then(
    (result) => {
      queue.push({ type: 'done', result });
      queue.end();
    },
    (error: unknown) => queue.fail(error),
  );
  return queue;
}
