/** @file The events of an action that takes long and gives one result: its progress, then the result. */
import { z } from 'zod';
import { Progress } from './primitives.ts';

export const ProgressEvent = z.object({ type: z.literal('progress'), progress: Progress });
export type ProgressEvent = z.infer<typeof ProgressEvent>;

export type ResultEvent<T> = ProgressEvent | { type: 'done'; result: T };

/** The schema of such events. `done` comes once, last. */
export function resultEvent<T extends z.ZodType>(result: T) {
  return z.discriminatedUnion('type', [ProgressEvent, z.object({ type: z.literal('done'), result })]);
}

/**
 * Yields the progress and returns the result once the events have ended, so that whoever sent them is free again.
 * @throws Error if they end without a result
 */
export async function* progressThenResult<T>(
  events: AsyncIterable<ResultEvent<T>>,
): AsyncGenerator<ProgressEvent, T, undefined> {
  let done: { result: T } | null = null;
  for await (const event of events) {
    if (event.type === 'done') done = event;
    else yield event;
  }
  if (done === null) throw new Error('The events ended without a result.');
  return done.result;
}

/** The result of such events. @throws Error if there is none */
export async function resultOf<T>(
  events: AsyncIterable<ResultEvent<T>> | Promise<AsyncIterable<ResultEvent<T>>>,
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<T> {
  const read = progressThenResult(await events);
  for (;;) {
    const next = await read.next();
    if (next.done === true) return next.value;
    onProgress(next.value.progress);
  }
}
