/** @file The memory and time that a run needs at each limit, planned one after another because each takes a moment. */
import { SvelteMap } from 'svelte/reactivity';
import type { MemoryPlan, RunRequest } from '../../../../electron/contract/api/index.ts';

/** Null: the studio cannot tell, or would refuse such a run for another reason. */
export type Cost = MemoryPlan | null;

export class DetailCosts {
  readonly #costs = new SvelteMap<number, Cost>();
  #abort: AbortController | undefined;
  readonly #plan: (request: RunRequest, signal: AbortSignal) => Promise<Cost>;

  constructor(plan: (request: RunRequest, signal: AbortSignal) => Promise<Cost>) {
    this.#plan = plan;
  }

  /** Undefined while it is not known yet. */
  of(maxPixels: number): Cost | undefined {
    return this.#costs.get(maxPixels);
  }

  /** Plans the request with each limit. A later call takes the place of an earlier one. */
  async load(request: RunRequest, limits: readonly number[]): Promise<void> {
    this.stop();
    const abort = new AbortController();
    this.#abort = abort;
    this.#costs.clear();
    const { detail: _detail, ...rest } = request;
    for (const maxPixels of limits) {
      const cost = await this.#plan({ ...rest, maxPixels }, abort.signal).catch(() => null);
      if (abort.signal.aborted) return;
      this.#costs.set(maxPixels, cost);
    }
  }

  stop(): void {
    this.#abort?.abort();
  }
}
