/**
 * @file Reads a stream of the studio and opens it again whenever the connection drops.
 *
 * oRPC's `ClientRetryPlugin` is not used here: it repeats the same request, while a stream of ours goes on from the
 * last event it saw; it works inside one socket and cannot open the next one; its pauses never become short again
 * after a success; and an abort does not end them.
 */
import { troubleOf, type Trouble } from './errors.ts';

export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

type Reading<Event> = {
  /** Opens the stream, or opens it again from where `onEvent` left it. */
  open: (signal: AbortSignal) => Promise<AsyncIterable<Event>>;
  onEvent: (event: Event) => void;
  /** Told before each pause. */
  onLost?: () => void;
  /** Whether a stream that ended has said everything; without it every end counts as a lost connection. */
  isOver?: () => boolean;
  signal: AbortSignal;
  pause?: Pause;
};

const firstDelayMs = 500;
const longestDelayMs = 10_000;

/**
 * Reads until the stream is over or `signal` is aborted. Never throws. Returns the trouble if the studio refuses the
 * request: trying again would not help. A lost connection is tried again after growing pauses, for ever.
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
