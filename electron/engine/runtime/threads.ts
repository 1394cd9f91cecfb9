/**
 * @file How TensorFlow uses the processor's cores. It is settled when TensorFlow loads, for the life of the process.
 *
 * `lanes`: every product runs on one core, and batches are divided into lanes that run side by side (training/lanes.ts).
 * Right for small models, whose products are shorter than the wait for a second core.
 * `products`: every product is divided over all cores, TensorFlow's own way. Right for large models, whose products are
 * long, and bound by memory that lanes would read twice.
 */
import { availableParallelism } from 'node:os';

export type ThreadUse = 'lanes' | 'products';

/** From this many bytes of weights on, products are long enough to be divided. */
const LARGE_MODEL_BYTES = 128_000_000;

export function threadUseFor(weightBytes: number): ThreadUse {
  return weightBytes < LARGE_MODEL_BYTES ? 'lanes' : 'products';
}

/** What `ATELIER_THREADS` asks for; lanes otherwise. */
export function threadUse(): ThreadUse {
  return process.env['ATELIER_THREADS'] === 'products' ? 'products' : 'lanes';
}

/** Tells TensorFlow, which reads these when it loads. A person's own settings stand. @returns the number of lanes */
export function applyThreadUse(use: ThreadUse): number {
  const cores = availableParallelism();
  if (use === 'products' || cores === 1) return 1;
  process.env['TF_NUM_INTRAOP_THREADS'] ??= '1';
  process.env['TF_NUM_INTEROP_THREADS'] ??= String(cores);
  return cores;
}
