/** @file Frees memory that JavaScript no longer uses, at the few moments when it amounts to gigabytes. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | null = null;

/** Collects garbage now. Otherwise the buffers that weights were read into would stay until V8 needs the space. */
export function releaseMemory(): void {
  if (collect === null) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}
