/**
 * @file A custom reward in a sandbox: QuickJS, a JavaScript interpreter in WebAssembly with its own memory and its own
 * thread, without modules, files, network, clock or randomness. Code that takes too much memory or time fails inside. If
 * it is stuck in one long operation that the interpreter cannot interrupt, the thread is ended. The engine waits for the
 * scores as for those of any other reward, and survives (docs/decisions/0005-own-rewards-in-quickjs.md).
 */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { z } from 'zod';
import type { AtelierError } from '../../contract/errors/errors.ts';
import type { CustomParams, JudgeItem } from '../../contract/model/rewards.ts';
import { cpuMsOf, isOver, WAITING_FACTOR } from '../../formats/thread-time.ts';
import { compileReward, rewardError } from './compile-reward.ts';
import { CALL, PRELUDE, THREW_NULL } from './sandbox-program.ts';
import { SANDBOX_WORKER_SOURCE } from './sandbox-worker.ts';

export interface SandboxLimits {
  /** For one completion, in processor time. */
  callMs: number;
  /** All memory of the interpreter, including its own (about 20 MB). */
  memoryMb: number;
}

export const SANDBOX_LIMITS: SandboxLimits = { callMs: 1000, memoryMb: 64 };

/** Added to the interpreter's own limit before the thread is ended. */
const PATIENCE_MS = 2000;

/** Deep enough for any sensible recursion. The thread's own stack, on which the interpreter runs, is many times larger. */
const STACK_BYTES = 256 * 1024;

/** For the thread's own objects, which are few. The interpreter's memory does not count here. */
const THREAD_MB = 64;

const INTERRUPTED = 'interrupted';

interface Failure {
  failure: string;
  stack: string;
}

type Message = { scripts: { source: string; file: string }[] } | { items: string[] };

/** The answers to the items, and why the call ended early if it did. */
interface Reply {
  said: string[];
  thrown?: { message: string; stack: string };
}

/** The answer of a call. The code inside could forge it, so it is validated like any message from outside. */
const Answer = z.union([z.number().min(0).max(1), z.null(), z.object({ failure: z.string(), stack: z.string() })]);

export interface Sandbox {
  /**
   * One score per item, in order. Each call starts with fresh module state, so a resumed run repeats its steps exactly.
   * @throws AtelierError BAD_INPUT naming file and line; the sandbox is then closed.
   */
  score(items: readonly JudgeItem[]): (number | null)[];
  close(): void;
}

/** Starts an interpreter and runs the file once. @throws AtelierError BAD_INPUT if that fails */
export async function openSandbox(reward: CustomParams, limits: SandboxLimits = SANDBOX_LIMITS): Promise<Sandbox> {
  const code = compileReward(reward);
  const { worker, talk, hangUp } = await startThread(limits);
  let closed = false;

  function close(): void {
    if (closed) return;
    closed = true;
    hangUp();
    void worker.terminate();
  }

  function ask(message: Message, items: readonly JudgeItem[]): string[] {
    if (closed) throw new Error(`The sandbox of ${reward.file} is closed.`);
    const { said, thrown } = talk(message);
    if (thrown === undefined) return said;
    return refuse({ failure: thrown.message, stack: thrown.stack }, items[said.length]);
  }

  function refuse(failure: Failure, item: JudgeItem | undefined): never {
    close();
    throw failureOf(reward.file, failure, item, limits);
  }

  const scripts = [
    { source: PRELUDE, file: 'prelude' },
    { source: code, file: reward.file },
    { source: CALL, file: 'call' },
  ];
  ask({ scripts }, []);
  return {
    score: (items) => {
      const texts = items.map(({ completion, answer, task }) =>
        JSON.stringify({ completion, sample: { answer, task } }),
      );
      return ask({ items: texts }, items).map((said, row) => {
        const answered = Answer.safeParse(JSON.parse(said));
        if (!answered.success) return refuse({ failure: 'the sandbox was tampered with', stack: '' }, items[row]);
        if (isFailure(answered.data)) return refuse(answered.data, items[row]);
        return answered.data;
      });
    },
    close,
  };
}

async function startThread({
  callMs,
  memoryMb,
}: SandboxLimits): Promise<{ worker: Worker; talk: (message: Message) => Reply; hangUp: () => void }> {
  const require = createRequire(import.meta.url);
  const counter = new SharedArrayBuffer(4);
  // The port is passed with the thread's data, so that its answers can be received here while the event loop is blocked.
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(SANDBOX_WORKER_SOURCE, {
    eval: true,
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: THREAD_MB },
    workerData: {
      port: port2,
      counter,
      core: require.resolve('quickjs-emscripten-core'),
      variant: require.resolve('@jitl/quickjs-wasmfile-release-sync'),
      memoryLimitBytes: memoryMb * 1024 * 1024,
      maxStackSizeBytes: STACK_BYTES,
      callMs,
      waitingFactor: WAITING_FACTOR,
    },
    transferList: [port2],
  });
  const [{ task }] = (await once(worker, 'message')) as [{ task: number | null }];
  // Whoever waits for an answer reports why the thread ended.
  worker.on('error', () => undefined);
  worker.unref();
  port1.unref();
  return {
    worker,
    talk: createTalk(port1, new Int32Array(counter), callMs, task),
    hangUp: () => port1.close(),
  };
}

/** Sends a message and waits for its answer, with the same time limit for each item. @param task the thread's number */
function createTalk(
  port: MessagePort,
  counter: Int32Array,
  callMs: number,
  task: number | null,
): (message: Message) => Reply {
  const patienceMs = callMs + PATIENCE_MS;
  let id = 0;
  return (message) => {
    id += 1;
    const before = Atomics.load(counter, 0);
    port.postMessage({ ...message, id });
    let since = { seen: before, wallMs: performance.now(), cpuMs: cpuMsOf(task) };
    for (;;) {
      const seen = Atomics.load(counter, 0);
      const received = receiveMessageOnPort(port) as { message: Reply & { id: number } } | undefined;
      if (received?.message.id === id) return received.message;
      if (seen !== since.seen) since = { seen, wallMs: performance.now(), cpuMs: cpuMsOf(task) };
      if (Atomics.wait(counter, 0, seen, patienceMs) !== 'timed-out') continue;
      const spent = { wallMs: performance.now() - since.wallMs, cpuMs: cpuMsOf(task) - since.cpuMs };
      if (isOver(patienceMs, spent)) {
        // This many items are done. The next one never returned.
        return { said: Array<string>(seen - before).fill('null'), thrown: { message: INTERRUPTED, stack: '' } };
      }
    }
  };
}

function isFailure(result: unknown): result is Failure {
  return typeof result === 'object' && result !== null && 'failure' in result;
}

function failureOf(
  file: string,
  { failure, stack }: Failure,
  item: JudgeItem | undefined,
  limits: SandboxLimits,
): AtelierError {
  const about = item === undefined ? '' : ` (for the completion ${JSON.stringify(item.completion.slice(0, 80))})`;
  if (failure === THREW_NULL) {
    return rewardError(file, null, `it threw null, or needs more than ${limits.memoryMb} MB of memory${about}`);
  }
  if (failure === INTERRUPTED) {
    return rewardError(file, null, `it takes longer than ${limits.callMs} ms for one completion${about}`);
  }
  if (failure === 'out of memory') {
    return rewardError(file, null, `it needs more than ${limits.memoryMb} MB of memory${about}`);
  }
  return rewardError(file, lineIn(file, stack), `${failure}${about}`);
}

/** The first line of this file that a stack trace names. */
function lineIn(file: string, stack: string): number | null {
  const at = stack.indexOf(`${file}:`);
  const line = at === -1 ? NaN : parseInt(stack.slice(at + file.length + 1), 10);
  return Number.isFinite(line) ? line : null;
}
