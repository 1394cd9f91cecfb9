/**
 * @file Keeps a RunView up to date: replays past events, then follows live ones, and resumes from the last event
 * whenever the connection drops. A reloaded page does the same from event 0.
 */
import type { RunEvent, RunId } from '../../../../electron/contract/api/index.ts';
import { keepReading, type Pause } from '../../api/keep-reading.ts';
import type { RunView } from './run-view.svelte.ts';

/** The only call needed; the studio's client provides it. */
export type WatchRun = (
  input: { runId: RunId; after: number },
  options: { signal: AbortSignal },
) => Promise<AsyncIterable<RunEvent>>;

/** Follows a run until it ends or `signal` is aborted. Never throws: see `view.trouble`. */
export async function followRun(
  watch: WatchRun,
  runId: RunId,
  view: RunView,
  signal: AbortSignal,
  pause?: Pause,
): Promise<void> {
  const trouble = await keepReading<RunEvent>({
    open: () => watch({ runId, after: view.lastSeq }, { signal }),
    onEvent: (event) => {
      view.watch = 'live';
      view.trouble = undefined;
      view.apply(event);
    },
    onLost: () => (view.watch = 'lost'),
    isOver: () => view.hasSummary && !view.isActive,
    signal,
    ...(pause === undefined ? {} : { pause }),
  });
  if (signal.aborted) return;
  view.trouble = trouble;
  view.watch = 'ended';
}
