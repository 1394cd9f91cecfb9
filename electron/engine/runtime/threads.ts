/**
 * @file Tells TensorFlow how to use the processor's cores (method/model-size.ts says why). It reads these settings when it
 * loads, so they hold for the life of the process.
 */
import { availableParallelism } from 'node:os';
import { THREADS_VARIABLE } from '../../contract/engine/threads.ts';
import type { ThreadUse } from '../../method/model-size.ts';
import { environmentWord } from './environment.ts';

/** What the environment asks for; lanes by default. */
export function threadUse(): ThreadUse {
  return environmentWord(THREADS_VARIABLE) ?? 'lanes';
}

/** Keeps settings that the environment already has. @returns the number of lanes */
export function applyThreadUse(use: ThreadUse): number {
  const cores = availableParallelism();
  if (use === 'products' || cores === 1) return 1;
  process.env['TF_NUM_INTRAOP_THREADS'] ??= '1';
  process.env['TF_NUM_INTEROP_THREADS'] ??= String(cores);
  return cores;
}

/** How many threads TensorFlow divides one op among, by the settings that it has been given. */
export function threadsOfOp(): number {
  const set = Number(process.env['TF_NUM_INTRAOP_THREADS']);
  return Number.isInteger(set) && set > 0 ? set : availableParallelism();
}
