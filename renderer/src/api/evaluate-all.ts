/** @file Queues evaluations and waits until the queue is done with them. */
import type { EvaluationRequest } from '../../../electron/contract/api/index.ts';
import type { StudioClient } from './client.ts';

type Evaluating = {
  evaluations: Pick<StudioClient['evaluations'], 'enqueue'>;
  queue: Pick<StudioClient['queue'], 'watch'>;
};

/**
 * The evaluations go on if `signal` ends the waiting. Ends also for one that failed or was cancelled; its result is then missing.
 * @throws whatever the studio refuses a request with
 */
export async function evaluateAll(
  client: Evaluating,
  requests: readonly EvaluationRequest[],
  signal: AbortSignal,
): Promise<void> {
  const ids = new Set<string>();
  for (const request of requests) ids.add((await client.evaluations.enqueue(request)).id);
  for await (const entries of await client.queue.watch(undefined, { signal })) {
    if (!entries.some(({ id }) => ids.has(id))) return;
  }
}
