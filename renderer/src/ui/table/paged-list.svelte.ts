/**
 * @file A long list, fetched page by page as it comes into view. Pages far from the view are discarded, so a
 * dataset of a million samples takes no more memory than a small one.
 */
import { troubleOf, type Trouble } from '../../api/errors.ts';

/** An answer from the studio: some items of the list, and anything else about the whole list. */
export type Page<Item> = { total: number; items: readonly Item[] };
export type PageCall<Item, Answer extends Page<Item> = Page<Item>> = (
  range: { offset: number; limit: number },
  options: { signal: AbortSignal },
) => Promise<Answer>;

export class PagedList<Item, Answer extends Page<Item> = Page<Item>> {
  /** The newest answer, kept while another is pending. */
  newest = $state.raw<Answer>();
  trouble = $state.raw<Trouble>();
  loading = $state(false);
  readonly pageSize: number;
  readonly #mostPages: number;
  #version = $state(0);
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- a cache beside the state; `#version` tells of changes
  readonly #pages = new Map<number, readonly Item[]>();
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- a cache beside the state; no screen reads it
  readonly #asked = new Set<number>();
  #call: PageCall<Item, Answer> | undefined;
  #needed: [first: number, last: number] = [0, 0];
  /** True from `open` until its first page arrives: the cached pages still answer the previous question. */
  #opening = false;
  #abort = new AbortController();

  /** Keeps at most `mostPages` pages of `pageSize` items: enough to scroll back and forth without refetching. */
  constructor({ pageSize = 100, mostPages = 20 } = {}) {
    this.pageSize = pageSize;
    this.#mostPages = mostPages;
  }

  get total(): number | undefined {
    return this.newest?.total;
  }

  /** Number of pages kept. */
  get kept(): number {
    void this.#version;
    return this.#pages.size;
  }

  /** Starts over with another query. The old items stay until the first page of the new ones arrives. */
  async open(call: PageCall<Item, Answer>): Promise<void> {
    this.#restart();
    this.#call = call;
    this.#needed = [0, 0];
    this.#opening = true;
    await this.#fetch(0);
  }

  /** Refetches the visible items with the same query. The old items stay until the new ones arrive. */
  async reload(): Promise<void> {
    this.#restart();
    const inView = this.#pagesOf(...this.#needed);
    const wanted = inView.includes(0) ? inView : [0, ...inView];
    for (const page of this.#pages.keys()) if (!wanted.includes(page)) this.#pages.delete(page);
    await Promise.all(wanted.map((page) => this.#fetch(page)));
  }

  /** The item at an index, or undefined while its page is loading. */
  at(index: number): Item | undefined {
    void this.#version;
    return this.#pages.get(Math.floor(index / this.pageSize))?.[index % this.pageSize];
  }

  /** The items of a whole page, counted from 0, or undefined while it is loading. */
  page(number: number): readonly Item[] | undefined {
    void this.#version;
    return this.#pages.get(number);
  }

  /** The index of the first kept item that `test` accepts. */
  indexWhere(test: (item: Item) => boolean): number | undefined {
    void this.#version;
    for (const [page, items] of this.#pages) {
      const at = items.findIndex(test);
      if (at !== -1) return page * this.pageSize + at;
    }
    return undefined;
  }

  /** Reports that items first…last (exclusive) are in view: fetches missing pages and discards distant ones. */
  need(first: number, last: number): void {
    this.#needed = [first, last];
    if (this.#opening || this.total === undefined || this.total === 0) return;
    for (const page of this.#pagesOf(first, last)) if (!this.#asked.has(page)) void this.#fetch(page);
  }

  /** Cancels pending requests; call it when the view closes. */
  stop(): void {
    this.#abort.abort();
  }

  #restart(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#asked.clear();
  }

  async #fetch(page: number): Promise<void> {
    if (this.#call === undefined) return;
    const { signal } = this.#abort;
    this.#asked.add(page);
    this.loading = true;
    try {
      const answer = await this.#call({ offset: page * this.pageSize, limit: this.pageSize }, { signal });
      if (signal.aborted) return;
      if (this.#opening) this.#pages.clear();
      this.#opening = false;
      this.#pages.set(page, answer.items);
      this.#forgetFarPages();
      this.newest = answer;
      this.trouble = undefined;
      this.#version += 1;
      this.need(...this.#needed);
    } catch (error) {
      if (signal.aborted) return;
      this.#asked.delete(page);
      this.trouble = troubleOf(error);
    } finally {
      if (!signal.aborted) this.loading = false;
    }
  }

  #forgetFarPages(): void {
    const middle = (this.#needed[0] + this.#needed[1]) / 2 / this.pageSize;
    while (this.#pages.size > this.#mostPages) {
      const [farthest] = [...this.#pages.keys()].sort((a, b) => Math.abs(b - middle) - Math.abs(a - middle));
      if (farthest === undefined) return;
      this.#pages.delete(farthest);
      this.#asked.delete(farthest);
    }
  }

  #pagesOf(first: number, last: number): number[] {
    const from = Math.floor(first / this.pageSize);
    const to = Math.floor(Math.max(first, last - 1) / this.pageSize);
    return Array.from({ length: to - from + 1 }, (_, at) => from + at);
  }
}
