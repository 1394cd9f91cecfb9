/** @file Wakes the watchers of a run. A ring carries no data; watchers read what happened from the store. */

/** One watcher's listener. It remembers a ring that comes while nobody is waiting, so none is missed. */
export interface Ear {
  /** Resolves at the next ring, after `timeoutMs`, or when `signal` fires. */
  wait(timeoutMs: number, signal?: AbortSignal): Promise<void>;
  close(): void;
}

export class Bell<Key> {
  readonly #listeners = new Map<Key, Set<() => void>>();

  ring(key: Key): void {
    for (const listener of this.#listeners.get(key) ?? []) listener();
  }

  listen(key: Key): Ear {
    let rung = false;
    let wake: (() => void) | null = null;
    const listener = (): void => {
      rung = true;
      wake?.();
    };
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return {
      wait: async (timeoutMs, signal) => {
        if (!rung && signal?.aborted !== true) {
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, timeoutMs);
            wake = () => {
              clearTimeout(timer);
              resolve();
            };
            signal?.addEventListener('abort', wake, { once: true });
          });
          if (wake !== null) signal?.removeEventListener('abort', wake);
          wake = null;
        }
        rung = false;
      },
      close: () => {
        listeners.delete(listener);
        if (listeners.size === 0) this.#listeners.delete(key);
      },
    };
  }
}
