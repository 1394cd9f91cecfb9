/** @file The active run, followed live on any screen that shows it. */
import type { RunId, RunSummary } from '../../../../electron/contract/api/index.ts';
import { followRun, type WatchRun } from '../run/follow-run.ts';
import { isActiveStatus, RunView } from '../run/run-view.svelte.ts';

/** Follows the first active run of a list. */
export class LiveStrip {
  view = $state.raw<RunView>();
  #runId: RunId | undefined;
  #abort: AbortController | undefined;
  readonly #watch: WatchRun;

  constructor(watch: WatchRun) {
    this.#watch = watch;
  }

  /** Call with every new list; keeps the connection while the same run is active. */
  follow(runs: readonly RunSummary[]): void {
    const active = runs.find((run) => isActiveStatus(run.status));
    if (active?.id === this.#runId) return;
    this.stop();
    if (active === undefined) return;
    const view = new RunView();
    view.show(active);
    this.#runId = active.id;
    this.view = view;
    this.#abort = new AbortController();
    void followRun(this.#watch, active.id, view, this.#abort.signal);
  }

  stop(): void {
    this.#abort?.abort();
    this.#runId = undefined;
    this.view = undefined;
  }
}
