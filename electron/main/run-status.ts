/**
 * @file What the desktop shows about runs: progress on the app's icon, and a notification at the end of a run if nobody
 * is watching. Uses only summaries, so it can run in tests.
 */
import type { RunSummary } from '../contract/model/runs.ts';

export interface RunStatusParts {
  /** Progress on the icon in 0…1; null removes it. */
  setProgress: (fraction: number | null) => void;
  /** Shows a system notification; clicking it opens the run. */
  notify: (words: { title: string; body: string }, runId: string) => void;
  /** True if one of our windows has the focus: then the page itself reports the end. */
  isWatched: () => boolean;
}

/** The text of the notification; null if there is nothing to report. */
export function endOfRun(run: RunSummary): { title: string; body: string } | null {
  switch (run.status) {
    case 'completed':
      return { title: `${run.name} is done`, body: `${run.steps} steps. See what it has learned.` };
    case 'failed':
      return { title: `${run.name} failed`, body: run.reason ?? 'The run page says why.' };
    case 'interrupted':
      return { title: `${run.name} was interrupted`, body: run.reason ?? 'It can be resumed.' };
    default:
      return null;
  }
}

/** Compares each list of runs with the previous one. */
export class RunStatusIndicators {
  readonly #parts: RunStatusParts;
  #active = new Set<string>();
  #shown: number | null = null;

  constructor(parts: RunStatusParts) {
    this.#parts = parts;
  }

  /** True if a run was active at the last check, which makes another check worthwhile. */
  get hasActive(): boolean {
    return this.#active.size > 0;
  }

  observe(runs: readonly RunSummary[]): void {
    const active = runs.filter(({ status }) => status === 'running' || status === 'queued');
    const running = active.find(({ status }) => status === 'running');
    const fraction = running === undefined ? null : running.step / running.steps;
    if (fraction !== this.#shown) this.#parts.setProgress(fraction);
    this.#shown = fraction;
    for (const run of runs) {
      if (!this.#active.has(run.id)) continue;
      const words = endOfRun(run);
      if (words !== null && !this.#parts.isWatched()) this.#parts.notify(words, run.id);
    }
    this.#active = new Set(active.map(({ id }) => id));
  }
}
