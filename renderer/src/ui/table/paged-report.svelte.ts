/** @file A report that comes page by page: its head is the newest page's, its entries are put behind one another. */
import { troubleOf, type Trouble } from '../../api/errors.ts';

export class PagedReport<Report, Entry> {
  report = $state.raw<Report>();
  entries = $state.raw<readonly Entry[]>([]);
  trouble = $state.raw<Trouble>();
  loading = $state(false);
  #read: (offset: number, signal: AbortSignal) => Promise<Report>;
  #entriesOf: (report: Report) => readonly Entry[];
  #abort = new AbortController();

  constructor(
    read: (offset: number, signal: AbortSignal) => Promise<Report>,
    entriesOf: (report: Report) => readonly Entry[],
  ) {
    this.#read = read;
    this.#entriesOf = entriesOf;
  }

  /** Loads from an offset on; 0 begins anew. An answer that is still on its way is dropped. Never throws: see `trouble`. */
  async load(offset: number): Promise<void> {
    this.#abort.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.loading = true;
    try {
      const found = await this.#read(offset, signal);
      if (signal.aborted) return;
      const fresh = this.#entriesOf(found);
      this.report = found;
      this.entries = offset === 0 ? fresh : [...this.entries, ...fresh];
      this.trouble = undefined;
    } catch (error) {
      if (!signal.aborted) this.trouble = troubleOf(error);
    } finally {
      if (!signal.aborted) this.loading = false;
    }
  }

  /** Ends what is on its way; call when the view closes. */
  stop(): void {
    this.#abort.abort();
  }
}
