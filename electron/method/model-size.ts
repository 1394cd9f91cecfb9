/**
 * @file What counts as a large model, and the consequences. There is one boundary. Below it, a step's matrix products
 * are so short that launching ops and waiting for a second core determine its duration. Above it, arithmetic and memory
 * do.
 */

/** Number of weights from which a model counts as large. */
const LARGE_MODEL_WEIGHTS = 64_000_000;

/** The same in bytes of weight files, whose size is known before anything is read: a large model in bfloat16. */
const LARGE_MODEL_BYTES = 2 * LARGE_MODEL_WEIGHTS;

/** Whether rounding to bfloat16 and long rows are worth their cost. @param weights of the whole model */
export function isLargeModel(weights: number): boolean {
  return weights >= LARGE_MODEL_WEIGHTS;
}

/** Whether decoding justifies a second copy of the layers, laid out for single tokens. @param weights of the copy */
export function fusesWeights(weights: number): boolean {
  return weights <= LARGE_MODEL_WEIGHTS;
}

/**
 * How the engine process uses the CPU cores, decided when the process starts.
 *
 * `lanes`: every product runs on one core, and batches are divided into lanes that run in parallel. Best for small
 * models, whose products take less time than a second core needs to join in.
 * `products`: every product is split across all cores. Best for large models, whose products are long and limited by
 * memory, which lanes would read twice.
 */
export type ThreadUse = 'lanes' | 'products';

/** @param weightBytes of the model's files: how much a product reads decides whether splitting it pays off */
export function threadUseFor(weightBytes: number): ThreadUse {
  return weightBytes < LARGE_MODEL_BYTES ? 'lanes' : 'products';
}
