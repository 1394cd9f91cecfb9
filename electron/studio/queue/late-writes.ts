/**
 * @file Writes that must not be lost: when the disk is full, the end of a run cannot be recorded. Such a write is kept
 * and retried until there is space.
 */
import { AtelierError } from '../../contract/errors/errors.ts';

export class LateWrites {
  #waiting: (() => Promise<unknown>)[] = [];

  /** Writes now, or later if the disk is full. @throws any other error */
  async write(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      this.#waiting.push(action);
    }
  }

  /**
   * Retries the pending writes in order.
   * @throws AtelierError DISK_FULL if there is still no space; a write that fails for another reason is dropped and
   *   throws
   */
  async retry(): Promise<void> {
    for (let action = this.#waiting[0]; action !== undefined; action = this.#waiting[0]) {
      try {
        await action();
      } catch (error) {
        if (!isDiskFull(error)) this.#waiting.shift();
        throw error;
      }
      this.#waiting.shift();
    }
  }
}

export function isDiskFull(error: unknown): error is AtelierError {
  return error instanceof AtelierError && error.code === 'DISK_FULL';
}
