/**
 * @file The program of the sandbox's worker, as text: it runs in a thread of its own and imports nothing of ours,
 * so it needs no file of its own in a build. A person's code runs in a fresh context that holds the language and
 * nothing else; only text goes in and comes out, so no object of the worker can be reached from there.
 *
 * Talk: `{ id, code, file, timeoutMs }` first, then `{ id, items }` (JSON text); answers are `{ id, scores }` or
 * `{ id, failure, row }`. After each completion and each answer the shared counter grows, which wakes the engine.
 */

/** Globals that would make a reward depend on time, chance or memory outside of the heap's limit. */
const REMOVED = [
  'ArrayBuffer',
  'SharedArrayBuffer',
  'Atomics',
  'DataView',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'WebAssembly',
  'WeakRef',
  'FinalizationRegistry',
  'Date',
  'console',
  'eval',
  'Function',
  'Promise',
  'escape',
  'unescape',
];

/** Runs inside of the context, before the person's code. */
const PRELUDE = `
  'use strict';
  delete Math.random;
  for (const name of ${JSON.stringify(REMOVED)}) delete globalThis[name];
  // Stack traces must not hand out functions of the worker.
  Object.defineProperty(Error, 'prepareStackTrace', { value: undefined, writable: false, configurable: false });
  Error.stackTraceLimit = 10;
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    const value = globalThis[name];
    if (name === 'globalThis' || (typeof value !== 'object' && typeof value !== 'function') || value === null) continue;
    if (typeof value === 'function' && value.prototype) Object.freeze(value.prototype);
    Object.freeze(value);
  }
  globalThis.exports = {};
  globalThis.module = { exports: globalThis.exports };
`;

/** Called for each completion; gives JSON text whatever happens. */
const CALL = `
  (() => {
    'use strict';
    const stringify = JSON.stringify;
    const parse = JSON.parse;
    return (text) => {
      try {
        const own = module.exports.score ?? module.exports.default ?? exports.score ?? exports.default;
        if (typeof own !== 'function') return stringify({ failure: 'it exports no function named score', stack: '' });
        const { completion, sample } = parse(text);
        const value = own(completion, Object.freeze(sample));
        if (value === null) return 'null';
        if (typeof value === 'number' && value - value === 0) return stringify(value);
        const what = typeof value === 'object' ? 'an object' : typeof value === 'number' ? 'no finite number' : typeof value;
        return stringify({ failure: 'score gave ' + what + ' where a number or null is expected', stack: '' });
      } catch (error) {
        let message = 'it threw something that is no error';
        let stack = '';
        try { message = '' + error.message; stack = '' + error.stack; } catch {}
        return stringify({ failure: message.slice(0, 500), stack: stack.slice(0, 4000) });
      }
    };
  })()
`;

export const SANDBOX_PROGRAM = `
  'use strict';
  const { workerData } = require('node:worker_threads');
  const parentPort = workerData.port;
  const vm = require('node:vm');
  const { Script, createContext } = vm;
  const counter = new Int32Array(workerData.counter);
  const { notify, add } = Atomics;
  const { stringify, parse } = JSON;
  // Should the context ever be left, nothing useful is found outside.
  for (const name of ['process', 'require', 'module', 'exports', 'fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'navigator', 'WebAssembly', '__filename', '__dirname']) {
    try { delete globalThis[name]; } catch {}
  }
  const context = createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false }, microtaskMode: 'afterEvaluate' });
  let timeoutMs = 1000;

  function answer(message) {
    parentPort.postMessage(message);
    add(counter, 0, 1);
    notify(counter, 0);
  }
  function failureOf(error) {
    // Only text of it is read, and only here: errors of the vm itself.
    return { failure: '' + (error && error.message), stack: '' + (error && error.stack), late: !!error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' };
  }
  parentPort.on('message', (message) => {
    if (message.code !== undefined) {
      timeoutMs = message.timeoutMs;
      try {
        new Script(${JSON.stringify(PRELUDE)}, { filename: 'prelude' }).runInContext(context);
        new Script(message.code, { filename: message.file }).runInContext(context, { timeout: timeoutMs });
        const call = new Script(${JSON.stringify(CALL)}, { filename: 'call' }).runInContext(context);
        // Later it is reached by name and run inside, never called from out here.
        Object.defineProperty(context, '__call', { value: call, writable: false, configurable: false, enumerable: false });
        answer({ id: message.id, scores: [] });
      } catch (error) {
        answer({ id: message.id, failure: failureOf(error), row: -1 });
      }
      return;
    }
    const scores = [];
    const items = parse(message.items);
    const run = new Script('__call(__item)', { filename: 'call' });
    for (let row = 0; row < items.length; row++) {
      try {
        context.__item = stringify(items[row]);
        const said = run.runInContext(context, { timeout: timeoutMs });
        const value = parse(typeof said === 'string' ? said : '{"failure":"the sandbox was tampered with","stack":""}');
        if (value !== null && typeof value !== 'number') {
          answer({ id: message.id, failure: value, row });
          return;
        }
        scores.push(value);
        // A sign of life for each completion: who waits can tell slow from dead.
        add(counter, 0, 1);
        notify(counter, 0);
      } catch (error) {
        answer({ id: message.id, failure: failureOf(error), row });
        return;
      }
    }
    answer({ id: message.id, scores });
  });
`;
