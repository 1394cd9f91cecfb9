/**
 * @file Keeps a RunView up to date: replay, then live, then again from the last event whenever the
 * connection drops. A page that was reloaded takes the same path from event 0.
 */
import type { RunEvent, RunId } from '../../../../electron/contract/api/index.ts';
import { troubleOf } from '../../api/errors.ts';
import type { RunView } from './run-view.svelte.ts';

/** The one call that is needed; the studio's client has it. */
export type WatchRun = (
  input: { runId: RunId; after: number },
  options: { signal: AbortSignal },
) => Promise<AsyncIterable<RunEvent>>;

const firstDelayMs = 500;
const longestDelayMs = 10_000;

/**
 * Follows a run until it has ended or `signal` is aborted. Never throws: what goes wrong is in `view.trouble`.
 * A request that the studio refuses (no such run) ends it; a lost connection is tried again with growing pauses.
 */
export async function followRun(
  watch: WatchRun,
  runId: RunId,
  view: RunView,
  signal: AbortSignal,
  pause: (ms: number, signal: AbortSignal) => Promise<void> = wait,
): Promise<void> {
  let delayMs = firstDelayMs;
  while (!signal.aborted) {
    try {
      const events = await watch({ runId, after: view.lastSeq }, { signal });
      for await (const event of events) {
        if (signal.aborted) return;
        view.watch = 'live';
        view.trouble = undefined;
        delayMs = firstDelayMs;
        view.apply(event);
      }
      if (view.hasSummary && !view.isActive) {
        view.watch = 'ended';
        return;
      }
    } catch (error) {
      if (signal.aborted) return;
      const trouble = troubleOf(error);
      if (!trouble.connection) {
        view.trouble = trouble;
        view.watch = 'ended';
        return;
      }
    }
    if (signal.aborted) return;
    view.watch = 'lost';
    await pause(delayMs, signal);
    delayMs = Math.min(delayMs * 2, longestDelayMs);
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
