/**
 * @file How the engine's process uses the processor's cores: settled when the process starts, by the size of the model.
 *
 * `lanes`: every product runs on one core, and batches are divided into lanes that run side by side. Right for small
 * models, whose products are shorter than the wait for a second core.
 * `products`: every product is divided over all cores. Right for large models, whose products are long, and bound by
 * memory that lanes would read twice.
 */
export type ThreadUse = 'lanes' | 'products';

/** The environment variable that tells a starting engine. */
export const THREADS_VARIABLE = 'ATELIER_THREADS';

/** From this many bytes of weights on, products are long enough to be divided. */
const LARGE_MODEL_BYTES = 128_000_000;

export function threadUseFor(weightBytes: number): ThreadUse {
  return weightBytes < LARGE_MODEL_BYTES ? 'lanes' : 'products';
}
