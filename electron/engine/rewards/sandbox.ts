/**
 * @file A person's own reward in a sandbox: a worker thread with limits on memory and time, in it a context that
 * knows no modules, files, network, clock or chance. The engine waits for its scores, as training does for all others.
 */
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import type { CustomParams, JudgeItem } from '../../contract/rewards.ts';
import type { AtelierError } from '../../contract/errors.ts';
import { compileReward, rewardError } from './compile-reward.ts';
import { SANDBOX_PROGRAM } from './sandbox-program.ts';

export interface SandboxLimits {
  /** For one completion. */
  callMs: number;
  memoryMb: number;
}

export const SANDBOX_LIMITS: SandboxLimits = { callMs: 1000, memoryMb: 64 };

/** A thread that is starved by others may need longer than its code does. */
const PATIENCE_MS = 10_000;

type Answer =
  | { id: number; scores: (number | null)[] }
  | { id: number; failure: { failure: string; stack: string; late?: boolean }; row: number };

export interface Sandbox {
  /** One score per item, in order. @throws AtelierError BAD_INPUT naming file and line; the sandbox is closed then. */
  score(items: readonly JudgeItem[]): (number | null)[];
  close(): void;
}

/** Starts the worker and runs the file once. @throws AtelierError BAD_INPUT where that fails */
export function openSandbox(reward: CustomParams, limits: SandboxLimits = SANDBOX_LIMITS): Sandbox {
  const code = compileReward(reward);
  const counter = new SharedArrayBuffer(4);
  const { port1, port2 } = new MessageChannel();
  // The worker's port comes with its data: so its answers can be taken here while the event loop stands still.
  const worker = new Worker(SANDBOX_PROGRAM, {
    eval: true,
    env: {},
    execArgv: [],
    stdin: false,
    stdout: true,
    stderr: true,
    workerData: { counter, port: port2 },
    transferList: [port2],
    resourceLimits: {
      maxOldGenerationSizeMb: limits.memoryMb,
      maxYoungGenerationSizeMb: 16,
      codeRangeSizeMb: 16,
      stackSizeMb: 4,
    },
  });
  worker.unref();
  port1.unref();
  // What the worker says when it is ended by its limits is told by the one who waits for it.
  worker.on('error', () => undefined);
  const talk = createTalk(port1, new Int32Array(counter), limits.callMs + PATIENCE_MS);
  let closed = false;

  function close(): void {
    closed = true;
    port1.close();
    void worker.terminate();
  }

  function ask(message: object, items: readonly JudgeItem[]): (number | null)[] {
    if (closed) throw new Error(`The sandbox of ${reward.file} is closed.`);
    const answer = talk(message);
    if (answer !== null && 'scores' in answer) return answer.scores;
    close();
    throw failureOf(reward.file, answer, items, limits);
  }

  ask({ code, file: reward.file, timeoutMs: limits.callMs }, []);
  return {
    score: (items) => {
      const rows = items.map(({ completion, answer, task }) => ({ completion, sample: { answer, task } }));
      return ask({ items: JSON.stringify(rows) }, items);
    },
    close,
  };
}

/** Sends a message and waits for its answer; null when for `silenceMs` there was no sign of life. */
function createTalk(port: MessagePort, counter: Int32Array, silenceMs: number): (message: object) => Answer | null {
  let id = 0;
  return (message) => {
    id += 1;
    port.postMessage({ ...message, id });
    for (;;) {
      const seen = Atomics.load(counter, 0);
      const received = receiveMessageOnPort(port) as { message: Answer } | undefined;
      if (received !== undefined) return received.message.id === id ? received.message : null;
      if (Atomics.wait(counter, 0, seen, silenceMs) === 'timed-out') return null;
    }
  };
}

function failureOf(
  file: string,
  answer: Answer | null,
  items: readonly JudgeItem[],
  limits: SandboxLimits,
): AtelierError {
  if (answer === null || 'scores' in answer) {
    return rewardError(file, null, `it gave no answer: it probably needs more than ${limits.memoryMb} MB of memory`);
  }
  const { failure, row } = answer;
  const item = items[row];
  const about = item === undefined ? '' : ` (for the completion ${JSON.stringify(item.completion.slice(0, 80))})`;
  if (failure.late === true) {
    return rewardError(file, null, `it takes longer than ${limits.callMs} ms for one completion${about}`);
  }
  return rewardError(file, lineIn(file, failure.stack), `${failure.failure}${about}`);
}

/** The first line of this file that a stack trace names. */
function lineIn(file: string, stack: string): number | null {
  const at = stack.indexOf(`${file}:`);
  const line = at === -1 ? NaN : parseInt(stack.slice(at + file.length + 1), 10);
  return Number.isFinite(line) ? line : null;
}
