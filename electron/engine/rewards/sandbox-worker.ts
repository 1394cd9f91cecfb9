/**
 * @file The sandbox's thread: an interpreter, and its messages with the engine that waits for it. It is text, not a module,
 * so that it is the same under tsx, in tests and in the built program, without an entry of its own in the build. Plain
 * JavaScript, CommonJS.
 *
 * Messages over `port`: `{ id, scripts }` runs scripts in order, the last of which gives the function to call;
 * `{ id, items }` calls it with each text. Answers are `{ id, said }` (texts) or `{ id, said, thrown: { message, stack } }`.
 * After each text the shared counter grows, which wakes the engine.
 */
export const SANDBOX_WORKER_SOURCE = `
'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const { port, core, variant, memoryLimitBytes, maxStackSizeBytes, callMs } = workerData;
const counter = new Int32Array(workerData.counter);

async function start() {
  const quick = await require(core).newQuickJSWASMModuleFromVariant(require(variant).default);
  const runtime = quick.newRuntime({ memoryLimitBytes, maxStackSizeBytes });
  let deadline = Infinity;
  runtime.setInterruptHandler(() => performance.now() > deadline);
  const context = runtime.newContext();
  let call;

  /** Runs one script or call within the limits: its handle, or what it threw. */
  function within(work) {
    deadline = performance.now() + callMs;
    try {
      const result = work();
      if (result.error === undefined) return { handle: result.value };
      const told = result.error.consume((handle) => context.dump(handle));
      const isError = typeof told === 'object' && told !== null && typeof told.message === 'string';
      return { thrown: isError ? { message: told.message, stack: String(told.stack ?? '') } : { message: 'null', stack: '' } };
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
  port.on('message', ({ id, scripts = [], items = [] }) => {
    const said = [];
    for (const { source, file } of scripts) {
      const { handle, thrown } = within(() => context.evalCode(source, file));
      if (thrown !== undefined) return answer({ id, said, thrown });
      call?.dispose();
      call = handle;
      alive();
    }
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
  parentPort.postMessage('ready');
}
start();
`;
