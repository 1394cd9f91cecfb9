/** @file The inside of an expendable thread: answers one request after another and shows that the thread is alive. */
import { parentPort } from 'node:worker_threads';
import { encodeError } from '../contract/errors/error-codec.ts';
import { causeWords } from '../contract/errors/cause-words.ts';
import { AtelierError } from '../contract/errors/errors.ts';
import type { ThreadReply } from './expendable-thread.ts';
import { ownTask } from './thread-time.ts';

const ALIVE_EVERY_MS = 1000;

export type Post = (reply: ThreadReply, transfer?: ArrayBuffer[]) => void;

/**
 * Calls `answer` for each request of the thread's own type; it posts the reply itself. What it throws becomes the reply.
 */
export function answerRequests(answer: (request: never, post: Post) => Promise<void>): void {
  const port = parentPort;
  if (port === null) throw new Error('This file is a thread, not a program.');
  const post: Post = (reply, transfer = []) => port.postMessage(reply, transfer);
  port.on('message', (request: { id: number }) => {
    answer(request as never, post).catch((error: unknown) => {
      if (!(error instanceof AtelierError)) {
        post({ id: request.id, error: { message: reason(error) } });
        return;
      }
      const { code, message, data } = encodeError(error);
      post({ id: request.id, error: { code, message, data } });
    });
  });
  // A parser may reject promises that nobody awaits. Errors that reach its caller are reported; the others must not end
  // the thread while it reads the next file.
  process.on('unhandledRejection', () => undefined);
  const task = ownTask();
  const sayAlive = (): void => post({ alive: true, task });
  sayAlive();
  setInterval(sayAlive, ALIVE_EVERY_MS);
}

/** A parser's own sentence. A TypeError and its like describe the parser's code, which helps nobody. */
function reason(error: unknown): string {
  if (error instanceof RangeError) return 'it is nested too deeply, or describes more than can be read';
  return causeWords(error, 'its parts do not fit together');
}
