/** @file A long list, fetched page by page as it comes into view. */
import { troubleOf, type Trouble } from '../../api/errors.ts';

export type PageCall<Item> = (
  range: { offset: number; limit: number },
  options: { signal: AbortSignal },
) => Promise<{ total: number; items: Item[] }>;

const pageSize = 100;

export class PagedList<Item> {
  total = $state<number>();
  trouble = $state.raw<Trouble>();
  #version = $state(0);
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- a cache beside the state; `#version` tells of changes
  readonly #pages = new Map<number, Item[]>();
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- a cache beside the state; no screen reads it
  readonly #asked = new Set<number>();
  #call: PageCall<Item> | undefined;
  #abort = new AbortController();

  /** Starts over with another question. What was shown stays until the first new page is there. */
  async open(call: PageCall<Item>): Promise<void> {
    this.stop();
    this.#abort = new AbortController();
    this.#call = call;
    this.#asked.clear();
    await this.#fetch(0, true);
  }

  /** The item at an index, or undefined while its page is on its way. */
  at(index: number): Item | undefined {
    void this.#version;
    return this.#pages.get(Math.floor(index / pageSize))?.[index % pageSize];
  }

  /** Makes sure that the items first…last (exclusive) come. */
  need(first: number, last: number): void {
    if (this.total === undefined || this.total === 0) return;
    for (let page = Math.floor(first / pageSize); page <= Math.floor(Math.max(first, last - 1) / pageSize); page += 1) {
      if (!this.#asked.has(page)) void this.#fetch(page, false);
    }
  }

  stop(): void {
    this.#abort.abort();
  }

  async #fetch(page: number, fresh: boolean): Promise<void> {
    if (this.#call === undefined) return;
    const { signal } = this.#abort;
    this.#asked.add(page);
    try {
      const answer = await this.#call({ offset: page * pageSize, limit: pageSize }, { signal });
      if (signal.aborted) return;
      if (fresh) this.#pages.clear();
      this.#pages.set(page, answer.items);
      this.total = answer.total;
      this.trouble = undefined;
      this.#version += 1;
    } catch (error) {
      if (signal.aborted) return;
      this.#asked.delete(page);
      this.trouble = troubleOf(error);
    }
  }
}
