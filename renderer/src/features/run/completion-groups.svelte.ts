/** @file The answers of one step, fetched when you view them. The last few steps are cached. */
import type { Completion, CompletionGroup } from '../../../../electron/contract/api/index.ts';
import { troubleOf, type Trouble } from '../../api/errors.ts';

const mostSteps = 24;

export class CompletionGroups {
  /** The step whose answers are shown. It lags behind the requested step to avoid flicker. */
  shownStep = $state<number>();
  groups = $state.raw<readonly CompletionGroup[]>();
  trouble = $state.raw<Trouble>();
  readonly #load: (step: number, signal: AbortSignal) => Promise<CompletionGroup[]>;
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- a cache beside the state; `groups` is what screens read
  readonly #kept = new Map<number, readonly CompletionGroup[]>();
  #running: AbortController | undefined;
  /** The step requested while another is loading; only the newest request is fetched next. */
  #next: number | undefined;

  constructor(load: (step: number, signal: AbortSignal) => Promise<CompletionGroup[]>) {
    this.#load = load;
  }

  /**
   * Shows the answers of a step; the previous ones stay until they arrive. Fetches one step at a time, so
   * that scrubbing over many shows whatever arrives on the way and ends at the last, however slow the studio is.
   */
  async show(step: number): Promise<void> {
    const kept = this.#kept.get(step);
    if (kept !== undefined) {
      this.#next = undefined;
      this.#running?.abort();
      this.#running = undefined;
      this.#put(step, kept);
      return;
    }
    this.#next = step;
    if (this.#running !== undefined) return;
    const running = new AbortController();
    this.#running = running;
    try {
      while (this.#next !== undefined) {
        const wanted = this.#next;
        this.#next = undefined;
        await this.#fetch(wanted, running.signal);
        if (running.signal.aborted) return;
      }
    } finally {
      if (this.#running === running) this.#running = undefined;
    }
  }

  async #fetch(step: number, signal: AbortSignal): Promise<void> {
    try {
      const groups = (await this.#load(step, signal)).map(sorted);
      if (signal.aborted) return;
      // An empty response may mean it is too early: ask again next time.
      if (groups.length > 0) this.#keep(step, groups);
      this.#put(step, groups);
    } catch (error) {
      if (!signal.aborted && this.#next === undefined) this.trouble = troubleOf(error);
    }
  }

  /** Clears the cache: a resumed run may have repeated steps. */
  forget(): void {
    this.#kept.clear();
  }

  stop(): void {
    this.#next = undefined;
    this.#running?.abort();
  }

  #put(step: number, groups: readonly CompletionGroup[]): void {
    this.shownStep = step;
    this.groups = groups;
    this.trouble = undefined;
  }

  #keep(step: number, groups: readonly CompletionGroup[]): void {
    this.#kept.set(step, groups);
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > mostSteps && oldest !== undefined) this.#kept.delete(oldest);
  }
}

/** Best first; answers with equal advantage keep their sampling order. */
function sorted(group: CompletionGroup): CompletionGroup {
  return {
    ...group,
    completions: [...group.completions].sort((a, b) => b.advantage - a.advantage || a.index - b.index),
  };
}

/** True if all scored answers got the same reward, or fewer than two were scored: the group teaches nothing. */
export function isZeroVariance(completions: readonly Completion[]): boolean {
  const scored = completions.map(({ reward }) => reward).filter((reward) => reward !== null);
  const [first = 0] = scored;
  return completions.length > 0 && (scored.length < 2 || scored.every((reward) => Math.abs(reward - first) < 1e-9));
}
