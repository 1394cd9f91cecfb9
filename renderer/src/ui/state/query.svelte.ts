/** @file One request made by a screen: the loaded value, whether it is loading, and what went wrong. */
import { troubleOf, type Trouble } from '../../api/errors.ts';

export class Query<T> {
  /** The last successful answer, kept while a newer one loads so that nothing jumps. */
  value = $state.raw<T>();
  trouble = $state.raw<Trouble>();
  loading = $state(false);
  #load: (signal: AbortSignal) => Promise<T>;
  #running: AbortController | undefined;

  constructor(load: (signal: AbortSignal) => Promise<T>) {
    this.#load = load;
  }

  /** Loads again and discards any pending answer. Never throws: see `trouble`. */
  async refresh(): Promise<void> {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.loading = true;
    try {
      const value = await this.#load(running.signal);
      if (running.signal.aborted) return;
      this.value = value;
      this.trouble = undefined;
    } catch (error) {
      if (running.signal.aborted) return;
      this.trouble = troubleOf(error);
    } finally {
      if (this.#running === running) this.loading = false;
    }
  }

  /** Cancels a pending request; call it when the screen closes. */
  stop(): void {
    this.#running?.abort();
    this.loading = false;
  }
}
