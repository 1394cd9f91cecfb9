/**
 * @file What the desktop shows about runs: progress on the app's icon, and a notification at the end of a run if nobody
 * is watching. Uses only summaries, so it can run in tests.
 */
import type { RunSummary } from '../contract/model/runs.ts';
import { words } from './words.ts';

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
  const said = words().run;
  switch (run.status) {
    case 'completed':
      return { title: said.done(run.name), body: said.steps(run.steps) };
    case 'failed':
      return { title: said.failed(run.name), body: run.reason ?? said.why };
    case 'interrupted':
      return { title: said.interrupted(run.name), body: run.reason ?? said.resumable };
    default:
      return null;
  }
}

/** Changes whenever a run begins or ends, also if it did both since the last look. */
function stateOf({ status, endedAt }: RunSummary): string {
  return `${status} ${endedAt ?? ''}`;
}

/** Compares each list of runs with the previous one. */
export class RunStatusIndicators {
  readonly #parts: RunStatusParts;
  /** The state of every run at the last look; null before the first. */
  #seen: Map<string, string> | null = null;
  #shown: number | null = null;
  #hasActive = false;

  constructor(parts: RunStatusParts) {
    this.#parts = parts;
  }

  /** True if a run was active at the last check, which makes another check worthwhile. */
  get hasActive(): boolean {
    return this.#hasActive;
  }

  /** The first list only says what is known already: its runs ended before, and are not reported. */
  observe(runs: readonly RunSummary[]): void {
    const running = runs.find(({ status }) => status === 'running');
    const fraction = running === undefined ? null : running.step / running.steps;
    if (fraction !== this.#shown) this.#parts.setProgress(fraction);
    this.#shown = fraction;
    for (const run of runs) {
      if (this.#seen === null || this.#seen.get(run.id) === stateOf(run)) continue;
      const words = endOfRun(run);
      if (words !== null && !this.#parts.isWatched()) this.#parts.notify(words, run.id);
    }
    this.#seen = new Map(runs.map((run) => [run.id, stateOf(run)]));
    this.#hasActive = runs.some(({ status }) => status === 'running' || status === 'queued');
  }
}
