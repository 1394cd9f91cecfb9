/**
 * @file Turns on the backend. A step or a batch of answers consists of many calls on one program, with state in its
 * variables. Jobs that run at the same time take turns, so that such a sequence is never interleaved with another and
 * the memory of two is never needed at once.
 */

let last: Promise<unknown> = Promise.resolve();

/** Runs `compute` after everything that asked for a turn earlier. Do not ask for a turn inside a turn: it would wait for itself. */
export async function inTurn<T>(compute: () => Promise<T>): Promise<T> {
  const turn = last.then(compute);
  last = turn.catch(() => undefined);
  return await turn;
}
