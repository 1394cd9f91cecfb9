/**
 * @file Runs what a model's folder says about text, its chat template and its tokenizer's patterns, in an expendable
 * thread. One thread serves the whole process; it ends when it has not been used for a while.
 */
import { AtelierError } from '../contract/errors/errors.ts';
import {
  startThread,
  type Ask,
  type ExpendableThread,
  type ThreadKind,
  type ThreadLimits,
} from './expendable-thread.ts';
import type { TextRequest } from './model-text-thread.ts';

/** A prompt takes milliseconds; loading the largest published tokenizer takes about two seconds. */
export const TEXT_LIMITS: ThreadLimits = { memoryMb: 2048, youngMb: 6, stillMs: 10_000, answerMs: 60_000 };

const TEXT_THREAD: ThreadKind = { source: 'model-text-thread.ts', built: 'texts.js', lost };

/** Afterwards the memory of its tokenizers is worth more than the time to load them again. */
const IDLE_MS = 30_000;

let shared: ExpendableThread<TextRequest> | undefined;
let idle: NodeJS.Timeout | undefined;

/**
 * @param file named in errors
 * @param limits other than `TEXT_LIMITS` get a thread of their own
 */
export async function askModelText(file: string, request: Ask<TextRequest>, limits: ThreadLimits): Promise<unknown> {
  if (limits !== TEXT_LIMITS) {
    const own = startThread<TextRequest>(TEXT_THREAD, limits);
    try {
      return (await own.ask(file, request)).value;
    } finally {
      await own.end();
    }
  }
  if (shared === undefined || shared.hasEnded()) shared = startThread(TEXT_THREAD, limits);
  const thread = shared;
  clearTimeout(idle);
  try {
    return (await thread.ask(file, request)).value;
  } finally {
    clearTimeout(idle);
    idle = setTimeout(() => {
      if (shared === thread) shared = undefined;
      void thread.end();
    }, IDLE_MS).unref();
  }
}

/** Ends the thread now if nothing waits for it. The next text starts a new one. */
export async function endIdleModelText(): Promise<void> {
  if (shared?.isWaiting() !== false) return;
  const thread = shared;
  shared = undefined;
  clearTimeout(idle);
  await thread.end();
}

function lost(file: string, why: string): AtelierError {
  return new AtelierError('BAD_INPUT', `${file} cannot be used: ${why.replace(/\.$/, '').slice(0, 300)}.`, {
    place: { file },
    remedy: 'The file may be damaged, or made to do harm. Use the files that came with the model.',
  });
}
