/**
 * @file The sandbox's thread: an interpreter, and its messages with the engine that waits for it. It is text, not a module,
 * so that it is the same under tsx, in tests and in the built program, without an entry of its own in the build. Plain
 * JavaScript, CommonJS. As text, it can import nothing of ours: `cpuMs` and `ownTask` repeat formats/thread-time.ts, for
 * the thread itself.
 *
 * Messages over `port`: `{ id, scripts }` runs scripts in order, the last of which gives the function to call, and keeps
 * them; `{ id, items }` runs them again in a fresh context and calls it with each text, so that no call depends on what
 * the calls before left behind. Answers are `{ id, said }` (texts) or `{ id, said, thrown: { message, stack } }`.
 * After each text the shared counter grows, which wakes the engine.
 */

/** Longest message or stack of an error that is shown. */
const MOST_CHARACTERS = 20_000;

export const SANDBOX_WORKER_SOURCE = `
'use strict';
const { readFileSync, readlinkSync } = require('node:fs');
const { parentPort, workerData } = require('node:worker_threads');
const { port, core, variant, memoryLimitBytes, maxStackSizeBytes, callMs, waitingFactor } = workerData;
const counter = new Int32Array(workerData.counter);

// The interpreter counts what is in use, but the memory below it also grows with the gaps in between. All of it together
// stays within the limit: where it may not grow, an allocation fails inside.
const mostPages = Math.ceil(memoryLimitBytes / 65536);
const grow = WebAssembly.Memory.prototype.grow;
WebAssembly.Memory.prototype.grow = function (pages) {
  if (this.buffer.byteLength / 65536 + pages > mostPages) throw new RangeError('The limit of memory is reached.');
  return grow.call(this, pages);
};

/** Processor time of this thread; the clock's where the system does not say (Linux does). */
function cpuMs() {
  try {
    const stat = readFileSync('/proc/thread-self/stat', 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return performance.now();
  }
}

/** The number by which the system knows this thread, or null. */
function ownTask() {
  try {
    return Number(/\\/task\\/(\\d+)$/.exec(readlinkSync('/proc/thread-self'))[1]);
  } catch {
    return null;
  }
}

async function start() {
  const quick = await require(core).newQuickJSWASMModuleFromVariant(require(variant).default);
  const runtime = quick.newRuntime({ memoryLimitBytes, maxStackSizeBytes });
  let begun = { wall: Infinity, cpu: Infinity };
  // As in electron/formats/thread-time.ts: processor time counts, so that a busy machine does not make a call too long.
  runtime.setInterruptHandler(() => {
    const wall = performance.now() - begun.wall;
    return wall > callMs && (wall > waitingFactor * callMs || cpuMs() - begun.cpu > callMs);
  });
  let context;
  let call;
  let kept = [];

  /** Message and stack of an error. Nothing else of what was thrown is copied: it may stand for any amount of memory. */
  function told(error) {
    const message = text(error, 'message');
    return message === null ? { message: 'null', stack: '' } : { message, stack: text(error, 'stack') ?? '' };
  }
  /** A text of a thrown object, or null if it is not one; a long one is left out. */
  function text(error, name) {
    if (context.typeof(error) !== 'object') return null;
    return context.getProp(error, name).consume((found) => {
      if (context.typeof(found) !== 'string') return null;
      const length = context.getProp(found, 'length').consume((handle) => context.getNumber(handle));
      return length > ${MOST_CHARACTERS} ? 'it threw an error with a message that is too long' : context.getString(found);
    });
  }
  /** Runs one script or call within the limits: its handle, or what it threw. */
  function within(work) {
    begun = { wall: performance.now(), cpu: cpuMs() };
    try {
      const result = work();
      if (result.error === undefined) return { handle: result.value };
      return { thrown: result.error.consume(told) };
    } catch (error) {
      return { thrown: { message: error instanceof RangeError ? 'stack overflow' : String(error), stack: '' } };
    }
  }
  function alive() {
    Atomics.add(counter, 0, 1);
    Atomics.notify(counter, 0);
  }
  function answer(message) {
    port.postMessage(message);
    alive();
  }
  /** Runs the scripts in a fresh context: what one of them threw, or undefined. */
  function load() {
    call?.dispose();
    call = undefined;
    context?.dispose();
    context = runtime.newContext();
    for (const { source, file } of kept) {
      const { handle, thrown } = within(() => context.evalCode(source, file));
      if (thrown !== undefined) return thrown;
      call?.dispose();
      call = handle;
    }
    return undefined;
  }
  port.on('message', ({ id, scripts, items = [] }) => {
    const said = [];
    kept = scripts ?? kept;
    const failed = load();
    if (failed !== undefined) return answer({ id, said, thrown: failed });
    for (const item of items) {
      const { handle, thrown } = within(() => {
        const text = context.newString(item);
        const result = context.callFunction(call, context.undefined, text);
        text.dispose();
        return result;
      });
      if (thrown !== undefined) return answer({ id, said, thrown });
      said.push(context.getString(handle));
      handle.dispose();
      alive();
    }
    answer({ id, said });
  });
  parentPort.postMessage({ task: ownTask() });
}
start();
`;
