/** @file The samples of a dataset, fetched page by page as they come into view. */
import type { Sample, SampleFilter as ContractFilter } from '../../../../electron/contract/api/index.ts';
import { troubleOf, type Trouble } from '../../api/errors.ts';

export type SampleFilter = ContractFilter;
export type SamplePageCall = (
  request: { offset: number; limit: number } & SampleFilter,
  options: { signal: AbortSignal },
) => Promise<{ total: number; samples: Sample[] }>;

const pageSize = 100;
/** Pages kept in memory; enough to scroll back and forth without asking again. */
const mostPages = 40;

export class SamplePages {
  total = $state<number>();
  trouble = $state.raw<Trouble>();
  /** Read it to be told when a page has come. */
  version = $state(0);
  readonly #call: SamplePageCall;
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- a cache beside the state; `version` tells of changes
  readonly #pages = new Map<number, Sample[]>();
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- a cache beside the state; no screen reads it
  readonly #asked = new Set<number>();
  #filter: SampleFilter = {};
  #needed: [first: number, last: number] = [0, 0];
  #abort = new AbortController();

  constructor(call: SamplePageCall) {
    this.#call = call;
  }

  /** Starts over with another filter. */
  async filter(filter: SampleFilter): Promise<void> {
    this.stop();
    this.#abort = new AbortController();
    this.#filter = filter;
    this.#pages.clear();
    this.#asked.clear();
    this.total = undefined;
    this.version += 1;
    await this.#fetch(0);
  }

  /** The sample at an index of the filtered list, or undefined while its page is on its way. */
  at(index: number): Sample | undefined {
    void this.version;
    return this.#pages.get(Math.floor(index / pageSize))?.[index % pageSize];
  }

  /** Where a sample stands among those that are loaded, or undefined. */
  indexOf(id: Sample['id']): number | undefined {
    void this.version;
    for (const [page, samples] of this.#pages) {
      const at = samples.findIndex((sample) => sample.id === id);
      if (at !== -1) return page * pageSize + at;
    }
    return undefined;
  }

  /** Fetches anew what is in view, keeping the filter and what is on the screen until it comes. */
  async reload(): Promise<void> {
    this.stop();
    this.#abort = new AbortController();
    this.#asked.clear();
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- used here only, never changed
    const pages = new Set([0, ...pagesOf(...this.#needed)]);
    for (const page of this.#pages.keys()) if (!pages.has(page)) this.#pages.delete(page);
    await Promise.all([...pages].map((page) => this.#fetch(page)));
  }

  /** Makes sure that the samples first…last (exclusive) come. */
  need(first: number, last: number): void {
    this.#needed = [first, last];
    if (this.total === undefined || this.total === 0) return;
    for (const page of pagesOf(first, last)) if (!this.#asked.has(page)) void this.#fetch(page);
  }

  stop(): void {
    this.#abort.abort();
  }

  async #fetch(page: number): Promise<void> {
    const { signal } = this.#abort;
    this.#asked.add(page);
    try {
      const answer = await this.#call({ ...this.#filter, offset: page * pageSize, limit: pageSize }, { signal });
      if (signal.aborted) return;
      this.#pages.set(page, answer.samples);
      this.#forgetOldest();
      this.total = answer.total;
      this.trouble = undefined;
      this.version += 1;
    } catch (error) {
      if (signal.aborted) return;
      this.#asked.delete(page);
      this.trouble = troubleOf(error);
    }
  }

  #forgetOldest(): void {
    for (const page of this.#pages.keys()) {
      if (this.#pages.size <= mostPages) return;
      this.#pages.delete(page);
      this.#asked.delete(page);
    }
  }
}

/** The pages that hold the samples first…last (exclusive). */
function pagesOf(first: number, last: number): number[] {
  const from = Math.floor(first / pageSize);
  const to = Math.floor(Math.max(first, last - 1) / pageSize);
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}
