/** @file What the tab of the browser shows of the queue: how far the work is, and that a run has ended. */
import type { QueueEntry, RunId } from '../../../electron/contract/api/index.ts';
import { working } from '../features/runs/queue-order.ts';

export class WorkSignals {
  /** How far the entry in progress is, in whole percent; null without one, or if that is not known. */
  percent = $state<number | null>(null);
  #runs: RunId[] = [];
  readonly #onEnded: (runId: RunId) => void;

  /** `onEnded` receives each run that was in progress at one look and is gone at the next. */
  constructor(onEnded: (runId: RunId) => void) {
    this.#onEnded = onEnded;
  }

  /** Call with every new list of the queue. */
  observe(entries: readonly QueueEntry[]): void {
    const now = working(entries);
    const progress = now.find((entry) => entry.progress !== null)?.progress ?? null;
    this.percent =
      progress?.total === undefined || progress.total === 0 ? null : Math.floor((100 * progress.done) / progress.total);
    const runs = now.flatMap(({ kind, runId }) => (kind === 'run' && runId !== null ? [runId] : []));
    const ended = this.#runs.filter((runId) => !runs.includes(runId));
    this.#runs = runs;
    for (const runId of ended) this.#onEnded(runId);
  }

  /** The studio is gone: what was in progress may go on or not. */
  forget(): void {
    this.percent = null;
  }
}
