/** @file Work that reports its progress by a callback, as events of a job. */
import type { Progress } from '../../contract/model/primitives.ts';
import type { ProgressEvent, ResultEvent } from '../../contract/model/result-events.ts';

type Tell = (progress: Progress) => void;

/**
 * Yields what `work` tells while it goes on, and returns its result. If the reader leaves, the work is still waited for,
 * and its result goes to `discard`.
 */
export async function* reporting<T>(
  work: (tell: Tell) => Promise<T>,
  discard: (result: T) => void = () => undefined,
): AsyncGenerator<Progress, T> {
  const told: Progress[] = [];
  let over = false;
  let wake = (): void => undefined;
  const working = work((progress) => {
    told.push(progress);
    wake();
  }).finally(() => {
    over = true;
    wake();
  });
  // A failure is thrown below, once what was told before is read.
  working.catch(() => undefined);
  let delivered = false;
  try {
    for (;;) {
      for (let next = told.shift(); next !== undefined; next = told.shift()) yield next;
      if (over) break;
      await new Promise<void>((resolve) => (wake = resolve));
    }
    delivered = true;
    return await working;
  } finally {
    if (!delivered) await working.then(discard, () => undefined);
  }
}

/** The same as `progress` events. */
export async function* progressEvents<T>(progress: AsyncGenerator<Progress, T>): AsyncGenerator<ProgressEvent, T> {
  return yield* eachAs(progress, (each): ProgressEvent => ({ type: 'progress', progress: each }));
}

/** The same as `phase` events. */
export async function* phaseEvents<T>(
  progress: AsyncGenerator<Progress, T>,
): AsyncGenerator<{ type: 'phase'; progress: Progress }, T> {
  return yield* eachAs(progress, (each) => ({ type: 'phase' as const, progress: each }));
}

/** The progress of `work`, then its result. */
export async function* resultEvents<T>(
  work: (tell: Tell) => Promise<T>,
): AsyncGenerator<ResultEvent<T>, void, undefined> {
  yield { type: 'done', result: yield* progressEvents(reporting(work)) };
}

async function* eachAs<A, B, T>(events: AsyncGenerator<A, T>, convert: (event: A) => B): AsyncGenerator<B, T> {
  try {
    for (;;) {
      const next = await events.next();
      if (next.done === true) return next.value;
      yield convert(next.value);
    }
  } finally {
    // Without effect at the end; it tells `events` that the reader left before.
    await events.return(undefined as T);
  }
}
