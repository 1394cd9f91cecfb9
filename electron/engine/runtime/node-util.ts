/**
 * @file Gives tfjs-node two functions of Node's that it still calls. Node 23 removed `util.isNullOrUndefined`: without it, the
 * addon loads, and the first kernel with typed inputs fails. `util.isArray` writes a warning into the engine's log.
 */
import { createRequire } from 'node:module';

/** Call before loading tfjs-node. Both functions do what they did in Node 20. */
export function restoreNodeUtil(): void {
  // The module object that packages get from `require`; the one that `import` gives cannot be changed.
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] = (value: unknown): boolean => value === null || value === undefined;
  util['isArray'] = Array.isArray;
}
