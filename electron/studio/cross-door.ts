/** @file Wraps every procedure so that any failure, in the answer or while streaming, leaves as a contract error. */
import { AsyncIteratorClass } from '@orpc/server';
import type { BugLog } from './contract-errors.ts';
import { toContractError } from './contract-errors.ts';

/** For `implement(contract).use(…)`. */
export async function crossDoor<Result extends { output: unknown }>(
  next: () => Result | PromiseLike<Result>,
  log: BugLog,
  path: readonly string[],
): Promise<Result> {
  const procedure = path.join('.');
  try {
    const result = await next();
    if (!isAsyncIterator(result.output)) return result;
    return { ...result, output: guarded(result.output, (error) => toContractError(error, log, procedure)) };
  } catch (error) {
    throw toContractError(error, log, procedure);
  }
}

/** Passes events on; the iterator can be returned from while an event is pending. */
function guarded(events: AsyncIterator<unknown, unknown>, map: (error: unknown) => Error): AsyncIteratorClass<unknown> {
  return new AsyncIteratorClass(
    async () => {
      try {
        const { done, value } = await events.next();
        return done === true ? { done: true, value: undefined } : { done: false, value };
      } catch (error) {
        throw map(error);
      }
    },
    async (reason) => {
      // A generator that awaits its next event would respond only when that event arrives, so do not wait for it.
      if (reason !== 'next') void Promise.resolve(events.return?.()).catch(() => undefined);
    },
  );
}

function isAsyncIterator(output: unknown): output is AsyncIterator<unknown, unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output && 'next' in output;
}
