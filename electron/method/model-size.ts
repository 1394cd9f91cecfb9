/**
 * @file What counts as a large model, and what follows from it. There is one boundary. Below it, the products of a step are
 * so short that launching ops and waiting for a second core decide how long it takes. Above it, arithmetic and memory do.
 */

/** Weights from which a model is large. */
const LARGE_MODEL_WEIGHTS = 64_000_000;

/** The same in bytes of weight files, which are known before anything is read: a large model in bfloat16. */
const LARGE_MODEL_BYTES = 2 * LARGE_MODEL_WEIGHTS;

/** Whether rounding to bfloat16 and long rows are worth their cost. @param weights of the whole model */
export function isLargeModel(weights: number): boolean {
  return weights >= LARGE_MODEL_WEIGHTS;
}

/** Whether decoding is worth a second copy of the layers, laid out for single tokens. @param weights of the copy */
export function fusesWeights(weights: number): boolean {
  return weights <= LARGE_MODEL_WEIGHTS;
}

/**
 * How the engine's process uses the processor's cores, decided when the process starts.
 *
 * `lanes`: every product runs on one core, and batches are divided into lanes that run side by side. Right for small
 * models, whose products take less time than a second core needs to join in.
 * `products`: every product is divided over all cores. Right for large models, whose products are long, and limited by
 * memory that lanes would read twice.
 */
export type ThreadUse = 'lanes' | 'products';

/** @param weightBytes of the model's files: what a product reads decides whether it is worth dividing */
export function threadUseFor(weightBytes: number): ThreadUse {
  return weightBytes < LARGE_MODEL_BYTES ? 'lanes' : 'products';
}
