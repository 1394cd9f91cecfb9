/**
 * @file What runs inside the sandbox around a custom reward, as text. Only text goes in and comes out, so no object of the
 * host can be reached from there.
 */

/** Globals that would make a reward depend on time or randomness, or that a pure function has no use for. */
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
  'Float16Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'WeakRef',
  'FinalizationRegistry',
  'Date',
  'eval',
  'Function',
  'Promise',
  'queueMicrotask',
  'performance',
  'escape',
  'unescape',
];

/** Runs first. */
export const PRELUDE = `
  'use strict';
  delete Math.random;
  for (const name of ${JSON.stringify(REMOVED)}) delete globalThis[name];
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    const value = globalThis[name];
    if (name === 'globalThis' || (typeof value !== 'object' && typeof value !== 'function') || value === null) continue;
    if (typeof value === 'function' && value.prototype) Object.freeze(value.prototype);
    Object.freeze(value);
  }
  globalThis.exports = {};
  globalThis.module = { exports: globalThis.exports };
`;

/** If memory runs out, the interpreter has none left for an error and throws null. */
export const THREW_NULL = 'null';

/** Evaluates to the function that is called for each completion. It always answers with JSON text. */
export const CALL = `
  (() => {
    'use strict';
    const { stringify, parse } = JSON;
    const { freeze } = Object;
    return (text) => {
      try {
        const own = module.exports.score ?? module.exports.default ?? exports.score ?? exports.default;
        if (typeof own !== 'function') return stringify({ failure: 'it exports no function named score', stack: '' });
        const { completion, sample } = parse(text);
        const value = own(completion, freeze(sample));
        if (value === null) return 'null';
        if (typeof value === 'number' && value >= 0 && value <= 1) return stringify(value);
        if (typeof value === 'number' && value - value === 0)
          return stringify({ failure: 'score gave ' + value + ' where a number from 0 to 1 or null is expected', stack: '' });
        const what = typeof value === 'object' ? 'an object' : typeof value === 'number' ? 'no finite number' : typeof value;
        return stringify({ failure: 'score gave ' + what + ' where a number or null is expected', stack: '' });
      } catch (error) {
        if (error === null) return stringify({ failure: '${THREW_NULL}', stack: '' });
        let message = 'it threw something that is not an error';
        let stack = '';
        try {
          if (error.message !== undefined) message = '' + error.message;
          stack = '' + error.stack;
        } catch {}
        return stringify({ failure: message.slice(0, 500), stack: stack.slice(0, 4000) });
      }
    };
  })()
`;
