/**
 * @file A thread that runs code on foreign input. Input that makes the code hang, fail silently or exhaust memory ends
 * only the thread; each request that was waiting then fails with an error that names its file.
 */
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { decodeError } from '../contract/errors/error-codec.ts';
import { causeWords } from '../contract/errors/cause-words.ts';
import type { AtelierError } from '../contract/errors/errors.ts';
import { cpuMsOf, isOver, type Spent } from './thread-time.ts';

export interface ThreadLimits {
  /** The thread's JavaScript memory limit. */
  readonly memoryMb: number;
  /**
   * The part of it for new objects. V8 lets this part grow to 48 MB before it looks for garbage; a small part keeps
   * a thread small, at the price of looking more often. Absent = as V8 chooses.
   */
  readonly youngMb?: number;
  /** The thread is terminated if its event loop is blocked for this long, in processor time (see `isOver`). */
  readonly stillMs: number;
  /** The longest that one answer may take, even if the event loop runs. Also in processor time. */
  readonly answerMs: number;
}

/** What a thread posts. */
export type ThreadReply =
  | { id: number; value: unknown }
  | { id: number; error: unknown }
  | { id: number; progress: [done: number, total: number] }
  /** The thread's event loop is running. `task` as `ownTask` gives it. */
  | { alive: true; task: number | null };

export interface ThreadKind {
  /** The thread's source, relative to this folder. */
  readonly source: string;
  /** Its file in the built program. */
  readonly built: string;
  /** The error for a request that the thread did not survive. */
  readonly lost: (file: string, why: string) => AtelierError;
}

/** A request without its id, which the thread's end of the line adds. */
export type Ask<Request> = Request extends { id: number } ? Omit<Request, 'id'> : never;

export interface ExpendableThread<Request> {
  /** @param file named in errors */
  ask(
    file: string,
    request: Ask<Request>,
    onProgress?: (done: number, total: number) => void,
  ): Promise<{ value: unknown; id: number }>;
  /** Terminates the thread; whatever waits fails with `error`. */
  end(error?: AtelierError): Promise<void>;
  hasEnded(): boolean;
  isWaiting(): boolean;
  /** Whether nothing has failed in the thread and nothing waits. */
  isReusable(): boolean;
}

type Waiting = {
  file: string;
  since: Moment;
  resolve: (answer: { value: unknown; id: number }) => void;
  reject: (error: AtelierError) => void;
  onProgress: ((done: number, total: number) => void) | undefined;
};

/** By the clock, and in processor time of the thread. */
type Moment = Spent;

/** A tick that comes later than this shows that this process was blocked, not the thread. */
const HELD_UP_MS = 500;

export function startThread<Request extends { id: number }>(
  kind: ThreadKind,
  limits: ThreadLimits,
): ExpendableThread<Request> {
  const worker = new Worker(entry(kind), {
    execArgv: [],
    env: {},
    stdout: true,
    stderr: true,
    resourceLimits: {
      maxOldGenerationSizeMb: limits.memoryMb,
      ...(limits.youngMb === undefined ? {} : { maxYoungGenerationSizeMb: limits.youngMb }),
    },
  });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let task: number | null = null;
  const momentNow = (): Moment => ({ wallMs: Date.now(), cpuMs: cpuMsOf(task) });
  const spent = (since: Moment, now: Moment): Spent => ({
    wallMs: now.wallMs - since.wallMs,
    cpuMs: now.cpuMs - since.cpuMs,
  });
  let alive = momentNow();
  let hasEnded = false;
  /** True once something failed in the thread: whatever that left behind must not reach the next request. */
  let isDoubtful = false;

  const fail = (errorFor: (file: string) => AtelierError): void => {
    hasEnded = true;
    clearInterval(watch);
    for (const { file, reject } of waiting.values()) reject(errorFor(file));
    waiting.clear();
  };
  const end = async (error?: AtelierError): Promise<void> => {
    fail((file) => error ?? kind.lost(file, 'its reader was ended'));
    await worker.terminate();
  };
  const everyMs = Math.min(1000, limits.stillMs / 4);
  let lookedMs = Date.now();
  const watch = setInterval(() => {
    const now = momentNow();
    // If this process was held up itself, the thread's messages have not been received yet.
    if (waiting.size === 0 || now.wallMs - lookedMs > everyMs + HELD_UP_MS) alive = now;
    lookedMs = now.wallMs;
    const isStill = isOver(limits.stillMs, spent(alive, now));
    const isSlow = [...waiting.values()].some(({ since }) => isOver(limits.answerMs, spent(since, now)));
    if (!isStill && !isSlow) return;
    const seconds = Math.round((isStill ? limits.stillMs : limits.answerMs) / 100) / 10;
    fail((file) => kind.lost(file, `it took longer than ${seconds} seconds`));
    void worker.terminate();
  }, everyMs);
  watch.unref();

  worker.on('message', (reply: ThreadReply) => {
    if ('alive' in reply && task === null && reply.task !== null) {
      task = reply.task;
      // Until now, the time of the whole process was counted; the thread's own began with the thread.
      for (const asked of waiting.values()) asked.since = { ...asked.since, cpuMs: 0 };
    }
    alive = momentNow();
    if ('alive' in reply) return;
    const asked = waiting.get(reply.id);
    if (asked === undefined) return;
    if ('progress' in reply) {
      asked.since = alive;
      asked.onProgress?.(...reply.progress);
      return;
    }
    waiting.delete(reply.id);
    isDoubtful ||= 'error' in reply;
    if (waiting.size === 0) worker.unref();
    if ('value' in reply) asked.resolve({ value: reply.value, id: reply.id });
    else asked.reject(decodeError(reply.error) ?? kind.lost(asked.file, (reply.error as { message: string }).message));
  });
  worker.on('error', (error: NodeJS.ErrnoException) => {
    const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    fail((file) =>
      kind.lost(
        file,
        isMemory ? `it needs more than ${limits.memoryMb} MB of memory` : causeWords(error, 'its reader failed'),
      ),
    );
  });
  worker.on('exit', () => fail((file) => kind.lost(file, 'its reader ended')));
  worker.unref();

  return {
    ask: (file, request, onProgress) =>
      new Promise((resolve, reject) => {
        lastId += 1;
        const now = momentNow();
        if (waiting.size === 0) alive = now;
        waiting.set(lastId, { file, since: now, resolve, reject, onProgress });
        worker.ref();
        worker.postMessage({ ...request, id: lastId });
      }),
    end,
    hasEnded: () => hasEnded,
    isWaiting: () => waiting.size > 0,
    isReusable: () => !isDoubtful && waiting.size === 0,
  };
}

/** The thread's entry: the source next to this file under a TypeScript loader, else a file of the built program. */
function entry({ source, built }: ThreadKind): URL {
  const here = fileURLToPath(import.meta.url);
  const folder = dirname(here);
  if (!here.endsWith('.ts'))
    return pathToFileURL(join(basename(folder) === 'chunks' ? dirname(folder) : folder, built));
  // A thread does not inherit its parent's loader.
  const loader = pathToFileURL(
    createRequire(import.meta.url)
      .resolve('tsx/esm/api')
      .replace(/cjs$/, 'mjs'),
  ).href;
  const file = pathToFileURL(join(folder, source)).href;
  const script = `import { register } from ${JSON.stringify(loader)}; register(); await import(${JSON.stringify(file)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(script)}`);
}
