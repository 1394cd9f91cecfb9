/**
 * @file Events produced at their own pace and read through an async iterator. Unlike a generator, it can be returned
 * from while a read is pending, so a reader who leaves is noticed at once.
 */
export class EventQueue<T> implements AsyncIterableIterator<T> {
  readonly #onLeave: () => void;
  readonly #waiting: T[] = [];
  #reader: { resolve: (result: IteratorResult<T>) => void; reject: (error: unknown) => void } | null = null;
  #over: { error?: unknown } | null = null;

  /** @param onLeave called when the reader leaves before the end */
  constructor(onLeave: () => void) {
    this.#onLeave = onLeave;
  }

  push(event: T): void {
    if (this.#over !== null) return;
    const reader = this.#reader;
    this.#reader = null;
    if (reader === null) this.#waiting.push(event);
    else reader.resolve({ done: false, value: event });
  }

  end(): void {
    this.#finish({});
  }

  fail(error: unknown): void {
    this.#finish({ error });
  }

  next(): Promise<IteratorResult<T>> {
    const event = this.#waiting.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#over !== null) {
      const { error } = this.#over;
      this.#over = {};
      return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(toError(error));
    }
    return new Promise((resolve, reject) => (this.#reader = { resolve, reject }));
  }

  return(): Promise<IteratorResult<T>> {
    if (this.#over === null) {
      this.end();
      this.#onLeave();
    }
    this.#waiting.length = 0;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(over: { error?: unknown }): void {
    if (this.#over !== null) return;
    this.#over = over;
    const reader = this.#reader;
    if (reader === null) return;
    this.#reader = null;
    this.#over = {};
    if (over.error === undefined) reader.resolve({ done: true, value: undefined });
    else reader.reject(toError(over.error));
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
