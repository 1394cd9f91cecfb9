/** @file Gives memory back that JavaScript has let go of, at the few moments when gigabytes are at stake. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | null = null;

/** Collects garbage now: buffers that weights were read into would otherwise stay until V8 sees a need. */
export function releaseMemory(): void {
  if (collect === null) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}
