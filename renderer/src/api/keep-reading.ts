/**
 * @file Reads a stream from the studio and reopens it whenever the connection drops.
 *
 * oRPC's `ClientRetryPlugin` does not fit: it repeats the same request, but our streams resume after the
 * last event they saw; it works inside one socket and cannot open the next; its pauses never shorten again
 * after a success; and aborting does not end them.
 */
import { troubleOf, type Trouble } from './errors.ts';

export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

type Reading<Event> = {
  /** Opens the stream, or reopens it where `onEvent` left off. */
  open: (signal: AbortSignal) => Promise<AsyncIterable<Event>>;
  onEvent: (event: Event) => void;
  /** Called before each pause. */
  onLost?: () => void;
  /** Whether a stream that ended is complete; if absent, every end counts as a lost connection. */
  isOver?: () => boolean;
  signal: AbortSignal;
  pause?: Pause;
};

const firstDelayMs = 500;
const longestDelayMs = 10_000;

/**
 * Reads until the stream is over or `signal` is aborted. Never throws. Returns the trouble if the studio rejects the
 * request, since retrying would not help. Retries a lost connection indefinitely, after growing pauses.
 */
export async function keepReading<Event>({
  open,
  onEvent,
  onLost,
  isOver,
  signal,
  pause = wait,
}: Reading<Event>): Promise<Trouble | undefined> {
  let delayMs = firstDelayMs;
  while (!signal.aborted) {
    try {
      for await (const event of await open(signal)) {
        if (signal.aborted) return undefined;
        delayMs = firstDelayMs;
        onEvent(event);
      }
      if (isOver?.()) return undefined;
    } catch (error) {
      if (signal.aborted) return undefined;
      const trouble = troubleOf(error);
      if (!trouble.connection) return trouble;
    }
    if (signal.aborted) return undefined;
    onLost?.();
    await pause(delayMs, signal);
    delayMs = Math.min(delayMs * 2, longestDelayMs);
  }
  return undefined;
}

/** Waits for `ms` milliseconds, or until `signal` is aborted. */
function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
