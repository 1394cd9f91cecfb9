/**
 * @file A person's own reward in a sandbox: QuickJS, a JavaScript interpreter in WebAssembly with a memory of its own,
 * which knows no modules, files, network, clock or chance. Its limits are the interpreter's: code that takes too much
 * memory or time fails inside, and the engine lives (docs/decisions/0005-own-rewards-in-quickjs.md).
 */
import quickJs from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant, type QuickJSContext, type QuickJSHandle } from 'quickjs-emscripten-core';
import { z } from 'zod';
import type { AtelierError } from '../../contract/errors.ts';
import type { CustomParams, JudgeItem } from '../../contract/rewards.ts';
import { compileReward, rewardError } from './compile-reward.ts';
import { CALL, PRELUDE, THREW_NULL } from './sandbox-program.ts';

export interface SandboxLimits {
  /** For one completion. */
  callMs: number;
  memoryMb: number;
}

export const SANDBOX_LIMITS: SandboxLimits = { callMs: 1000, memoryMb: 64 };

/** Deep enough for any sensible recursion; the host's own stack, on which the interpreter stands, is four times that. */
const STACK_BYTES = 256 * 1024;

interface Failure {
  failure: string;
  stack: string;
}

/** What a call answers. The code inside could forge it, so it is checked like any message from outside. */
const Answer = z.union([z.number(), z.null(), z.object({ failure: z.string(), stack: z.string() })]);

export interface Sandbox {
  /** One score per item, in order. @throws AtelierError BAD_INPUT naming file and line; the sandbox is closed then. */
  score(items: readonly JudgeItem[]): (number | null)[];
  close(): void;
}

/** Starts an interpreter and runs the file once. @throws AtelierError BAD_INPUT where that fails */
export async function openSandbox(reward: CustomParams, limits: SandboxLimits = SANDBOX_LIMITS): Promise<Sandbox> {
  const code = compileReward(reward);
  // An instance for each sandbox: should one break, no other shares its memory.
  const quick = await newQuickJSWASMModuleFromVariant(quickJs);
  const runtime = quick.newRuntime({ memoryLimitBytes: limits.memoryMb * 1024 * 1024, maxStackSizeBytes: STACK_BYTES });
  let deadline = Infinity;
  runtime.setInterruptHandler(() => performance.now() > deadline);
  const context = runtime.newContext();
  let closed = false;

  /** Runs within the limits. @throws AtelierError, after closing */
  function within<T>(item: JudgeItem | null, work: () => T | Failure): T {
    if (closed) throw new Error(`The sandbox of ${reward.file} is closed.`);
    deadline = performance.now() + limits.callMs;
    let result: T | Failure;
    try {
      result = work();
    } catch (error) {
      result = { failure: error instanceof RangeError ? 'stack overflow' : String(error), stack: '' };
    }
    if (!isFailure(result)) return result;
    closed = true;
    throw failureOf(reward.file, result, item, limits);
  }

  function run(source: string, file: string): QuickJSHandle {
    return within(null, () => {
      const result = context.evalCode(source, file);
      return result.error === undefined ? result.value : thrown(context, result.error);
    });
  }

  run(PRELUDE, 'prelude').dispose();
  const call = run(CALL, 'call');
  run(code, reward.file).dispose();
  return {
    score: (items) =>
      items.map((item) => {
        const { completion, answer, task } = item;
        return within(item, () => {
          const text = context.newString(JSON.stringify({ completion, sample: { answer, task } }));
          const result = context.callFunction(call, context.undefined, text);
          text.dispose();
          if (result.error !== undefined) return thrown(context, result.error);
          const said = context.getString(result.value);
          result.value.dispose();
          const answered = Answer.safeParse(JSON.parse(said));
          return answered.success ? answered.data : { failure: 'the sandbox was tampered with', stack: '' };
        });
      }),
    // Nothing is taken apart: an interpreter that was ended in the middle cannot be. Its memory goes with its instance.
    close: () => {
      closed = true;
    },
  };
}

function isFailure(result: unknown): result is Failure {
  return typeof result === 'object' && result !== null && 'failure' in result;
}

/** What the interpreter itself threw, as text. */
function thrown(context: QuickJSContext, error: QuickJSHandle): Failure {
  const shape = z.object({ message: z.string(), stack: z.string().default('') });
  const told = shape.safeParse(error.consume((handle): unknown => context.dump(handle)));
  return told.success ? { failure: told.data.message, stack: told.data.stack } : { failure: THREW_NULL, stack: '' };
}

function failureOf(
  file: string,
  { failure, stack }: Failure,
  item: JudgeItem | null,
  limits: SandboxLimits,
): AtelierError {
  const about = item === null ? '' : ` (for the completion ${JSON.stringify(item.completion.slice(0, 80))})`;
  if (failure === THREW_NULL) {
    return rewardError(file, null, `it threw null, or needs more than ${limits.memoryMb} MB of memory${about}`);
  }
  if (failure === 'interrupted') {
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
