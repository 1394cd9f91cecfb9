/**
 * @file Chooses how frozen weights are kept. bfloat16 halves their memory and, on processors with such instructions,
 * doubles the speed of products with many rows and quadruples it with few (`npm run bench` measures both); what is
 * trained, and everything that is summed or normalised, stays float32.
 */
import type { LoadedModel, Shapes } from './loaded-model.ts';
import { sizeOf, type VariableSpec } from '../runtime/program.ts';

export type Precision = 'float32' | 'bfloat16';

/** Below this many weights the products are too small to be worth rounding: the launch of each op decides. */
const SMALLEST_LARGE_MODEL = 64_000_000;

/** Whether a model's products are long enough to decide what a step costs. */
export function isLarge(model: LoadedModel): boolean {
  return Object.values(model.shapes).reduce((sum, shape) => sum + sizeOf(shape), 0) >= SMALLEST_LARGE_MODEL;
}

/**
 * bfloat16 for a large model whose files hold bfloat16 already (so that no weight is rounded) and whose weights are
 * not trained themselves, where the runtime has such products; else float32.
 */
export function choosePrecision(model: LoadedModel, trainable: readonly string[], native: boolean): Precision {
  const frozen = trainable.every((name) => !(name in model.shapes));
  return native && frozen && model.storedAsBfloat16 && isLarge(model) ? 'bfloat16' : 'float32';
}

/** Only matrices are kept in bfloat16: norms and biases are small, and added in float32. */
export function storageOf(shapes: Shapes, precision: Precision): Record<string, VariableSpec> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      { shape, dtype: precision === 'bfloat16' && shape.length > 1 ? 'bfloat16' : 'float32' },
    ]),
  );
}
