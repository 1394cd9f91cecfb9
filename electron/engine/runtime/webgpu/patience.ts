/**
 * @file Dawn learns that the GPU has finished by asking, from one turn of Node's loop to the next, which would keep a core busy
 * for as long as the GPU works. Here it asks without a pause for a millisecond, and then once a millisecond.
 */

const EAGER_MS = 1;
const PAUSE_MS = 1;

let since = 0;

/** A call begins: its answer may come at once. */
export function beEager(): void {
  since = performance.now();
}

/** Call once, before Dawn is loaded. */
export function askWithPauses(): void {
  const immediately = globalThis.setImmediate;
  const patient = (callback: (...args: unknown[]) => void, ...args: unknown[]): unknown =>
    isDawns(callback) && performance.now() - since > EAGER_MS
      ? setTimeout(callback, PAUSE_MS, ...args)
      : immediately(callback, ...args);
  globalThis.setImmediate = Object.assign(patient, immediately) as typeof setImmediate;
}

/** Of native code and without a name; bound functions have one. */
function isDawns(callback: unknown): boolean {
  return (
    typeof callback === 'function' &&
    callback.name === '' &&
    Function.prototype.toString.call(callback).includes('[native code]')
  );
}
